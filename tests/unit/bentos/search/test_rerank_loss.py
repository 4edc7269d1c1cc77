"""The losses against numbers worked out by hand."""

from __future__ import annotations

from math import exp, log, log2

import pytest
import torch
from torch import Tensor

from bentos.search.loss import LOSSES, lambda_loss, pointwise_loss, ranknet_loss, softmax_loss
from tests.unit.bentos.conftest import DEVICES

LISTWISE = ["softmax", "ranknet", "lambda"]


def _list(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows)


def _all(scores: Tensor) -> Tensor:
    return torch.ones_like(scores, dtype=torch.bool)


def _logistic(x: float) -> float:
    """What a pair costs whose better product leads by ``x``."""
    return log(1 + exp(-x))


@pytest.mark.parametrize("device", DEVICES)
def test_softmax_is_the_cross_entropy_to_the_shares_of_gain(device: str) -> None:
    scores, gains = _list((1.0, 0.0, 2.0)), _list((3.0, 1.0, 0.0))
    norm = log(exp(1) + exp(0) + exp(2))
    expected = -(0.75 * (1 - norm) + 0.25 * (0 - norm))
    found = softmax_loss(*(t.to(device) for t in (scores, gains, _all(scores))))
    assert found.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_ranknet_is_the_mean_over_pairs_of_unequal_gain(device: str) -> None:
    scores, gains = _list((1.0, 0.0, 2.0)), _list((3.0, 0.0, 0.0))
    expected = (_logistic(1.0) + _logistic(-1.0)) / 2  # the two products of gain 0 are no pair
    found = ranknet_loss(*(t.to(device) for t in (scores, gains, _all(scores))))
    assert found.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_lambda_weighs_each_pair_by_the_ndcg_that_swapping_it_changes(device: str) -> None:
    # By score the third product has rank 1, the first rank 2, the second rank 3.
    scores, gains = _list((1.0, 0.0, 2.0)), _list((3.0, 1.0, 0.0))
    d1, d2, d3 = 1.0, 1 / log2(3), 1 / log2(4)
    ideal = 3 * d1 + 1 * d2
    expected = (
        (3 - 1) * (d2 - d3) * _logistic(1.0)  # first over second
        + (3 - 0) * (d1 - d2) * _logistic(-1.0)  # first over third
        + (1 - 0) * (d1 - d3) * _logistic(-2.0)  # second over third
    ) / ideal
    found = lambda_loss(*(t.to(device) for t in (scores, gains, _all(scores))))
    assert found.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_pointwise_is_the_binary_cross_entropy_to_the_gain(device: str) -> None:
    scores, gains = _list((0.0, 1.0)), _list((1.0, 0.25))
    p = 1 / (1 + exp(-1))
    expected = (log(2) - 0.25 * log(p) - 0.75 * log(1 - p)) / 2
    found = pointwise_loss(*(t.to(device) for t in (scores, gains, _all(scores))))
    assert found.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_not_there_changes_nothing(name: str) -> None:
    scores, gains = _list((0.3, -1.0, 0.5)), _list((1.0, 0.0, 0.5))
    loss = LOSSES[name](scores, gains, _all(scores))
    padded = LOSSES[name](
        torch.cat([scores, _list((50.0, -50.0))], 1),
        torch.cat([gains, _list((1.0, 0.0))], 1),
        torch.tensor([[True, True, True, False, False]]),
    )
    assert padded.item() == pytest.approx(loss.item(), rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_is_the_mean_of_its_queries(name: str) -> None:
    scores = _list((0.3, -1.0, 0.5), (1.0, 2.0, -1.0))
    gains = _list((1.0, 0.0, 0.5), (0.0, 0.0, 1.0))
    each = [LOSSES[name](scores[n : n + 1], gains[n : n + 1], _all(scores[:1])) for n in (0, 1)]
    both = LOSSES[name](scores, gains, _all(scores))
    assert both.item() == pytest.approx((each[0].item() + each[1].item()) / 2, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_a_step_down_the_gradient_raises_the_better_product_and_lowers_the_worse(name: str) -> None:
    scores = _list((0.0, 0.0, 0.0)).requires_grad_()
    LOSSES[name](scores, _list((1.0, 0.4, 0.0)), _all(scores)).backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    first, second, third = scores.grad[0].tolist()
    assert first < second < third
    assert first < 0 < third


@pytest.mark.parametrize("name", LISTWISE)
@pytest.mark.parametrize("gain", [0.0, 1.0])
def test_a_query_with_nothing_to_compare_teaches_nothing(name: str, gain: float) -> None:
    if name == "softmax" and gain:
        pytest.skip("a softmax levels the scores of products that are equally good")
    scores = _list((3.0, -2.0)).requires_grad_()
    loss = LOSSES[name](scores, torch.full((1, 2), gain), _all(scores))
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert loss.item() == 0
    assert scores.grad is not None
    assert scores.grad.abs().sum() == 0


@pytest.mark.parametrize("name", LISTWISE)
def test_a_query_without_a_positive_does_not_dilute_the_others(name: str) -> None:
    scores, gains = _list((0.0, 1.0), (5.0, 1.0)), _list((1.0, 0.0), (0.0, 0.0))
    both = LOSSES[name](scores, gains, _all(scores))
    alone = LOSSES[name](scores[:1], gains[:1], _all(scores[:1]))
    assert both.item() == pytest.approx(alone.item(), rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_scores_far_apart_stay_finite(name: str) -> None:
    scores = _list((1e4, -1e4)).requires_grad_()
    loss = LOSSES[name](scores, _list((0.0, 1.0)), _all(scores))
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert loss.isfinite()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()
