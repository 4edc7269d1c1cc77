"""Our own dense index as a nearest-neighbour peer, and exact search beside it."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bentos.search.dense import DenseIndex, breadth_of_search
from tests.benchmarks.peers.neighbours import NEAREST, THREADS, Search, Vectors, run

OURS, EXACT = "shopkeeper", "exact"


def _index(vectors: Vectors) -> DenseIndex:
    return DenseIndex(vectors.astype(np.float16), np.arange(len(vectors), dtype=np.int32))


def exact(vectors: Vectors) -> Callable[[int], Search]:
    """Compares a query with every vector."""
    return lambda _: _search(_index(vectors))


def ours(vectors: Vectors) -> Callable[[int], Search]:
    """Built and saved as an index flow does, then mapped as a service does, by its own breadth."""
    with tempfile.TemporaryDirectory() as folder:
        _index(vectors).with_graph(THREADS).save(Path(folder))
        index = DenseIndex.load(Path(folder))  # what is mapped outlives its name
    return lambda _: _search(index)


def _search(index: DenseIndex) -> Search:
    def search(query: Vectors) -> NDArray[np.int64]:
        return index.search(query, NEAREST).rows

    return search


if __name__ == "__main__":
    system = sys.argv.pop(1)
    if system == EXACT:
        run(__doc__ or "", exact, lambda _: [0])
    else:
        run(__doc__ or "", ours, lambda vectors: [breadth_of_search(vectors)])
