"""Features of a query and a product, worked out by hand."""

from __future__ import annotations

from math import log, log1p

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose

from bentos.search.features import PRIOR, ProductWords, rarity


def _words(text: str) -> list[str]:
    return text.lower().split()


PRODUCTS = pa.table(
    {
        "title": ["Acme red pen", "Acme mug", "Box"],
        "text": ["Acme red pen. writes", "Acme mug", "Box for a pen"],
        "product_type": ["pen", None, "box"],
        "brand": ["Acme", "Acme", None],
        "price": pa.array([2.0, None, 4.0]),
    }
)


def _of(
    query: str, rows: list[int], cosine: list[float], bm25: list[float]
) -> dict[str, list[float]]:
    matrix = ProductWords(PRODUCTS, _words).features(
        query, np.array(rows), np.array(cosine, np.float32), np.array(bm25, np.float32)
    )
    assert matrix.dtype == np.float32
    return {name: matrix[:, place].tolist() for place, name in enumerate(PRIOR)}


def test_rarity_is_that_of_bm25() -> None:
    assert rarity(2, 2) == pytest.approx(log(1 + 0.5 / 2.5))
    assert rarity(2, 1) == pytest.approx(log(1 + 1.5 / 1.5))
    assert rarity(2, 0) == pytest.approx(log(1 + 2.5 / 0.5))


def test_coverage_is_the_share_of_the_querys_words_by_their_rarity() -> None:
    found = _of("Acme box", [0, 2], [0.5, 0.25], [0.0, 0.0])
    acme, box = log(1 + 1.5 / 2.5), log(1 + 2.5 / 1.5)
    assert found["coverage"] == pytest.approx([acme / (acme + box), box / (acme + box)], rel=1e-6)
    assert found["title_coverage"] == found["coverage"]
    assert found["type_coverage"] == pytest.approx([0, box / (acme + box)], rel=1e-6)
    assert found["brand_coverage"] == pytest.approx([acme / (acme + box), 0], rel=1e-6)
    assert found["cosine"] == [0.5, 0.25]


def test_bm25_is_a_share_of_the_pools_greatest_and_none_of_none() -> None:
    assert _of("pen", [0, 1], [0, 0], [8.0, 2.0])["bm25"] == [1.0, 0.25]
    assert _of("pen", [0, 1], [0, 0], [0.0, 0.0])["bm25"] == [0.0, 0.0]


def test_an_unknown_price_is_the_usual_one() -> None:
    found = _of("pen", [0, 1], [0, 0], [0, 0])["log_price"]
    assert_allclose(found, [log1p(2), log1p(3)], rtol=1e-6)


def test_a_query_without_words_covers_nothing() -> None:
    assert _of("", [0], [0.1], [0.0])["coverage"] == [0.0]


def test_no_products_have_no_features() -> None:
    none = np.array([], np.int64)
    matrix = ProductWords(PRODUCTS, _words).features(
        "pen", none, np.zeros(0, "f"), np.zeros(0, "f")
    )
    assert matrix.shape == (0, len(PRIOR))


def test_texts_that_are_no_products_have_the_features_that_a_text_can_have() -> None:
    words = ProductWords(PRODUCTS, _words)
    found = words.text_features("red pen", ["a red pen", "x"], np.array([0.9, 0.1], np.float32))
    named = {name: found[:, place].tolist() for place, name in enumerate(PRIOR)}
    assert named["cosine"] == pytest.approx([0.9, 0.1])
    assert named["coverage"] == named["title_coverage"] == [1.0, 0.0]
    assert named["log_price"] == pytest.approx([log1p(3)] * 2)
    assert named["bm25"] == named["brand_coverage"] == [0.0, 0.0]
