"""A navigable small world (Malkov and Yashunin, 2018), as its authors' `hnswlib` builds it."""

import hnswlib
import numpy as np
from neighbours import NEAREST, THREADS, Search, Vectors, run
from numpy.typing import NDArray

BREADTHS = (32, 64, 128, 256, 512, 1024)
CONNECTIONS, BREADTH_OF_BUILD = 16, 128


class SmallWorld:
    """The graph over the vectors."""

    def __init__(self, vectors: Vectors) -> None:
        """Adds the vectors."""
        self._index = hnswlib.Index("ip", vectors.shape[1])
        self._index.init_index(len(vectors), M=CONNECTIONS, ef_construction=BREADTH_OF_BUILD)
        self._index.set_num_threads(THREADS)
        self._index.add_items(vectors)
        self._index.set_num_threads(1)

    def __call__(self, breadth: int) -> Search:
        """Keeps so many candidates."""
        self._index.set_ef(breadth)

        def search(query: Vectors) -> NDArray[np.uint64]:
            found: NDArray[np.uint64] = self._index.knn_query(query, NEAREST)[0][0]
            return found

        return search


if __name__ == "__main__":
    run(__doc__, SmallWorld, lambda _: BREADTHS)
