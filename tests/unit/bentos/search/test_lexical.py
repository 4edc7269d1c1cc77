"""BM25F by hand, and what its index holds."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest

from bentos.search.lexical import LexicalIndex, product_texts
from tests.unit.bentos.search.electronics_shop import HARD_QUERIES, PRODUCTS, catalogue


def _best(query: str) -> list[str]:
    scores = LexicalIndex.of(catalogue()).scores(query)
    order = np.argsort(-scores, kind="stable")
    return [PRODUCTS[row]["product_id"] for row in order if scores[row] > 0]


def test_the_score_is_bm25f_as_worked_out_by_hand() -> None:
    """Two products with titles of two and four words, mean three; one brand of one word.

    "usb" is in both titles once, and in the first product's brand. With b = 0.75, k1 = 1.2, title
    weight 2 and brand weight 1 its frequencies are 2 / (0.25 + 0.75 * 2/3) + 1 = 3.6667 and
    2 / (0.25 + 0.75 * 4/3) = 1.6; two of two products have it, so its rarity is log(1 + 0.5 / 2.5).
    """
    products = catalogue(
        [
            {"product_id": "a", "title": "usb hub", "brand": "usb", "attributes": []},
            {"product_id": "b", "title": "usb stick very small", "attributes": []},
        ]
    )
    rarity = log(1 + 0.5 / 2.5)
    frequency = np.array([2 / 0.75 + 1, 2 / 1.25])
    expected = rarity * frequency / (1.2 + frequency)
    np.testing.assert_allclose(LexicalIndex.of(products).scores("USB"), expected, rtol=1e-6)


def test_a_field_that_goes_on_says_less_a_word() -> None:
    """Descriptions of 40 words on average weigh half of those of up to 20."""

    def score(n_words: int) -> float:
        described = {"title": "x", "description": "hub " + "filler " * (n_words - 1)}
        products = catalogue([{"product_id": "a", "attributes": [], **described}])
        return float(LexicalIndex.of(products).scores("hub")[0])

    rarity = log(1 + 0.5 / 1.5)
    assert score(20) == pytest.approx(rarity * 2 / 3.2)
    assert score(40) == pytest.approx(rarity * 1 / 2.2)


def test_rare_words_count_more_than_common_ones() -> None:
    assert _best("logitech wireless")[0] == "p4"
    assert _best("hama cable")[0] == "p1"


@pytest.mark.parametrize(
    ("query", "product"),
    [
        ("hdmi cable 10 m", "p0"),
        ("wh1000", "p2"),
        ("head set", "p2"),
        ("keyboard", "p3"),
        ("white", "p1"),
        ("p4", "p4"),
    ],
)
def test_products_are_found_by_every_field(query: str, product: str) -> None:
    assert product in _best(query)


def test_an_attribute_that_is_true_is_found_by_its_name_and_one_that_is_false_is_not() -> None:
    assert "p2" in _best("wireless")
    assert _best("foldable") == []
    assert _best("yes") == []


def test_a_product_without_a_word_of_the_query_scores_nothing() -> None:
    scores = LexicalIndex.of(catalogue()).scores("hdmi")
    assert (scores > 0).tolist() == [True, True, False, False, False]


def test_an_index_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    index = LexicalIndex.of(catalogue())
    index.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path, len(PRODUCTS))
    for query in ("hdmi cable", "logitech", "head set", "nothing"):
        np.testing.assert_array_equal(loaded.scores(query), index.scores(query))


def test_a_shop_without_products_or_fields_has_an_index_too(tmp_path: Path) -> None:
    empty = LexicalIndex.of(catalogue([]))
    empty.save(tmp_path)
    assert LexicalIndex.load(tmp_path, 0).scores("hdmi").shape == (0,)
    silent = catalogue([{"product_id": "a", "title": "", "attributes": None}])
    assert LexicalIndex.of(silent).scores("hdmi").tolist() == [0]


def test_all_that_is_indexed_of_a_product_is_its_text() -> None:
    texts = list(product_texts(catalogue()))
    assert len(texts) == len(PRODUCTS)
    assert "10 m" in texts[0]
    assert "Sandberg" in texts[0]


@pytest.mark.parametrize("query", HARD_QUERIES)
def test_any_query_has_finite_scores(query: str) -> None:
    scores = LexicalIndex.of(catalogue()).scores(query)
    assert np.isfinite(scores).all()
    assert scores.shape == (len(PRODUCTS),)
