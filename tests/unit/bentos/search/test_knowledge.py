"""What a search knows of a query and a product beyond what retrieval says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bentos.encoders.text import TextEncoder
from bentos.search.features import ProductWords
from bentos.search.index import SearchIndex, build_index
from bentos.search.knowledge import FEATURES, Knowledge
from bentos.search.text import terms
from tests.unit.bentos.search.electronics_shop import HandEncoder, catalogue, quietly, vectors

TITLES = {"Laptop": "Acme Laptop", "Laptop sleeve": "Acme Laptop Sleeve"}
MODIFIER = list(FEATURES).index("modifier")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """A laptop, row 0, and a sleeve for it."""
    folder: Path = tmp_path_factory.mktemp("laptops")
    products = catalogue(
        [
            {"product_id": title, "title": title, "product_type": kind}
            for kind, title in TITLES.items()
        ]
    )
    encoder: TextEncoder = HandEncoder()
    built = build_index(products, vectors(folder), folder / "index", quietly)
    index = SearchIndex.open(folder / "index" / built.version, encoder.digest)
    words = ProductWords(index.products, terms)
    return Knowledge(index, words, index.vocabulary, encoder)


def _modifier(known: Knowledge, query: str) -> list[float]:
    (vector,) = known.vectors([query])
    found: list[float] = known.features_of(query, [], vector, np.array([0, 1]))[
        :, MODIFIER
    ].tolist()
    return found


def test_an_accessory_loses_what_the_word_for_its_thing_brought_it(known: Knowledge) -> None:
    assert _modifier(known, "laptop") == [0.0, 1.0]
    assert FEATURES["modifier"] == -FEATURES["coverage"]


def test_what_is_asked_for_itself_loses_nothing(known: Knowledge) -> None:
    assert _modifier(known, "laptop sleeve") == [0.0, 0.0]
    assert _modifier(known, "acme") == [0.0, 0.0]


def test_only_the_share_of_the_head_noun_is_lost(known: Knowledge) -> None:
    assert _modifier(known, "acme laptop")[1] == pytest.approx(0.5)


def test_texts_that_are_no_products_are_read_alike(known: Knowledge) -> None:
    texts = [*TITLES.values(), "a sleeve for your laptop"]
    (vector,) = known.vectors(["laptop"])
    found = known.text_features("laptop", vector, texts, known.vectors(texts))
    assert found[:, MODIFIER].tolist() == [0.0, 1.0, 1.0]
