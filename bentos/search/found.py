"""What a stage of retrieval has found: rows of the catalogue, best first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """Rows of products and their scores, best first."""

    rows: Rows  # [n]
    scores: Scores  # [n]

    @classmethod
    def best(cls, scores: Scores, n: int) -> "Found":
        """The ``n`` greatest of the finite scores of all products; ties to the smaller row."""
        n = min(n, len(scores))
        if n <= 0:
            return NOTHING
        rows = _greatest(scores, n)
        rows = rows[np.isfinite(scores[rows])]
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        return cls(rows, scores[rows])

    @classmethod
    def best_of(cls, rows: Rows, scores: Scores, n: int) -> "Found":
        """The ``n`` greatest of the finite scores of some rows, which ascend."""
        best = cls.best(scores, n)
        return cls(rows[best.rows], best.scores)

    def first(self, n: int) -> "Found":
        """The best ``n`` of these."""
        return Found(self.rows[:n], self.scores[:n])


NOTHING = Found(np.zeros(0, np.int64), np.zeros(0, np.float32))


def _greatest(scores: Scores, n: int) -> Rows:
    """The rows of the ``n`` greatest scores, ascending; of equal ones the first."""
    if n == len(scores):
        return np.arange(n)
    least = np.partition(scores, len(scores) - n)[len(scores) - n]
    above = np.flatnonzero(scores > least)
    level = np.flatnonzero(scores == least)[: n - len(above)]
    return np.union1d(above, level)
