"""Scores against clicks: as they are where they are probabilities, else as earlier days say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from tests.unit.warehouse.clicked_answers import DAY, later
from warehouse.calibration import calibrate, measure_calibration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.unit.warehouse.conftest import Shop

LOGITS, PROBABILITIES = "recommend:logits", "recommend:probabilities"
A_WEEK = range(-7, 0)


@dataclass(frozen=True)
class Shown:
    """Products of a score at a rank, and how many of them were clicked."""

    score: float
    n: int
    clicks: int
    rank: int = 1


LOW, LOW_BELOW, HIGH = Shown(-2, 100, 10), Shown(-2, 100, 5, rank=2), Shown(3, 100, 30)
USUAL = (LOW, LOW_BELOW, HIGH)  # a tenth of the looks at low scores, three at high ones
TODAY = (replace(LOW, clicks=20), replace(LOW_BELOW, clicks=4), replace(HIGH, clicks=25))


def _look(shop: Shop, probabilities: Mapping[int, float]) -> None:
    """What is known of ranks at the day's end."""
    shop.add(
        "examination",
        *(
            {"scenario": "recommend", "as_of": DAY, "rank": rank, "probability": probability}
            | {"standard_error": 0.0, "n": 1}
            for rank, probability in probabilities.items()
        ),
    )


def _show(
    shop: Shop, days: Iterable[int], shown: Iterable[Shown], model: str = LOGITS, **values: Any
) -> None:
    shop.add(
        "click_partials",
        *(
            {"scenario": "recommend", "served_date": later(day), "model_tag": model}
            | {"variant": "champion", "scored_by": model, "rank": each.rank}
            | {"score_bin": _bin(shop, each.score)[1], "n_shown": each.n}
            | {"n_clicked": each.clicks, "as_of": later(day + 1)}
            | values
            for day in days
            for each in shown
        ),
    )


def _bin(shop: Shop, score: float) -> tuple[float, int]:
    """The middle of the bin of a score, and its number."""
    middle, number = shop.connection.execute(
        "select score_of_bin(score_bin($1)), score_bin($1)", [score]
    ).fetchall()[0]
    return middle, number


def _measured(shop: Shop) -> dict[str, float]:
    measure_calibration(shop.connection, "recommend", later(1))
    return dict(shop.rows("metric_values", "metric, value"))


def _calibrated(shop: Shop) -> list[float | None]:
    return [calibrated for _, calibrated in shop.rows("reliability", "bin, calibrated")]


def _brier(promised: Iterable[tuple[float, Shown]]) -> float:
    pairs = list(promised)
    lost = sum(s.clicks * (1 - p) ** 2 + (s.n - s.clicks) * p**2 for p, s in pairs)
    return lost / sum(s.n for _, s in pairs)


def test_scores_that_are_probabilities_promise_themselves(shop: Shop) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    low, high = _bin(shop, 0.2)[0], _bin(shop, 0.6)[0]
    shown = (Shown(0.2, 100, 30), Shown(0.2, 200, 20, rank=2), Shown(0.6, 100, 60))
    _show(shop, A_WEEK, USUAL[1:2], model="recommend:another")
    _show(shop, [*A_WEEK, 0], shown, PROBABILITIES)
    values = _measured(shop)
    columns = "bin, n, n_looked_at, predicted, observed, standard_error, calibrated"
    assert shop.rows("reliability", columns) == [
        (4, 300, 200, pytest.approx(low), 50 / 200, pytest.approx(50**0.5 / 200), None),
        (9, 100, 100, pytest.approx(high), 60 / 100, pytest.approx(60**0.5 / 100), None),
    ]
    ece = (200 * abs(low - 0.25) + 100 * abs(high - 0.6)) / 300
    brier = _brier(zip((low, low / 2, high), shown, strict=True))
    assert values == {"click_ece": pytest.approx(ece), "click_brier": pytest.approx(brier)}


