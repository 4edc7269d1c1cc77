"""Nights over drawn days: what is found without drift, and of drifts of known effect."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from tests.simulation.distributions import (
    SCENARIO,
    START,
    History,
    Nights,
    measure,
    warehouse,
)
from warehouse.drift import measure_drift

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from warehouse.connection import Connection

FEW = {"store": 6, "country": 4, "hour": 24, "quantity": 5}


def values(connection: Connection, night: int, column: str) -> dict[str, float]:
    rows = connection.execute(
        f"select subject, {column} from drift_values where day = $1 and reference = 'weeks'",
        [START + timedelta(days=night)],
    ).fetchall()
    return dict(rows)


def test_the_warehouse_finds_what_numpy_finds() -> None:
    """Over sixty nights, on six of which the stores change."""

    def change(night: int, subject: str) -> float | NDArray[np.float64]:
        return np.arange(6) / 5 if subject == "store" and 45 <= night < 51 else 0.0

    history, connection = History(4, FEW, requests=3000, change=change), warehouse()
    measure(connection, history, 60)
    nights = Nights(history).go_through(60)
    for night in range(60):
        for column, found in (("p_value", nights.p_values), ("q_value", nights.q_values)):
            stored = values(connection, night, column)
            expected = dict(zip(FEW, found[night], strict=True))
            for subject in FEW:
                known = stored.get(subject)
                if known is None:
                    assert np.isnan(expected[subject]), (night, subject)
                else:
                    assert known == pytest.approx(expected[subject], rel=1e-6), (night, subject)
        drifted = values(connection, night, "drifted")
        assert [drifted.get(subject, False) for subject in FEW] == nights.drifted[night].tolist()
    assert nights.drifted[45][0]


def test_without_drift_the_false_discovery_rate_holds() -> None:
    """Whatever is discovered is false: so in at most a twentieth of the nights is anything.

    Over 400 nights of six histories; docs/drift.md has 10,000 of each.
    """
    false = [
        (np.array(Nights(History(seed, FEW)).go_through(140).q_values)[70:] <= 0.05).any(axis=1)
        for seed in range(6)
    ]
    assert np.mean(false) <= 0.05


def planted(spread: dict[str, float]) -> tuple[Connection, History]:
    """Forty nights, and one on which subjects move towards what is worth more or less."""
    history = History(9, dict.fromkeys(spread, 8), requests=50_000, daily=0.02)
    worth = history.worth

    def change(night: int, subject: str) -> float | NDArray[np.float64]:
        return spread[subject] * np.log(worth[subject]) if night == 40 else 0.0

    moved = History(9, history.n_bins, requests=50_000, daily=0.02, change=change)
    connection = warehouse()
    measure(connection, moved, 41)
    return connection, moved


def test_planted_drifts_come_out_in_the_order_of_their_effect() -> None:
    """The effect is that on the gain of clicks: shares then and now times what bins are worth."""
    spread = {"store": 0.05, "hour": -0.4, "country": 0.8, "price": -1.6, "device": 0.2}
    connection, history = planted(spread)
    found = values(connection, 40, "effect")
    *before, today = history.days(41)
    true = {}
    for subject, worth in history.worth.items():
        same_weekday = [before[40 - 7 * week][subject] for week in range(1, 5)]
        then, now = np.sum(same_weekday, axis=0), today[subject]
        true[subject] = now @ worth / now.sum() / (then @ worth / then.sum()) - 1
        assert found[subject] == pytest.approx(true[subject], abs=1e-9)
    rows = connection.execute(
        """
        select subject from drift_values where day = $1 order by abs(effect) desc
        """,
        [START + timedelta(days=40)],
    ).fetchall()
    assert [subject for (subject,) in rows] == sorted(true, key=lambda each: -abs(true[each]))
    assert abs(true["price"]) > abs(true["country"]) > abs(true["store"])
    drifted = values(connection, 40, "drifted")
    assert drifted["price"]
    assert drifted["country"]


def test_a_night_again_leaves_the_same_rows() -> None:
    connection = warehouse()
    measure(connection, History(2, FEW, requests=500), 30)
    before = connection.execute("from drift_values order by all").fetchall()
    for night in (20, 29, 25):
        measure_drift(connection, SCENARIO, START + timedelta(days=night))
    assert connection.execute("from drift_values order by all").fetchall() == before


def test_subjects_are_held_against_the_models_training_window_too() -> None:
    connection = warehouse()
    connection.execute(
        "insert into models values ('search:a', $1, $2, '{}', '{}')",
        [SCENARIO, START + timedelta(days=30)],
    )

    def change(night: int, subject: str) -> float | NDArray[np.float64]:
        return np.arange(6) / 5 if subject == "store" and night >= 30 else 0.0

    connection.execute(
        """
        insert into drift_partials by name
        select
            $1 as scenario, $2::date + day::integer as served_date, 'search:a' as model_tag,
            'degraded' as subject, 'no' as "value", 1000 as n, 10 as gain
        from range(75) as days(day)
        """,
        [SCENARIO, START],
    )
    measure(connection, History(3, FEW, change=change), 75)
    rows = connection.execute(
        """
        select subject, reference, drifted
        from drift_values
        where day = $1 and subject in ('store', 'country', 'degraded')
        order by all
        """,
        [START + timedelta(days=74)],
    ).fetchall()
    assert rows == [
        ("country", "training", False),
        ("country", "weeks", False),
        ("degraded", "weeks", False),
        ("store", "training", True),  # for good
        ("store", "weeks", False),  # it has been so for four weeks
    ]


def test_of_what_drifted_both_distributions_are_kept() -> None:
    """From which the distance that was found comes again; a night again leaves the same rows."""

    def change(night: int, subject: str) -> float | NDArray[np.float64]:
        return np.arange(6) / 5 if subject == "store" and night >= 45 else 0.0

    connection = warehouse()
    measure(connection, History(3, FEW, change=change), 47)
    rows = connection.execute("from drift_distributions order by all").fetchall()
    found = connection.execute(
        """
        select
            day, subject, any_value(drift_values.n), any_value(drift_values.n_reference),
            any_value(jensen_shannon),
            list(counts.n order by "value", bin), list(counts.n_reference order by "value", bin)
        from drift_values
        left join drift_distributions as counts
            using (scenario, day, model_tag, subject, reference)
        where drifted
        group by day, subject
        """
    ).fetchall()
    assert "store" in {subject for _, subject, *_ in found}
    for _, _, n, n_reference, distance, now, then in found:
        assert (sum(now), sum(then)) == (n, n_reference)
        assert jensenshannon(now, then, base=2) == pytest.approx(distance, abs=1e-9)
    kept = {day for day, *_ in found}
    assert {row[1] for row in rows} == kept
    measure_drift(connection, SCENARIO, START + timedelta(days=46))
    assert connection.execute("from drift_distributions order by all").fetchall() == rows


def test_the_first_night_is_compared_with_nothing() -> None:
    connection = warehouse()
    measure(connection, History(2, FEW, requests=500), 1)
    assert connection.table("drift_values").fetchall() == []
