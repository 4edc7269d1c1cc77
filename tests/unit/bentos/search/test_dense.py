"""Nearest neighbours, exact and by a graph, of all products and of those that filters leave."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bentos.search.dense import DenseIndex, breadth_of_search

N, DIMENSIONS = 3_000, 48


def _units(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    vectors = rng.normal(size=(n, DIMENSIONS)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def exact() -> DenseIndex:
    vectors = _units(np.random.default_rng(1), N).astype(np.float16)
    return DenseIndex(vectors, np.arange(N, dtype=np.int32))


@pytest.fixture(scope="module")
def graph(exact: DenseIndex) -> DenseIndex:
    return replace(exact, exact_up_to=100).with_graph(threads=1)


@pytest.fixture(scope="module")
def queries() -> NDArray[np.float32]:
    return _units(np.random.default_rng(2), 50)


def _recall(index: DenseIndex, exact: DenseIndex, queries: NDArray[np.float32], n: int) -> float:
    shared = [
        len(np.intersect1d(index.search(query, n).rows, exact.search(query, n).rows)) / n
        for query in queries
    ]
    return float(np.mean(shared))


def test_exact_search_is_numpys(exact: DenseIndex, queries: NDArray[np.float32]) -> None:
    for query in queries:
        cosines = exact.vectors.astype(np.float32) @ query
        found = exact.search(query, 10)
        assert found.rows.tolist() == np.argsort(-cosines, kind="stable")[:10].tolist()
        np.testing.assert_allclose(found.scores, np.sort(cosines)[::-1][:10], rtol=1e-5)


def test_the_graph_finds_what_exact_search_finds(
    exact: DenseIndex, graph: DenseIndex, queries: NDArray[np.float32]
) -> None:
    assert _recall(graph, exact, queries, 10) >= 0.98


def test_scores_of_the_graph_are_the_exact_cosines(
    exact: DenseIndex, graph: DenseIndex, queries: NDArray[np.float32]
) -> None:
    found = graph.search(queries[0], 10)
    np.testing.assert_allclose(found.scores, exact.similarities(queries[0], found.rows), rtol=1e-5)
    assert (np.diff(found.scores) <= 0).all()


def test_the_graph_tells_vectors_apart_that_lie_close_together() -> None:
    """8 bits of the whole range from -1 to 1 would be too coarse for 384 small numbers."""
    rng = np.random.default_rng(1)
    centre, about = rng.normal(size=384), rng.normal(0, 0.35, (1_050, 384))
    vectors = (centre + about).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    crowd = DenseIndex(vectors[:1_000].astype(np.float16), np.arange(1_000, dtype=np.int32))
    graph = replace(crowd, exact_up_to=100).with_graph(threads=1)
    assert _recall(graph, crowd, vectors[1_000:], 10) >= 0.98


@pytest.mark.parametrize("share", [0.9, 0.3, 0.04, 0.001, 0])
@pytest.mark.parametrize("kind", ["exact", "graph"])
def test_filters_leave_as_many_as_there_are_and_only_what_they_allow(
    kind: str, share: float, request: pytest.FixtureRequest, queries: NDArray[np.float32]
) -> None:
    index: DenseIndex = request.getfixturevalue(kind)
    allowed = np.random.default_rng(3).random(N) < share
    for query in queries[:10]:
        rows = index.search(query, 40, allowed).rows
        assert len(rows) == min(40, allowed.sum())
        assert allowed[rows].all()
        assert len(np.unique(rows)) == len(rows)


def test_what_filters_leave_far_from_the_query_is_found_too(
    exact: DenseIndex, graph: DenseIndex, queries: NDArray[np.float32]
) -> None:
    """The neighbours that the graph finds first are all filtered away."""
    query = queries[0]
    allowed = np.ones(N, bool)
    allowed[exact.search(query, 2_500).rows] = False
    assert graph.search(query, 40, allowed).rows.tolist() == (
        exact.search(query, 40, allowed).rows.tolist()
    )


def test_products_that_share_a_vector_are_all_found() -> None:
    vectors = np.eye(3, dtype=np.float16)
    vector_of = np.array([2, 0, 0, 1, 0], np.int32)
    query = np.array([0.9, 0.1, 0], np.float32)
    small = DenseIndex(vectors, vector_of)
    large = replace(small, exact_up_to=1).with_graph(threads=1)
    for index in (small, large):
        assert index.search(query, 4).rows.tolist() == [1, 2, 4, 3]
        assert index.search(query, 9).rows.tolist() == [1, 2, 4, 3, 0]


def test_an_index_and_its_graph_come_back_as_they_were_saved(
    graph: DenseIndex, queries: NDArray[np.float32], tmp_path: Path
) -> None:
    graph.save(tmp_path)
    loaded = replace(DenseIndex.load(tmp_path), exact_up_to=100)
    for query in queries[:5]:
        assert loaded.search(query, 10).rows.tolist() == graph.search(query, 10).rows.tolist()


@pytest.mark.parametrize(
    ("vectors", "breadth"), [(3_000, 256), (100_000, 256), (200_000, 484), (1_000_000, 2_129)]
)
def test_the_more_vectors_the_more_candidates_a_search_keeps(vectors: int, breadth: int) -> None:
    assert breadth_of_search(vectors) == breadth


def test_a_graph_is_searched_as_broadly_as_its_size_takes_also_when_it_comes_back(
    graph: DenseIndex, tmp_path: Path
) -> None:
    graph.save(tmp_path)
    for index in (graph, DenseIndex.load(tmp_path)):
        assert index.graph is not None
        assert index.graph.expansion_search == breadth_of_search(N)


def test_threads_get_what_one_of_them_would_get(
    graph: DenseIndex, queries: NDArray[np.float32]
) -> None:
    alone = [graph.search(query, 20).rows.tolist() for query in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: graph.search(query, 20).rows.tolist(), queries))
    assert together == alone


def test_only_a_large_catalogue_needs_a_graph(exact: DenseIndex) -> None:
    assert not exact.needs_graph
    assert replace(exact, exact_up_to=N - 1).needs_graph


def test_without_products_nothing_is_found() -> None:
    empty = DenseIndex(np.zeros((0, 3), np.float16), np.zeros(0, np.int32))
    query = np.array([1, 0, 0], np.float32)
    assert len(empty.search(query, 5).rows) == 0
    assert len(empty.search(query, 5, np.zeros(0, bool)).rows) == 0