def test_scores_that_are_no_probabilities_promise_what_earlier_days_came_to(shop: Shop) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    _show(shop, A_WEEK, USUAL)
    _show(shop, [0], TODAY)
    values = _measured(shop)
    assert shop.rows("reliability", "bin, n_looked_at, predicted, observed, calibrated") == [
        (4, 150, pytest.approx(-2, rel=0.025), 24 / 150, pytest.approx(0.1)),
        (9, 100, pytest.approx(3, rel=0.025), 0.25, pytest.approx(0.3)),
    ]
    ece = (abs(24 - 15) + abs(25 - 30)) / 250
    brier = _brier(zip((0.1, 0.05, 0.3), TODAY, strict=True))
    assert values == {
        "calibrated_click_ece": pytest.approx(ece),
        "calibrated_click_brier": pytest.approx(brier),
    }
    errors = shop.rows("metric_values", "metric, standard_error, n")
    of_squares = sum(
        s.clicks * (1 - p) ** 4 + (s.n - s.clicks) * p**4
        for p, s in zip((0.1, 0.05, 0.3), TODAY, strict=True)
    )
    assert errors == [
        (
            "calibrated_click_brier",
            pytest.approx(((of_squares / 300 - brier**2) / 300) ** 0.5),
            300,
        ),
        ("calibrated_click_ece", pytest.approx((24 + 25) ** 0.5 / 250), 300),
    ]


def test_calibrated_scores_are_as_far_off_as_scikit_learn_says(shop: Shop) -> None:
    _look(shop, {1: 1.0})
    before, now = range(2, 22, 2), (1, 6, 5, 9, 8, 17, 14, 11, 19, 25)
    _show(shop, A_WEEK, [Shown(score, 100, n) for score, n in enumerate(before, start=-5)])
    _show(shop, [0], [Shown(score, 100, n) for score, n in enumerate(now, start=-5)])
    values = _measured(shop)
    promised = np.repeat(np.array(before) / 100, 100)
    clicked = np.concatenate([np.arange(100) < n for n in now])
    came, mean = calibration_curve(clicked, promised, n_bins=10, strategy="quantile")
    curve = shop.rows("reliability", "observed, calibrated")
    assert sorted(curve) == [
        (pytest.approx(y), pytest.approx(p)) for y, p in sorted(zip(came, mean, strict=True))
    ]
    brier = brier_score_loss(clicked, promised)
    assert values["calibrated_click_ece"] == pytest.approx(np.abs(came - mean).mean(), abs=1e-12)
    assert values["calibrated_click_brier"] == pytest.approx(brier, abs=1e-12)


def test_a_model_is_promised_nothing_before_seven_of_its_days_have_closed(shop: Shop) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    _show(shop, A_WEEK[1:], USUAL)
    _show(shop, A_WEEK, USUAL, model="recommend:another")
    _show(shop, [0], TODAY)
    assert _measured(shop) == {}
    assert _calibrated(shop) == [None, None]
    _show(shop, [-29], USUAL)  # too long ago to be known
    assert _measured(shop) == {}
    _show(shop, [-28], USUAL)
    assert set(_measured(shop)) == {"calibrated_click_ece", "calibrated_click_brier"}


def test_a_day_before_whose_clicks_were_not_counted_to_their_end_is_not_learnt_from(
    shop: Shop,
) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    _show(shop, A_WEEK[:-1], USUAL)
    _show(shop, [-1], USUAL, as_of=later(-1))
    _show(shop, [0], TODAY)
    assert _measured(shop) == {}


def test_what_happens_on_the_day_or_after_it_changes_nothing_of_what_was_promised(
    shop: Shop,
) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    _show(shop, A_WEEK, USUAL)
    _show(shop, [0], (replace(LOW, clicks=100), replace(HIGH, clicks=0)))
    _show(shop, range(1, 8), (replace(LOW, clicks=90), replace(HIGH, clicks=90)))
    _measured(shop)
    assert _calibrated(shop) == [pytest.approx(0.1), pytest.approx(0.3)]


