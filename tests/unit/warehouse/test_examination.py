"""How likely ranks are looked at, from counts whose probabilities are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.examination import Shown, by_score, learn, rising

LOOKED_AT = np.array([1.0, 0.5, 0.25])
ONE = np.zeros(4, np.int64)  # all scores are of one scorer


def _shown(worth: np.ndarray, n: float = 1e4, looked_at: np.ndarray = LOOKED_AT) -> Shown:
    """Everything is shown equally often at each rank, and clicked as often as is to be expected."""
    shown = np.full((len(looked_at), len(worth)), n)
    return Shown(shown, shown * np.outer(looked_at, worth), np.zeros(len(worth), np.int64))


def _contrasts(n: float, looked_at: np.ndarray = LOOKED_AT) -> np.ndarray:
    """Clicks on what stood ``n`` times at each of two ranks."""
    return n * np.tile(looked_at[:, np.newaxis], len(looked_at)) * (1 - np.eye(len(looked_at)))


def test_what_scores_promise_tells_how_often_ranks_are_looked_at() -> None:
    shown = _shown(np.array([0.1, 0.2, 0.3, 0.8]))
    shown.n_shown[0, :2] /= 10  # the better stand above the worse
    shown.n_clicked[0, :2] /= 10
    shown.n_shown[2, 2:] /= 10
    shown.n_clicked[2, 2:] /= 10
    assert by_score(shown) == pytest.approx(LOOKED_AT)


def test_scores_of_two_scales_need_not_mean_the_same() -> None:
    events, looks = np.array([10.0, 40.0, 20.0, 30.0]), np.full(4, 100.0)
    two = rising(np.array([0, 0, 1, 1]), events, looks)  # two models, two bins each
    assert two == pytest.approx([0.1, 0.4, 0.2, 0.3])
    one = rising(ONE, events, looks)  # 0.4, 0.2 and 0.3 are out of order
    assert one == pytest.approx([0.1, 0.3, 0.3, 0.3])


def test_what_does_not_rise_is_pooled_by_looks() -> None:
    events, looks = np.array([1.0, 6.0, 2.0, 9.0]), np.array([10.0, 20.0, 20.0, 10.0])
    # 0.3 stands before 0.1: eight of 40 looks are 0.2 of each
    assert rising(ONE, events, looks) == pytest.approx([0.1, 0.2, 0.2, 0.9])


def test_scores_that_were_never_looked_at_lie_between_their_neighbours() -> None:
    events, looks = np.array([1.0, 0.0, 3.0, 0.0]), np.array([10.0, 0.0, 10.0, 0.0])
    assert rising(ONE, events, looks) == pytest.approx([0.1, 0.2, 0.3, 0.3])
    two = np.array([0, 0, 1, 1])
    found = rising(two, np.array([1.0, 2.0, 0.0, 0.0]), np.array([10.0, 10.0, 0.0, 0.0]))
    assert found[:2] == pytest.approx([0.1, 0.2])
    assert np.isnan(found[2:]).all()


def test_what_stood_at_two_ranks_overrules_scores_that_mislead() -> None:
    shown = _shown(np.array([0.3]), looked_at=np.array([1.0, 0.9, 0.8]))  # one score, no help
    few, many = learn(shown, _contrasts(1.0)), learn(shown, _contrasts(1e6))
    assert many.probability == pytest.approx(LOOKED_AT, rel=2e-3)
    assert few.probability == pytest.approx([1.0, 0.9, 0.8], rel=0.05)
    between = learn(shown, _contrasts(100.0)).probability
    assert (LOOKED_AT[1:] < between[1:]).all()
    assert (between[1:] < few.probability[1:]).all()


def test_the_more_was_compared_the_smaller_the_error() -> None:
    shown = _shown(np.array([0.1, 0.4]))
    errors = [learn(shown, _contrasts(n)).standard_error for n in (0.0, 100.0, 1e4)]
    assert (errors[0][1:] > errors[1][1:]).all()
    assert (errors[1][1:] > errors[2][1:]).all()
    assert [error[0] for error in errors] == [0, 0, 0]
    # Without any comparison: what scores are trusted with, 0.05 at rank e, and few clicks. Of three
    # ranks it is not known how smooth their curve is.
    clicks = shown.n_clicked.sum(axis=1)
    doubt = np.sqrt(0.0025 * np.log([2, 3]) + 1 / clicks[1:] + 1 / clicks[0])
    assert errors[0][1:] == pytest.approx(LOOKED_AT[1:] * doubt, rel=0.01)


def test_one_rank_is_looked_at() -> None:
    found = learn(_shown(np.array([0.2]), looked_at=np.ones(1)), np.zeros((1, 1)))
    assert found.probability.tolist() == [1]
    assert found.standard_error.tolist() == [0]


RANKS = np.arange(1, 11)
FOLD = np.where(RANKS <= 4, 1 - 0.08 * (RANKS - 1), 0.35 * 0.93 ** (RANKS - 5.0))  # of the screen
CURVES = {
    "power": 1 / RANKS**2,
    "geometric": 0.8 ** (RANKS - 1.0),
    "flat": 1 - 0.02 * (RANKS - 1),
    "fold": FOLD,
}


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_of_any_shape_comes_out_of_few_clicks(curve: str) -> None:
    looked_at = CURVES[curve]
    rng = np.random.default_rng(5)
    off = []
    for _ in range(10):
        shown = _shown(np.array([0.05, 0.1, 0.2, 0.4]), 4e4, looked_at)
        drawn = Shown(shown.n_shown, rng.poisson(shown.n_clicked).astype(float), shown.scorer)
        contrasts = rng.poisson(_contrasts(300.0, looked_at)).astype(float)
        off.append(np.abs(learn(drawn, contrasts).probability / looked_at - 1))
    assert np.mean(off) < 0.03
    assert np.max(off, axis=1).mean() < 0.06


def test_a_fold_of_the_screen_is_not_smoothed_away() -> None:
    found = learn(_shown(np.array([0.1, 0.4]), looked_at=FOLD), _contrasts(1000.0, FOLD))
    assert found.probability == pytest.approx(FOLD, rel=0.01)


def test_ranks_tell_of_their_neighbours_where_the_curve_is_smooth() -> None:
    shown = _shown(np.array([0.1, 0.4]), looked_at=CURVES["power"])
    found = learn(shown, _contrasts(0.0, CURVES["power"]))
    clicks = shown.n_clicked.sum(axis=1)
    alone = np.sqrt(0.0025 * np.log(10) + 1 / clicks[-1] + 1 / clicks[0])
    assert found.standard_error[-1] < 0.8 * CURVES["power"][-1] * alone


@given(
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=9),
    st.floats(1e4, 1e7),
    st.integers(0, 2**32 - 1),
)
def test_any_bias_is_recovered_from_comparisons_in_the_end(
    below: list[float], n: float, seed: int
) -> None:
    looked_at = np.array([1.0, *below])
    weight = np.random.default_rng(seed).uniform(0.5, 2, (len(looked_at), len(looked_at)))
    contrasts = _contrasts(n * 1e3, looked_at) * (weight + weight.T)
    found = learn(_shown(np.array([0.1, 0.4]), 1e6, looked_at), contrasts)
    assert found.probability == pytest.approx(looked_at, rel=0.01)
