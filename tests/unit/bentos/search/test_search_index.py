"""The index: what it holds, and what a query finds in it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bentos.search.filters import Filters
from bentos.search.index import (
    COLUMNS,
    SearchIndex,
)
from bentos.serving.versions import pointed_at
from tests.unit.bentos.search.built_index import build, ids, opened
from tests.unit.bentos.search.electronics_shop import (
    HARD_QUERIES,
    catalogue,
    direction,
)


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    build(tmp_path)
    return opened(tmp_path)


def test_an_index_comes_back_with_its_products(tmp_path: Path) -> None:
    built = build(tmp_path)
    index = opened(tmp_path)
    assert index.version == built.version == pointed_at(tmp_path / "index")
    assert index.products.equals(catalogue())
    assert index.products.column_names == list(COLUMNS)


def test_words_and_vectors_both_find_and_say_which_did(index: SearchIndex) -> None:
    """The query's vector is the keyboard's, its word the cables'."""
    found = index.search("hdmi", direction("Logitech keyboards"), Filters(), 10)
    by = {
        product: (bool(lexical), bool(dense))
        for product, lexical, dense in zip(
            ids(index, found), found.by_lexical, found.by_dense, strict=True
        )
    }
    assert by["p0"] == by["p1"] == (True, True)  # so few products, all of them are near
    assert by["p3"] == (False, True)
    assert sorted(by) == ["p0", "p1", "p2", "p3", "p4"]


def test_a_stage_by_itself_finds_what_the_others_would_have_crowded_out(index: SearchIndex) -> None:
    stages = index.stages("hdmi", direction("Logitech keyboards"), 2)
    names = {
        stage: [index.products["product_id"][int(row)].as_py() for row in found.rows]
        for stage, found in stages.items()
    }
    assert sorted(names["lexical"]) == ["p0", "p1"]
    assert names["dense"][0] == "p3"
    assert "p3" not in names["fused"]
    assert all(len(found.rows) == 2 for found in stages.values())


def test_every_product_has_every_stages_score(index: SearchIndex) -> None:
    vector = direction("Logitech keyboards")
    found = index.search("hdmi", vector, Filters(), 10)
    keyboard = ids(index, found).index("p3")
    assert found.lexical[keyboard] == 0
    assert found.dense[keyboard] == pytest.approx(1, abs=1e-3)
    assert (found.lexical[found.by_lexical] > 0).all()
    assert (np.diff(found.fused) <= 0).all()


def test_without_a_vector_only_words_count(index: SearchIndex) -> None:
    found = index.search("hdmi", None, Filters(), 10)
    assert sorted(ids(index, found)) == ["p0", "p1"]
    assert not found.by_dense.any()
    assert not found.dense.any()


def test_filters_hold_for_words_and_vectors(index: SearchIndex) -> None:
    filters = Filters(category=frozenset({"input"}))
    found = index.search("hdmi wireless", direction("Sandberg HDMI cable 10m"), filters, 10)
    assert sorted(ids(index, found)) == ["p3", "p4"]


def test_no_more_than_asked_for_is_found(index: SearchIndex) -> None:
    assert len(index.search("hdmi", direction("x"), Filters(), 2).rows) == 2


def test_typos_are_corrected_by_the_catalogue(index: SearchIndex) -> None:
    assert index.corrected("logitehc") == "logitech"
    assert index.corrected("logitech") is None
    assert index.corrected("broht") is None  # the language's words are known, not guessed


@pytest.mark.parametrize("query", HARD_QUERIES)
def test_any_query_can_be_searched_for(index: SearchIndex, query: str) -> None:
    found = index.search(query, direction("x"), Filters(), 3)
    assert len(found.rows) == 3
    assert np.isfinite(found.fused).all()
    index.search(query, None, Filters(), 3)
    index.corrected(query)


def test_threads_find_what_one_of_them_would_find(index: SearchIndex) -> None:
    queries = ["hdmi cable", "logitech", "wireless headset", "keybaord", "10 m"] * 20
    alone = [index.search(q, direction(q), Filters(), 5).rows.tolist() for q in queries]
    together: dict[int, list[int]] = {}
    barrier = threading.Barrier(8)

    def ask(worker: int) -> None:
        barrier.wait()
        for place in range(worker, len(queries), 8):
            query = queries[place]
            found = index.search(query, direction(query), Filters(), 5)
            together[place] = found.rows.tolist()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert [together[place] for place in range(len(queries))] == alone
