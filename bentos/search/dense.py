"""Dense retrieval: the products whose vectors lie closest to the query's.

TO DECIDE
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bentos.search.found import Found, Mask, Rows, Scores

_VECTORS = "vectors.npy"  # fp16


@dataclass(frozen=True)
class DenseIndex:
    """Unit vectors of products."""

    vectors: NDArray[np.float32]  # [products, dimensions]

    def similarities(self, query: Scores, rows: Rows) -> Scores:
        """Cosines of some products with a query's unit vector, [rows]."""
        return self.vectors[rows] @ query

    def search(self, query: Scores, n: int, allowed: Mask | None = None) -> Found:
        """The ``n`` closest of the products that are allowed; fewer only where fewer are."""
        scores = self.vectors @ query
        if allowed is not None:
            scores[~allowed] = -np.inf
        return Found.best(scores, n)

    def save(self, folder: Path) -> None:
        """Writes its files."""
        np.save(folder / _VECTORS, self.vectors)

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        """Reads what ``save`` wrote."""
        return cls(np.load(folder / _VECTORS, mmap_mode="r").astype(np.float32))
