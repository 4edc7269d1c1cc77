"""An inverted file of fp16 vectors (Johnson, Douze and Jégou, 2019), as `faiss` builds it."""

import faiss
import numpy as np
from neighbours import NEAREST, THREADS, Search, Vectors, run
from numpy.typing import NDArray

PROBES = (8, 16, 32, 64, 128, 256, 512, 1024)
POINTS_A_LIST = 64  # to train on


class InvertedFile:
    """4 sqrt(N) lists, as its authors advise."""

    def __init__(self, vectors: Vectors) -> None:
        """Trains the lists and fills them."""
        faiss.omp_set_num_threads(THREADS)
        lists = int(4 * len(vectors) ** 0.5)
        self._index = faiss.index_factory(
            vectors.shape[1], f"IVF{lists},SQfp16", faiss.METRIC_INNER_PRODUCT
        )
        self._index.cp.max_points_per_centroid = POINTS_A_LIST
        self._index.train(vectors)
        self._index.add(vectors)
        faiss.omp_set_num_threads(1)

    def __call__(self, probes: int) -> Search:
        """Looks into so many lists."""
        self._index.nprobe = probes

        def search(query: Vectors) -> NDArray[np.int64]:
            found: NDArray[np.int64] = self._index.search(query[None], NEAREST)[1][0]
            return found

        return search


if __name__ == "__main__":
    run(__doc__, InvertedFile, lambda _: PROBES)
