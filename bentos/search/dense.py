"""Dense retrieval: the products whose vectors lie closest to the query's.

Exact search of 50,000 vectors takes some milliseconds; beyond, a graph of usearch's (HNSW, Malkov
and Yashunin, 2018) over the vectors in 8 bits names more neighbours than are wanted, and the
vectors themselves choose among them. Of the ten nearest of 100,000 vectors that finds 0.987 in 0.54
ms of a core and takes 22 s of cores to build, faiss's inverted file 0.981 in 0.79 ms and 31 s; of
1,000,000 it finds 0.973 in 4.1 ms and takes 358 s (`tests/benchmarks/search_ann.py`).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

from bentos.search.found import Found, Mask, Rows, Scores

EXACT_UP_TO = 50_000  # vectors
_CONNECTIONS, _BREADTH_OF_BUILD = 16, 256
_SPARE = 2  # times as many neighbours are asked for as are wanted and pass the filters
_BREADTH = 256  # of a search among up to 100,000 vectors; beyond, see `breadth_of_search`
_DEVIATIONS = 5  # of a unit vector's numbers from 0: what the 8 bits hold; beyond is clipped
_CHUNK = 16_384  # vectors brought to fp32 at once

_VECTORS, _VECTOR_OF, _GRAPH = "vectors.npy", "vector_of.npy", "vectors.usearch"


@dataclass(frozen=True)
class DenseIndex:
    """Unit vectors, each held once however many products have it."""

    vectors: NDArray[np.floating]  # [vectors, dimensions]; their numbers are halves
    vector_of: NDArray[np.int32]  # [products]
    graph: Index | None = None  # over the vectors; without one, search is exact
    exact_up_to: int = EXACT_UP_TO  # products of which filters leave no more are searched exactly

    @property
    def needs_graph(self) -> bool:
        """Whether exact search would take too long."""
        return len(self.vectors) > self.exact_up_to

    def with_graph(self, threads: int = 0) -> "DenseIndex":
        """With a graph over its vectors, built by so many threads (0: as there are cores)."""
        graph = _empty_graph(*self.vectors.shape)
        for start in range(0, len(self.vectors), _CHUNK):
            some = _in_8_bits(self.vectors[start : start + _CHUNK])
            graph.add(np.arange(start, start + len(some)), some, threads=threads)
        return replace(self, graph=graph)

    def similarities(self, query: Scores, rows: Rows) -> Scores:
        """Cosines of some products with a query's unit vector, [rows]."""
        vectors = self.vectors[self.vector_of[rows]]
        cosines: Scores = vectors.astype(np.float32) @ query.astype(np.float32)
        return cosines

    def search(self, query: Scores, n: int, allowed: Mask | None = None) -> Found:
        """The ``n`` closest of the products that are allowed; fewer only where fewer are."""
        if self.graph is None and allowed is None:
            return Found.best((self._full @ query)[self.vector_of], n)
        rows = np.arange(len(self.vector_of)) if allowed is None else np.flatnonzero(allowed)
        if self.graph is not None and len(rows) > self.exact_up_to:
            share = len(rows) / len(self.vector_of)
            near = self._near(self.graph, query, int(n / share * _SPARE))
            kept = near if allowed is None else near[allowed[near]]
            if len(kept) >= n:
                rows = kept
        return Found.best_of(rows, self._cosines(query, rows), n)

    def _near(self, graph: Index, query: Scores, n: int) -> Rows:
        """The products of the ``n`` closest vectors that the graph finds."""
        found = graph.search(_in_8_bits(query), min(n, len(self.vectors)), threads=1).keys
        order, starts = self._products
        first = starts[found]
        lengths = starts[found + 1] - first
        places = np.repeat(first - np.cumsum(lengths) + lengths, lengths)
        return np.sort(order[places + np.arange(len(places))])

    def _cosines(self, query: Scores, rows: Rows) -> Scores:
        """As ``similarities``, for any number of rows."""
        if self.graph is None:
            return self._full[self.vector_of[rows]] @ query
        parts = [
            self.similarities(query, rows[start : start + _CHUNK])
            for start in range(0, len(rows), _CHUNK)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    @cached_property
    def _full(self) -> NDArray[np.float32]:
        return self.vectors.astype(np.float32, copy=False)

    @cached_property
    def _products(self) -> tuple[Rows, Rows]:
        """The products in order of their vector, and where each vector's begin."""
        order = np.argsort(self.vector_of, kind="stable")
        return order, np.searchsorted(self.vector_of[order], np.arange(len(self.vectors) + 1))

    def save(self, folder: Path) -> None:
        """Writes its files; of a graph, built by threads, no two are the same bytes."""
        np.save(folder / _VECTORS, self.vectors.astype(np.float16))
        np.save(folder / _VECTOR_OF, self.vector_of)
        if self.graph is not None:
            self.graph.save(str(folder / _GRAPH))

    @classmethod
    def load(cls, folder: Path) -> "DenseIndex":
        """Maps what was saved; what is searched exactly, it holds as it is searched."""
        vectors = np.load(folder / _VECTORS, mmap_mode="r")
        vector_of = np.load(folder / _VECTOR_OF)
        if not (folder / _GRAPH).exists():
            return cls(vectors.astype(np.float32), vector_of)
        graph = _empty_graph(*vectors.shape)
        graph.view(str(folder / _GRAPH))
        return cls(vectors, vector_of, graph)


def breadth_of_search(vectors: int) -> int:
    """How many candidates a search of a graph over so many vectors keeps: almost as they grow.

    What is missed is missed whole: a query of other words than the texts' ends among the wrong
    vectors and finds none of its own (1,000,000 vectors, 256 candidates: 16 of 200 queries).
    """
    return max(_BREADTH, int(_BREADTH * (vectors / 100_000) ** 0.92))


def _empty_graph(vectors: int, dimensions: int) -> Index:
    return Index(
        ndim=dimensions,
        metric="ip",
        dtype="i8",
        connectivity=_CONNECTIONS,
        expansion_add=_BREADTH_OF_BUILD,
        expansion_search=breadth_of_search(vectors),
    )


def _in_8_bits(vectors: NDArray[np.floating]) -> NDArray[np.int8]:
    """Unit vectors as the graph compares them; of 384 numbers few would pass 25 if 1 were 127."""
    scale = 127 * vectors.shape[-1] ** 0.5 / _DEVIATIONS
    scaled = np.rint(vectors.astype(np.float32) * np.float32(scale))
    clipped: NDArray[np.int8] = np.clip(scaled, -127, 127).astype(np.int8)
    return clipped
