"""Losses over lists of judged products, one list a query, padded to a common length.

All take scores [Q, K], gains [Q, K] (at least 0) and which places hold a product [Q, K], and return
the mean over the queries that teach something; a query that has nothing to compare adds 0.

    softmax    cross-entropy to the gains' shares          (Cao et al., ListNet, 2007; top one)
    ranknet    logistic loss of each misordered pair       (Burges et al. 2005)
    lambda     the same, weighted by what a swap changes in ndcg    (Burges 2010; Wang et al. 2018)
    pointwise  binary cross-entropy to the gain as a share of the greatest gain there is
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor

from bentos.search.parameters import Loss

_ABSENT = -1e9


def softmax_loss(scores: Tensor, gains: Tensor, present: Tensor) -> Tensor:
    """A query whose products all have gain 0 has no share to approach: it adds 0."""
    gains = gains * present
    total = gains.sum(1)
    share = gains / total.clamp(min=1e-9)[:, None]
    likelihood = torch.log_softmax(scores.masked_fill(~present, _ABSENT), 1)
    return _mean(-(share * likelihood * present).sum(1), total > 0)


def ranknet_loss(scores: Tensor, gains: Tensor, present: Tensor) -> Tensor:
    """The mean over a query's pairs of unequal gain."""
    better = _better(gains, present)
    n = better.sum((1, 2))
    return _mean((_misorder(scores) * better).sum((1, 2)) / n.clamp(min=1), n > 0)


def lambda_loss(scores: Tensor, gains: Tensor, present: Tensor) -> Tensor:
    """The sum over a query's pairs of unequal gain, each by the ndcg that swapping it changes."""
    better = _better(gains, present)
    with torch.no_grad():
        order = scores.masked_fill(~present, _ABSENT).argsort(dim=1, descending=True, stable=True)
        discount = 1 / torch.log2(order.argsort(1) + 2.0)
        ideal = (gains * present).sort(1, descending=True).values
        best = (ideal / torch.log2(torch.arange(ideal.shape[1], device=ideal.device) + 2.0)).sum(1)
        swap = (gains[:, :, None] - gains[:, None]).abs()
        swap = swap * (discount[:, :, None] - discount[:, None]).abs()
        swap = swap / best.clamp(min=1e-9)[:, None, None]
    return _mean((swap * _misorder(scores) * better).sum((1, 2)), better.any(2).any(1))


def pointwise_loss(scores: Tensor, gains: Tensor, present: Tensor) -> Tensor:
    """``gains`` are shares of the greatest gain; a query without a positive teaches as well."""
    each = F.binary_cross_entropy_with_logits(scores, gains, reduction="none") * present
    n = present.sum(1)
    return _mean(each.sum(1) / n.clamp(min=1), n > 0)


LOSSES: Mapping[Loss, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "lambda": lambda_loss,
    "ranknet": ranknet_loss,
    "softmax": softmax_loss,
    "pointwise": pointwise_loss,
}


def _better(gains: Tensor, present: Tensor) -> Tensor:
    """[Q, K, K]: whether the first of a pair has more gain than the second."""
    both = present[:, :, None] & present[:, None]
    return (gains[:, :, None] > gains[:, None]) & both


def _misorder(scores: Tensor) -> Tensor:
    """[Q, K, K]: the logistic loss of ordering the first of a pair before the second."""
    return F.softplus(scores[:, None] - scores[:, :, None])


def _mean(losses: Tensor, teaches: Tensor) -> Tensor:
    return (losses * teaches).sum() / teaches.sum().clamp(min=1)