@pytest.mark.parametrize(("clicks", "promised"), [(0, 0.0), (100, 1.0)])
def test_where_nothing_or_everything_was_clicked_the_same_is_promised(
    shop: Shop, clicks: int, promised: float
) -> None:
    _look(shop, {1: 1.0})
    _show(shop, A_WEEK, (replace(LOW, clicks=clicks), replace(HIGH, clicks=clicks)))
    today = (replace(LOW, clicks=10), replace(HIGH, clicks=30))
    _show(shop, [0], today)
    values = _measured(shop)
    assert _calibrated(shop) == [promised, promised]
    assert values["calibrated_click_ece"] == pytest.approx(abs(promised - 0.2))
    assert values["calibrated_click_brier"] == pytest.approx(abs(promised - 0.2))


def test_where_nothing_was_ever_clicked_nothing_is_measured(shop: Shop) -> None:
    _show(shop, [*A_WEEK, 0], [replace(each, clicks=0) for each in USUAL])
    assert _measured(shop) == {}
    assert shop.rows("reliability") == []


def test_a_score_that_never_changes_promises_the_clicks_a_look_of_before(shop: Shop) -> None:
    _look(shop, {1: 1.0})
    _show(shop, A_WEEK, [HIGH])
    _show(shop, [0], [replace(HIGH, clicks=25)])
    values = _measured(shop)
    assert shop.rows("reliability", "bin, observed, calibrated") == [(6, 0.25, pytest.approx(0.3))]
    assert values["calibrated_click_ece"] == pytest.approx(0.05)
    assert values["calibrated_click_brier"] == pytest.approx(0.25 * 0.7**2 + 0.75 * 0.3**2)


def test_one_days_scores_between_0_and_1_are_no_probabilities_where_others_are_not(
    shop: Shop,
) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    _show(shop, A_WEEK, USUAL)
    _show(shop, [0], [Shown(0.5, 100, 20)])
    _show(shop, [*A_WEEK, 0], [Shown(0.5, 100, 20)], PROBABILITIES)
    measure_calibration(shop.connection, "recommend", later(1))
    assert shop.rows("metric_values", "model_tag, metric") == [
        (LOGITS, "calibrated_click_brier"),
        (LOGITS, "calibrated_click_ece"),
        (PROBABILITIES, "click_brier"),
        (PROBABILITIES, "click_ece"),
    ]
    # It lies between the two scores that are known, as many bins from the one as makes no odds.
    assert 0.1 < (_calibrated(shop)[0] or 0) < 0.3


def _known(**columns: Any) -> dict[str, Any]:
    n = len(columns["n_clicked"])
    usual = {"scorer": [0] * n, "n_days": [7] * n, "are_probabilities": [False] * n}
    return {name: np.array(values) for name, values in (usual | columns).items()}


def test_promises_rise_with_scores() -> None:
    """Shares of 0.3 and 0.1 are pooled by looks; what nobody saw lies between its neighbours."""
    known = _known(
        n_clicked=[0.0, 30.0, 30.0, 0.0, 40.0, 0.0],
        n_looked_at=[0.0, 100.0, 300.0, 0.0, 100.0, 0.0],
    )
    assert calibrate(known) == pytest.approx([0.15, 0.15, 0.15, 0.275, 0.4, 0.4])


def test_no_promise_is_above_1() -> None:
    known = _known(n_clicked=[1.0, 3.0], n_looked_at=[2.0, 2.5])
    assert calibrate(known).tolist() == [0.5, 1.0]


def test_promises_are_each_models_own() -> None:
    known = _known(
        scorer=[0, 0, 1, 1, 2, 3],
        n_days=[7, 7, 8, 8, 6, 9],
        are_probabilities=[False] * 5 + [True],
        n_clicked=[1.0, 2.0, 8.0, 9.0, 5.0, 5.0],
        n_looked_at=[10.0] * 6,
    )
    expected = [0.1, 0.2, 0.8, 0.9, np.nan, np.nan]
    assert calibrate(known) == pytest.approx(expected, nan_ok=True)
