"""Versions of the index behind a pointer: what is made anew, what is kept, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bentos.search import index as index_module
from bentos.search.dense import DenseIndex
from bentos.search.filters import Filters, facets
from bentos.search.index import (
    SearchIndex,
    build_index,
)
from bentos.serving.errors import IndexMismatch, IndexMissing
from bentos.serving.versions import pointed_at
from tests.unit.bentos.search.built_index import DIGEST, build, ids, opened
from tests.unit.bentos.search.electronics_shop import (
    PRODUCTS,
    catalogue,
    direction,
    quietly,
    vectors,
)


def test_the_same_catalogue_is_the_same_version(tmp_path: Path) -> None:
    first, second = build(tmp_path), build(tmp_path)
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
    assert build(tmp_path, same).n_embedded == 1
    found = opened(tmp_path).search("", direction("the same"), Filters(), 10)
    assert found.rows.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(found.dense, 1, atol=1e-3)


def test_what_changed_without_its_text_is_embedded_no_more(tmp_path: Path) -> None:
    build(tmp_path)
    cheaper = [PRODUCTS[0] | {"price": 1.0}, *PRODUCTS[1:]]
    assert build(tmp_path, cheaper).n_embedded == 0
    found = opened(tmp_path).search("hdmi", None, Filters(price_to=2), 10)
    assert found.rows.tolist() == [0]


def test_a_deleted_product_is_gone_from_everything(tmp_path: Path) -> None:
    build(tmp_path)
    before = opened(tmp_path)
    build(tmp_path, [p for p in PRODUCTS if p["product_id"] != "p2"])
    after = opened(tmp_path)
    vector = direction("Sony WH-1000 headset")
    assert "p2" in ids(before, before.search("headset", vector, Filters(), 10))
    assert "p2" not in ids(after, after.search("headset", vector, Filters(), 10))
    assert len(after.search("headset", None, Filters(), 10).rows) == 0
    audio = Filters(category=frozenset({"audio"}))
    assert len(after.search("headset", vector, audio, 10).rows) == 0
    everything = np.arange(after.products.num_rows)
    counted = facets(after.columns, everything, ["brand"], 10)["brand"]
    assert "Sony" not in {value.value for value in counted}
    assert after.corrected("headste") is None


def test_who_has_opened_a_version_keeps_it(tmp_path: Path) -> None:
    build(tmp_path)
    before = opened(tmp_path)
    build(tmp_path, PRODUCTS[:1])
    assert len(before.search("logitech", None, Filters(), 10).rows) == 2
    again = SearchIndex.open(tmp_path / "index" / before.version, DIGEST)
    assert again.products.equals(before.products)


def test_vectors_that_did_not_change_are_on_the_disk_once(tmp_path: Path) -> None:
    first = build(tmp_path).version
    second = build(tmp_path, [PRODUCTS[0] | {"price": 1.0}, *PRODUCTS[1:]]).version
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
    built = build(tmp_path)
    assert (tmp_path / "index" / built.version / "vectors.usearch").exists()
    index = opened(tmp_path)
    vector = direction("Logitech keyboards")
    assert ids(index, index.search("", vector, Filters(), 1)) == ["p3"]
    assert len(index.search("", vector, Filters(), 10).rows) == len(PRODUCTS)


def test_a_shop_without_products_has_an_index_too(tmp_path: Path) -> None:
    assert build(tmp_path, []).n_products == 0
    assert len(opened(tmp_path).search("hdmi", direction("hdmi"), Filters(), 10).rows) == 0


def test_another_encoders_index_is_refused(tmp_path: Path) -> None:
    version = build(tmp_path).version
    with pytest.raises(IndexMismatch, match=f"{version}.*by-hand.*other"):
        SearchIndex.open(tmp_path / "index" / version, "other")


def test_a_version_that_is_not_there_is_missing(tmp_path: Path) -> None:
    build(tmp_path)
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
        "vocabulary.arrow",
        "index.json",
    ],
)
def test_a_damaged_version_is_missing(
    tmp_path: Path, file: str, damage: Callable[[Path], None]
) -> None:
    version = build(tmp_path).version
    damage(tmp_path / "index" / version / file)
    with pytest.raises(IndexMissing, match=version):
        opened(tmp_path)


def test_a_version_from_before_vocabularies_were_kept_is_read_still(tmp_path: Path) -> None:
    version = tmp_path / "index" / build(tmp_path).version
    kept = opened(tmp_path).vocabulary.table
    (version / "vocabulary.arrow").unlink()
    description = json.loads((version / "index.json").read_text())
    del description["layout"]
    (version / "index.json").write_text(json.dumps(description))
    assert opened(tmp_path).vocabulary.table == kept


@pytest.mark.usefixtures("_large")
def test_a_damaged_graph_is_missing(tmp_path: Path) -> None:
    version = build(tmp_path).version
    _tear(tmp_path / "index" / version / "vectors.usearch")
    with pytest.raises(IndexMissing, match=version):
        opened(tmp_path)


def test_a_build_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = build(tmp_path).version

    def fail(self: DenseIndex, folder: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(DenseIndex, "save", fail)
    with pytest.raises(OSError, match="full"):
        build(tmp_path, PRODUCTS[:2])
    assert pointed_at(tmp_path / "index") == version
    assert not list((tmp_path / "index").glob(".writing-*"))
