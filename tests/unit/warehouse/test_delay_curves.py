"""Delay curves: Kaplan-Meier by hand and against lifelines, as of any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from tests.unit.warehouse.answers_and_events import answer, answer_many, buy_many, follow
from warehouse.delays import delay_curves, learn_delays
from warehouse.served import stage_outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.unit.warehouse.conftest import Rows, Shop

DAY = date(2024, 3, 15)
MIDNIGHT = datetime(2024, 3, 16, tzinfo=UTC)
MINUTE, HOUR = 60, 3600
COLUMNS = "event_type, delay, n_at_risk, n_events, round(survival, 9), round(variance, 9)"


def _before(**span: float) -> datetime:
    return MIDNIGHT - timedelta(**span)


def _curves(shop: Shop, as_of: date = DAY) -> Rows:
    learn_delays(shop.connection, "recommend", as_of)
    return shop.rows(f"delay_curves where as_of = '{as_of}'", COLUMNS)


@pytest.fixture
def clicked(shop: Shop) -> Shop:
    """Requests 10 to 50 minutes before midnight; of three of them something came."""
    answer(shop, *(_before(minutes=minutes) for minutes in (10, 20, 30, 40, 50)))
    follow(
        shop,
        (0, "click", _before(minutes=5)),  # after 5 minutes
        (2, "click", _before(minutes=15)),  # after 15
        (2, "click", _before(minutes=12)),  # a second one
        (4, "click", _before(minutes=5)),  # after 45
    )
    return shop


def test_a_curve_worked_by_hand(clicked: Shop) -> None:
    variance = 1 / (5 * 4) + 1 / (4 * 3)
    assert _curves(clicked) == [
        ("click", 5 * MINUTE, 5, 1, 4 / 5, pytest.approx(1 / (5 * 4))),
        ("click", 15 * MINUTE, 4, 1, 3 / 5, pytest.approx(variance)),
        # After 20 and after 40 minutes one request is not observed any more.
        ("click", 45 * MINUTE, 1, 1, 0, pytest.approx(variance)),
    ]


def test_a_request_is_observed_no_longer_than_its_window(clicked: Shop) -> None:
    answer(clicked, _before(days=3), _before(days=3), first=5)
    follow(clicked, (5, "click", _before(days=1)))  # two days later: no outcome
    found = _curves(clicked)
    assert [row[:4] for row in found] == [
        ("click", 5 * MINUTE, 7, 1),
        ("click", 15 * MINUTE, 6, 1),
        ("click", 45 * MINUTE, 3, 1),
        ("click", 24 * HOUR, 2, 0),
    ]
    assert found[-1][4] == pytest.approx(6 / 7 * 5 / 6 * 2 / 3)


def test_an_event_in_the_step_that_the_request_is_in_yet_is_not_known_yet(shop: Shop) -> None:
    """Who is observed for half a step can't be held against those observed for all of it."""
    answer(shop, _before(hours=30, minutes=30), _before(hours=40))
    follow(shop, (0, "purchase", _before(minutes=10)), (1, "purchase", _before(hours=11)))
    assert [row[:4] for row in _curves(shop)] == [
        ("purchase", 29 * HOUR, 2, 1),
        ("purchase", 30 * HOUR, 1, 0),
    ]


def test_an_event_at_the_moment_of_its_request_comes_within_the_first_minute(shop: Shop) -> None:
    answer(shop, _before(hours=1))
    follow(shop, (0, "purchase", _before(hours=1)))
    assert [row[:4] for row in _curves(shop)] == [("purchase", MINUTE, 1, 1)]


@pytest.mark.parametrize(
    "nobody",
    [{"pinned": True}, {"error": "broken"}, {"client_gone": True}, {"shadow_of": "r0"}],
)
def test_what_nobody_was_shown_and_tests_are_no_subjects(
    clicked: Shop, nobody: dict[str, object]
) -> None:
    before = _curves(clicked)
    answer(clicked, _before(hours=2), first=9, **nobody)
    answer(clicked, _before(hours=2), first=10, scenario="search")
    answer(clicked, _before(days=56, minutes=1), first=11)
    answer(clicked, _before(days=-0.5), first=12)
    assert _curves(clicked) == before


