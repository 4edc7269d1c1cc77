"""Our own dense index as a nearest-neighbour peer, and exact search beside it."""

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bentos.search.dense import DenseIndex
from tests.benchmarks.peers.neighbours import NEAREST, THREADS, Search, Vectors, run

OURS, EXACT = "shopkeeper", "exact"
BREADTHS = (64, 128, 256, 512, 1024)


def _index(vectors: Vectors) -> DenseIndex:
    return DenseIndex(vectors.astype(np.float16), np.arange(len(vectors), dtype=np.int32))


def exact(vectors: Vectors) -> Callable[[int], Search]:
    """Compares a query with every vector."""
    return lambda _: _search(_index(vectors))


def ours(vectors: Vectors) -> Callable[[int], Search]:
    """Builds the graph as an index flow does."""
    index = _index(vectors).with_graph(THREADS)

    def searching(breadth: int) -> Search:
        assert index.graph is not None
        index.graph.expansion_search = breadth
        return _search(index)

    return searching


def _search(index: DenseIndex) -> Search:
    def search(query: Vectors) -> NDArray[np.int64]:
        return index.search(query, NEAREST).rows

    return search


if __name__ == "__main__":
    system = sys.argv.pop(1)
    if system == EXACT:
        run(__doc__ or "", exact, [0])
    else:
        run(__doc__ or "", ours, BREADTHS)
