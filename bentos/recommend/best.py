"""The best products of scores over a whole catalogue."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bentos.recommend.shop import Ints
from bentos.serving.record import POOL_SIZE


def best(scores: NDArray[np.float32], n: int) -> Ints:
    """The rows of the ``n`` best finite scores; equal ones in the order of their rows."""
    n = min(n, len(scores))
    top = np.sort(np.argpartition(-scores, n - 1)[:n]) if n else np.zeros(0, np.int64)
    top = top[np.isfinite(scores[top])]
    return top[np.argsort(-scores[top], kind="stable")]


def best_of_each(scores: NDArray[np.float32], groups: Sequence[Ints], bought: Ints) -> Ints:
    """The rows of the best 100 of all products, of each group, and of those never bought."""
    fresh = scores.copy()
    fresh[bought] = -np.inf
    found = [best(scores, POOL_SIZE), best(fresh, POOL_SIZE), bought]
    found += [group[best(scores[group], POOL_SIZE)] for group in groups]
    return np.unique(np.concatenate(found))
