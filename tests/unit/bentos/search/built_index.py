"""Indexes of the small shop, built and opened as the flows and services do."""

from __future__ import annotations

from pathlib import Path

from bentos.search.index import Built, Retrieved, SearchIndex, build_index
from bentos.serving.versions import pointed_at
from tests.unit.bentos.search.electronics_shop import PRODUCTS, catalogue, quietly, vectors

DIGEST = "by-hand"


def build(folder: Path, products: list[dict[str, object]] = PRODUCTS) -> Built:
    return build_index(catalogue(products), vectors(folder / "vectors"), folder / "index", quietly)


def opened(folder: Path) -> SearchIndex:
    index = folder / "index"
    return SearchIndex.open(index / (pointed_at(index) or "none"), DIGEST)


def ids(index: SearchIndex, found: Retrieved) -> list[str]:
    return [index.products["product_id"][int(row)].as_py() for row in found.rows]
