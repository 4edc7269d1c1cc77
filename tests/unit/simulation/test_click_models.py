"""Click models: examination by hand, and clicks that come as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.simulation.clicks import DBN, PBM, Cascade, ClickModel, perseverance, power_bias

HALVES = power_bias(1.0, 3)
LIST = np.array([[0.5, 0.2, 1.0]])


def test_position_biases_by_hand() -> None:
    assert power_bias(1.0, 3) == pytest.approx((1, 1 / 2, 1 / 3))
    assert power_bias(0.0, 2) == (1, 1)
    assert power_bias(2.0, 2) == (1, 1 / 4)
    assert perseverance(0.8, 3) == pytest.approx((1, 0.8, 0.64))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (PBM(HALVES), [1, 1 / 2, 1 / 3]),
        (PBM((0.1, 0.9, 0.5)), [0.1, 0.9, 0.5]),
        (Cascade((1.0, 1.0, 1.0)), [1, 0.5, 0.5 * 0.8]),
        (Cascade(HALVES), [1, 0.5 / 2, 0.5 * 0.8 / 3]),
        (DBN(perseverance(0.8, 3), satisfaction=0.4), [1, 0.8 * 0.8, 0.64 * 0.8 * 0.92]),
        (DBN((1.0, 1.0, 1.0), satisfaction=0.0), [1, 1, 1]),
    ],
)
def test_examination_by_hand(model: ClickModel, expected: list[float]) -> None:
    np.testing.assert_allclose(model.examination(LIST), [expected])


@pytest.mark.parametrize("model", [PBM((1.0,)), Cascade((1.0,)), DBN((1.0,))])
def test_ranks_beyond_the_bias_are_not_looked_at(model: ClickModel) -> None:
    certain = np.ones((50, 3))
    assert not model.examination(certain)[:, 1:].any()
    clicks = model.clicks(certain, np.random.default_rng(0))
    assert clicks[:, 0].all()
    assert not clicks[:, 1:].any()


@pytest.mark.parametrize(
    "model",
    [
        PBM(power_bias(0.7, 5)),
        PBM((0.3, 1.0, 0.2, 0.0, 0.9)),
        Cascade(power_bias(0.5, 5)),
        Cascade((1.0,) * 5),
        DBN(perseverance(0.9, 5), satisfaction=0.6),
    ],
)
def test_clicks_come_as_often_as_relevance_times_examination(model: ClickModel) -> None:
    n = 100_000
    relevance = np.tile([0.5, 0.1, 0.9, 0.3, 0.6], (n, 1))
    expected = (model.examination(relevance) * relevance)[0]
    clicks = model.clicks(relevance, np.random.default_rng(7))
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(clicks.mean(axis=0) - expected) <= 4 * error).all()


def test_in_a_cascade_nothing_is_clicked_below_a_click() -> None:
    relevance = np.random.default_rng(1).random((5000, 8))
    clicks = Cascade(power_bias(0.3, 8)).clicks(relevance, np.random.default_rng(2))
    assert clicks.sum(axis=1).max() == 1


def test_who_is_not_satisfied_clicks_on() -> None:
    relevance = np.ones((4000, 2))
    clicks = DBN((1.0, 1.0), satisfaction=0.25).clicks(relevance, np.random.default_rng(3))
    assert clicks[:, 0].all()
    assert clicks[:, 1].mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 4000))


def test_a_bias_that_rises_can_only_be_position_based() -> None:
    PBM((0.5, 1.0))
    with pytest.raises(ValueError, match="rises with the rank"):
        DBN((0.5, 1.0))


@pytest.mark.parametrize("bias", [(), (1.5,), (0.5, -0.1)])
def test_what_is_no_probability_is_refused(bias: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="probabilities from 0 to 1"):
        PBM(bias)