def test_a_past_days_curves_are_those_of_then(clicked: Shop) -> None:
    yesterday = DAY - timedelta(days=1)
    answer(clicked, _before(days=1, hours=1), _before(days=1, hours=2), first=5)
    follow(clicked, (5, "click", _before(days=1, minutes=30)))
    then = _curves(clicked, yesterday)
    assert len(then) == 2
    follow(clicked, (6, "click", _before(hours=10)))
    answer(clicked, _before(minutes=5), first=9)
    assert _curves(clicked, DAY) != then
    assert _curves(clicked, yesterday) == then
    assert _curves(clicked, yesterday) == then


def test_without_events_there_are_no_curves_and_of_a_type_never_seen_there_is_none(
    shop: Shop, clicked: Shop
) -> None:
    assert set(delay_curves(shop.connection, "recommend", DAY)) == set()
    _curves(clicked)
    assert set(delay_curves(clicked.connection, "recommend", DAY)) == {"click"}
    clicked.connection.execute("delete from outcomes")
    assert _curves(clicked) == []


def _stepped(
    seconds: NDArray[np.float64], round_: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    return np.where(
        seconds < 24 * HOUR, round_(seconds / MINUTE) * MINUTE, round_(seconds / HOUR) * HOUR
    )


@pytest.mark.parametrize(
    ("event_type", "median_hours", "window_days"),
    [("click", 0.02, 1), ("purchase", 20, 7), ("return", 400, 28)],
)
def test_curves_equal_those_of_lifelines(
    shop: Shop, event_type: str, median_hours: float, window_days: int
) -> None:
    """To 1e-9 on the same steps; and to a small part of a standard error on whole seconds."""
    rng = np.random.default_rng(5)
    n, window = 4000, window_days * 24.0 * HOUR
    ages = np.floor(rng.uniform(1, 50 * 24 * HOUR, n))
    delays = np.ceil(rng.lognormal(np.log(median_hours * HOUR), 1, n))
    comes = rng.random(n) < 0.3
    at = np.datetime64("2024-03-16T00:00:00") - ages.astype("timedelta64[s]")
    names = [f"r{i}" for i in range(n)]
    answer_many(shop, names, at)
    known = comes & (delays < ages)
    followed = [name for name, came in zip(names, known, strict=True) if came]
    moments = at[known] + delays[known].astype("timedelta64[s]")
    buy_many(shop, followed, moments, ["p1"] * len(followed), event_type)
    for back in range(51):
        stage_outcomes(shop.connection, "recommend", DAY - timedelta(days=back))
    learn_delays(shop.connection, "recommend", DAY)

    observed = np.minimum(_stepped(ages, np.floor), window)
    stepped = np.maximum(_stepped(delays, np.ceil), MINUTE)
    theirs = KaplanMeierFitter().fit(
        np.where(comes & (stepped <= observed), stepped, observed), comes & (stepped <= observed)
    )
    ours = delay_curves(shop.connection, "recommend", DAY)[event_type]
    rows = shop.rows("delay_curves", "delay, n_at_risk, n_events")
    table = theirs.event_table.loc[ours.delays]
    assert [row[1:] for row in rows] == list(zip(table["at_risk"], table["observed"], strict=True))
    assert ours.delays[-1] == window
    assert len(ours.delays) == len({*table.index[table["observed"] > 0], window})
    assert ours.survival == pytest.approx(theirs.predict(ours.delays).to_numpy(), abs=1e-9)
    assert ours.variance == pytest.approx(
        theirs._cumulative_sq_.loc[ours.delays].to_numpy(), abs=1e-9
    )

    exact = KaplanMeierFitter().fit(
        np.minimum(np.where(comes, delays, np.inf), np.minimum(ages, window)),
        comes & (delays <= np.minimum(ages, window)),
    )
    error = ours.survival * np.sqrt(ours.variance)
    assert np.all(np.abs(ours.survival - exact.predict(ours.delays)) <= 0.3 * error + 1e-9)
