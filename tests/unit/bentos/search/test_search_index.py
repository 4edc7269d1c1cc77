"""The index: versions behind a pointer, what they hold, and what a query finds in them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bentos.search import index as index_module
from bentos.search.dense import DenseIndex
from bentos.search.filters import Filters, facets
from bentos.search.index import (
    COLUMNS,
    Built,
    Retrieved,
    SearchIndex,
    build_index,
)
from bentos.serving.errors import IndexMismatch, IndexMissing
from bentos.serving.versions import pointed_at
from tests.unit.bentos.search.electronics_shop import (
    HARD_QUERIES,
    PRODUCTS,
    catalogue,
    direction,
    quietly,
    vectors,
)

DIGEST = "by-hand"


def _build(folder: Path, products: list[dict[str, object]] = PRODUCTS) -> Built:
    return build_index(catalogue(products), vectors(folder / "vectors"), folder / "index", quietly)


def _open(folder: Path) -> SearchIndex:
    index = folder / "index"
    return SearchIndex.open(index / (pointed_at(index) or "none"), DIGEST)


def _ids(index: SearchIndex, found: Retrieved) -> list[str]:
    return [index.products["product_id"][int(row)].as_py() for row in found.rows]


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    _build(tmp_path)
    return _open(tmp_path)


def test_an_index_comes_back_with_its_products(tmp_path: Path) -> None:
    built = _build(tmp_path)
    index = _open(tmp_path)
    assert index.version == built.version == pointed_at(tmp_path / "index")
    assert index.products.equals(catalogue())
    assert index.products.column_names == list(COLUMNS)


def test_words_and_vectors_both_find_and_say_which_did(index: SearchIndex) -> None:
    """The query's vector is the keyboard's, its word the cables'."""
    found = index.search("hdmi", direction("Logitech keyboards"), Filters(), 10)
    by = {
        product: (bool(lexical), bool(dense))
        for product, lexical, dense in zip(
            _ids(index, found), found.by_lexical, found.by_dense, strict=True
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
    keyboard = _ids(index, found).index("p3")
    assert found.lexical[keyboard] == 0
    assert found.dense[keyboard] == pytest.approx(1, abs=1e-3)
    assert (found.lexical[found.by_lexical] > 0).all()
    assert (np.diff(found.fused) <= 0).all()


def test_without_a_vector_only_words_count(index: SearchIndex) -> None:
    found = index.search("hdmi", None, Filters(), 10)
    assert sorted(_ids(index, found)) == ["p0", "p1"]
    assert not found.by_dense.any()
    assert not found.dense.any()


def test_filters_hold_for_words_and_vectors(index: SearchIndex) -> None:
    filters = Filters(category=frozenset({"input"}))
    found = index.search("hdmi wireless", direction("Sandberg HDMI cable 10m"), filters, 10)
    assert sorted(_ids(index, found)) == ["p3", "p4"]


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


# Versions.


def test_the_same_catalogue_is_the_same_version(tmp_path: Path) -> None:
    first, second = _build(tmp_path), _build(tmp_path)
    assert first.version == second.version
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == sorted(
        [first.version, "current"]
    )


def test_only_texts_that_changed_are_embedded(tmp_path: Path) -> None:
    kept = vectors(tmp_path / "vectors")
    products = [
        {"product_id": f"p{n:03}", "title": f"product {n}", "attributes": []} for n in range(200)
    ]
    first = build_index(catalogue(products), kept, tmp_path / "index", quietly)
    assert (first.n_products, first.n_embedded) == (200, 200)
    changed = [*products[:198], *(p | {"title": f"other {p['title']}"} for p in products[198:])]
    second = build_index(catalogue(changed), kept, tmp_path / "index", quietly)
    assert second.n_embedded == 2
    assert second.version != first.version


def test_a_text_that_products_share_is_embedded_once(tmp_path: Path) -> None:
    same = [{"product_id": f"p{n}", "title": "the same", "attributes": []} for n in range(5)]
    assert _build(tmp_path, same).n_embedded == 1
    found = _open(tmp_path).search("", direction("the same"), Filters(), 10)
    assert found.rows.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(found.dense, 1, atol=1e-3)


def test_what_changed_without_its_text_is_embedded_no_more(tmp_path: Path) -> None:
    _build(tmp_path)
    cheaper = [PRODUCTS[0] | {"price": 1.0}, *PRODUCTS[1:]]
    assert _build(tmp_path, cheaper).n_embedded == 0
    found = _open(tmp_path).search("hdmi", None, Filters(price_to=2), 10)
    assert found.rows.tolist() == [0]


def test_a_deleted_product_is_gone_from_everything(tmp_path: Path) -> None:
    _build(tmp_path)
    before = _open(tmp_path)
    _build(tmp_path, [p for p in PRODUCTS if p["product_id"] != "p2"])
    after = _open(tmp_path)
    vector = direction("Sony WH-1000 headset")
    assert "p2" in _ids(before, before.search("headset", vector, Filters(), 10))
    assert "p2" not in _ids(after, after.search("headset", vector, Filters(), 10))
    assert len(after.search("headset", None, Filters(), 10).rows) == 0
    audio = Filters(category=frozenset({"audio"}))
    assert len(after.search("headset", vector, audio, 10).rows) == 0
    everything = np.arange(after.products.num_rows)
    counted = facets(after.columns, everything, ["brand"], 10)["brand"]
    assert "Sony" not in {value.value for value in counted}
    assert after.corrected("headste") is None


def test_who_has_opened_a_version_keeps_it(tmp_path: Path) -> None:
    _build(tmp_path)
    before = _open(tmp_path)
    _build(tmp_path, PRODUCTS[:1])
    assert len(before.search("logitech", None, Filters(), 10).rows) == 2
    again = SearchIndex.open(tmp_path / "index" / before.version, DIGEST)
    assert again.products.equals(before.products)


def test_vectors_that_did_not_change_are_on_the_disk_once(tmp_path: Path) -> None:
    first = _build(tmp_path).version
    second = _build(tmp_path, [PRODUCTS[0] | {"price": 1.0}, *PRODUCTS[1:]]).version
    folder = tmp_path / "index"
    assert (folder / first / "vectors.npy").samefile(folder / second / "vectors.npy")
    assert not (folder / first / "products.arrow").samefile(folder / second / "products.arrow")


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes more than three products many."""

    def small(*arguments: object) -> DenseIndex:
        return DenseIndex(*arguments, exact_up_to=3)  # type: ignore[arg-type]

    small.load = DenseIndex.load  # type: ignore[attr-defined]
    monkeypatch.setattr(index_module, "DenseIndex", small)


@pytest.mark.usefixtures("_large")
def test_a_large_catalogue_is_searched_by_a_graph(tmp_path: Path) -> None:
    built = _build(tmp_path)
    assert (tmp_path / "index" / built.version / "vectors.usearch").exists()
    index = _open(tmp_path)
    vector = direction("Logitech keyboards")
    assert _ids(index, index.search("", vector, Filters(), 1)) == ["p3"]
    assert len(index.search("", vector, Filters(), 10).rows) == len(PRODUCTS)


def test_a_shop_without_products_has_an_index_too(tmp_path: Path) -> None:
    assert _build(tmp_path, []).n_products == 0
    assert len(_open(tmp_path).search("hdmi", direction("hdmi"), Filters(), 10).rows) == 0


# Refusals.


def test_another_encoders_index_is_refused(tmp_path: Path) -> None:
    version = _build(tmp_path).version
    with pytest.raises(IndexMismatch, match=f"{version}.*by-hand.*other"):
        SearchIndex.open(tmp_path / "index" / version, "other")


def test_a_version_that_is_not_there_is_missing(tmp_path: Path) -> None:
    _build(tmp_path)
    with pytest.raises(IndexMissing, match="0123"):
        SearchIndex.open(tmp_path / "index" / "0123", DIGEST)


def _forget(path: Path) -> None:
    path.unlink()


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [_forget, _tear])
@pytest.mark.parametrize(
    "file",
    [
        "products.arrow",
        "vectors.npy",
        "vector_of.npy",
        "lexical_terms.arrow",
        "lexical_starts.npy",
        "lexical_rows.npy",
        "lexical_weights.npy",
        "words.arrow",
        "index.json",
    ],
)
def test_a_damaged_version_is_missing(
    tmp_path: Path, file: str, damage: Callable[[Path], None]
) -> None:
    version = _build(tmp_path).version
    damage(tmp_path / "index" / version / file)
    with pytest.raises(IndexMissing, match=version):
        _open(tmp_path)


@pytest.mark.usefixtures("_large")
def test_a_damaged_graph_is_missing(tmp_path: Path) -> None:
    version = _build(tmp_path).version
    _tear(tmp_path / "index" / version / "vectors.usearch")
    with pytest.raises(IndexMissing, match=version):
        _open(tmp_path)


def test_a_build_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = _build(tmp_path).version

    def fail(self: DenseIndex, folder: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(DenseIndex, "save", fail)
    with pytest.raises(OSError, match="full"):
        _build(tmp_path, PRODUCTS[:2])
    assert pointed_at(tmp_path / "index") == version
    assert not list((tmp_path / "index").glob(".writing-*"))


# Threads.


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
