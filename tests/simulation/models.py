"""What a world's models rank for each taste, and how popular things are ranked without one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.optimize import isotonic_regression

from tests.simulation.arrays import Floats, Ints
from tests.simulation.shop import Shop
from tests.simulation.world import Model

_LEAST = 1e-4  # relevance: products that are of no use have a logit, too
_AT_ONCE = 64  # tastes whose scores are worked out together


@dataclass(frozen=True, eq=False)
class Rankings:
    """The best of the shop for each taste, best first."""

    product: Ints  # [T, K] rows of the shop; -1 where there are no more
    score: Floats  # [T, K]; 0 where there are no more


def ranked(model: Model, shop: Shop, pool: int, rng: np.random.Generator) -> Rankings:
    """By what the model sees of the true relevance.

    The score is calibrated, unless the model's slope and offset spoil it: the mean relevance of
    products that look so, among all to this taste, levelled at each rank over all tastes.
    """
    truth = _logit(np.clip(shop.relevance, _LEAST, 1 - _LEAST))
    seen = truth + model.noise * rng.standard_normal(truth.shape)
    product = np.argsort(-seen, axis=1, kind="stable")[:, :pool]
    score = np.take_along_axis(shop.relevance, product, axis=1)
    if model.noise > 0:
        looks = np.take_along_axis(seen, product, axis=1)
        score = _levelled(_expected(looks, truth, shop.relevance, model.noise), score, shop.weight)
    told = _sigmoid(model.slope * _logit(np.clip(score, 1e-9, 1 - 1e-9)) + model.offset)
    return Rankings(product, told)


def popular(shop: Shop, pool: int) -> Rankings:
    """What is relevant to most, the same for everybody."""
    score = shop.weight @ shop.relevance
    best = np.argsort(-score, kind="stable")[:pool]
    shape = (len(shop.tastes), len(best))
    return Rankings(np.broadcast_to(best, shape), np.broadcast_to(score[best], shape))


def of_run(run: pa.Table, shop: Shop, pool: int) -> Rankings:
    """What a scenario's ranker (`bentos.scenario.Ranker`) answered to the shop's tastes.

    Products that the shop does not sell are left out. A policy that draws from the scores needs
    them above 0.
    """
    tastes = {taste: n for n, taste in enumerate(shop.tastes)}
    rows = {product: n for n, product in enumerate(shop.product_ids)}
    lists: list[list[tuple[int, float]]] = [[] for _ in tastes]
    for query, product, score in zip(*(column.to_pylist() for column in run.columns), strict=True):
        if product in rows:
            lists[tastes[query]].append((rows[product], score))
    found = Rankings(np.full((len(lists), pool), -1), np.zeros((len(lists), pool)))
    for n, pairs in enumerate(lists):
        for rank, (row, score) in enumerate(sorted(pairs, key=lambda pair: -pair[1])[:pool]):
            found.product[n, rank], found.score[n, rank] = row, score
    return found


def stacked(rankings: Sequence[Rankings]) -> Rankings:
    """Of several models at once, [M, T, K]."""
    return Rankings(
        np.stack([ranking.product for ranking in rankings]),
        np.stack([ranking.score for ranking in rankings]),
    )


def _expected(looks: Floats, truth: Floats, relevance: Floats, noise: float) -> Floats:
    """[T, K]: the mean relevance, given how a product looks, of a taste's products."""
    score = np.empty_like(looks)
    for start in range(0, len(looks), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        fit = -0.5 * ((looks[part, :, None] - truth[part, None, :]) / noise) ** 2
        fit -= fit.max(axis=2, keepdims=True)
        np.exp(fit, out=fit)
        score[part] = np.einsum("tkp,tp->tk", fit, relevance[part]) / fit.sum(axis=2)
    return score


def _levelled(score: Floats, relevance: Floats, weight: Floats) -> Floats:
    """[T, K]: the scores, falling, with the relevance's mean over all requests at each rank.

    What looks best has been compared with all else, so it is better than others that look so.
    """
    score = score * (weight @ relevance) / (weight @ score)
    return np.stack([isotonic_regression(row, increasing=False).x for row in score])


def _logit(share: Floats) -> Floats:
    found: Floats = np.log(share) - np.log1p(-share)
    return found


def _sigmoid(logit: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-logit))
    return found
