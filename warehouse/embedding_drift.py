"""Whether two samples of vectors are of one distribution: drift of embeddings.

Both tests are exact under the null hypothesis, whatever the distribution: their statistic is held
against those of the same vectors shared out to the two sides at random. Vectors of one query that
is asked again and again are not independent of each other: give each query once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Vectors = NDArray[np.floating]
Floats = NDArray[np.float64]

_FOLDS = 5
_RIDGE = 0.01  # of the mean square of a dimension, for each vector


@dataclass(frozen=True)
class TwoSamples:
    """A statistic of two samples, and how often chance alone makes one as large."""

    statistic: float
    p_value: float


def classifier_test(
    now: Vectors, then: Vectors, permutations: int = 999, seed: int = 0
) -> TwoSamples:
    """How well a classifier tells [N, D] from [M, D] vectors that it has not seen.

    The statistic is the area under its ROC curve, the mean over five folds: 1/2 where the samples
    are alike (Lopez-Paz and Oquab 2017). The classifier is Fisher's linear discriminant with a
    ridge, whose scores of all permutations are one matrix product. It sees what moves the mean of a
    direction; `mmd_test` sees the rest.

    Raises:
        ValueError: a sample has fewer vectors than there are folds, or they differ in dimensions.
    """
    vectors, rng = _pooled(now, then), np.random.default_rng(seed)
    sides = _permuted(len(now), len(then), permutations, rng)
    fold = rng.permutation(len(vectors)) % _FOLDS
    areas = [_area(vectors, sides, fold == held_out) for held_out in range(_FOLDS)]
    return _against_chance(np.nanmean(areas, axis=0))


def mmd_test(now: Vectors, then: Vectors, permutations: int = 999, seed: int = 0) -> TwoSamples:
    """The maximum mean discrepancy of [N, D] and [M, D] vectors, squared.

    It is the biased estimate, which is never below 0 and, as any squared distance of samples,
    greater by chance the smaller they are. The kernel is Gaussian, as wide as the median distance
    between vectors (Gretton et al. 2012). Memory is that of the (N + M)^2 distances.

    Raises:
        ValueError: as `classifier_test`.
    """
    vectors, rng = _pooled(now, then), np.random.default_rng(seed)
    sides = _permuted(len(now), len(then), permutations, rng)
    squares = (vectors**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares - 2 * vectors @ vectors.T, 0)
    width = np.median(distance[np.triu_indices(len(vectors), 1)])
    kernel = np.exp(-distance / max(width, np.finfo(float).tiny))
    n, m = len(now), len(then)
    to_now = kernel @ sides
    among_now = (sides * to_now).sum(axis=0)
    across = to_now.sum(axis=0) - among_now
    among_then = kernel.sum() - among_now - 2 * across
    return _against_chance(
        np.maximum(among_now / n**2 + among_then / m**2 - 2 * across / (n * m), 0)
    )


def _pooled(now: Vectors, then: Vectors) -> Floats:
    """[N + M, D] about their mean."""
    if min(len(now), len(then)) < _FOLDS or now.shape[1:] != then.shape[1:]:
        raise ValueError(
            f"two samples of at least {_FOLDS} vectors of as many dimensions were expected; "
            f"their shapes are {now.shape} and {then.shape}"
        )
    pooled = np.concatenate([now, then]).astype(np.float64)
    centred: Floats = pooled - pooled.mean(axis=0)
    return centred


def _permuted(n: int, m: int, permutations: int, rng: np.random.Generator) -> Floats:
    """[N + M, 1 + permutations] which vectors are of the first sample: as it is, and by chance."""
    side = np.repeat([1.0, 0.0], [n, m])
    by_chance = rng.permuted(np.tile(side, (permutations, 1)), axis=1)
    return np.vstack([side, by_chance]).T


def _area(vectors: Floats, sides: Floats, held_out: NDArray[np.bool_]) -> Floats:
    """[permutations] areas under the ROC curves of what is held out (Mann and Whitney 1947)."""
    known = vectors[~held_out]
    gram = known.T @ known
    ridge = _RIDGE * np.trace(gram) / len(gram) + np.finfo(float).tiny
    towards = known.T @ (sides[~held_out] - sides[~held_out].mean(axis=0))
    weights = np.linalg.solve(gram + ridge * np.eye(len(gram)), towards)
    ranks = rankdata(vectors[held_out] @ weights, axis=0)
    n = sides[held_out].sum(axis=0)
    m = held_out.sum() - n
    with np.errstate(divide="ignore", invalid="ignore"):  # one side is not among them
        area: Floats = ((ranks * sides[held_out]).sum(axis=0) - n * (n + 1) / 2) / (n * m)
    return area


def _against_chance(statistics: Floats) -> TwoSamples:
    """The first of them, held against the others, itself among them (Phipson and Smyth 2010)."""
    # one that comes to the same, in another order of additions
    as_large = statistics >= statistics[0] - 1e-12 * abs(statistics[0])
    return TwoSamples(float(statistics[0]), float(as_large.mean()))
