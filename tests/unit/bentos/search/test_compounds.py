"""Head nouns: what a title names, and what it only names to say which."""

from __future__ import annotations

import pytest

from bentos.search.compounds import Compounds
from bentos.search.understanding.vocabulary import Vocabulary
from tests.unit.bentos.search.electronics_shop import catalogue

COMPOUNDS = Compounds(["laptop", "sleeve", "speaker", "system", "printer", "scanner", "charger"])


@pytest.mark.parametrize(
    ("title", "modifiers"),
    [
        ("Acme Laptop Sleeve 15 inch", {"laptop"}),
        ("Acme sleeve for the new laptops", {"laptop"}),
        ("Acme laptop 15 inch", set()),
        ("Acme laptop with a laptop sleeve", set()),
        ("Acme printer/scanner", set()),
        ("Acme Laptop - Sleeve in the box", set()),
        ("Acme speaker system", set()),
        ("Acme laptop 3 charger", set()),
        ("Laptop, laptops", set()),
        ("", set()),
    ],
)
def test_a_noun_before_another_or_after_for_is_not_the_thing(
    title: str, modifiers: set[str]
) -> None:
    assert COMPOUNDS.modifiers(title) == modifiers


def test_the_title_decides_and_of_words_that_it_lacks_the_description() -> None:
    assert COMPOUNDS.modifiers("Acme 15", "laptop sleeve") == {"laptop"}
    assert COMPOUNDS.modifiers("Acme laptop", "with a laptop sleeve") == set()
    assert COMPOUNDS.modifiers("Acme laptop sleeve", "for your laptop, a laptop") == {"laptop"}
    assert COMPOUNDS.modifiers("Acme 15", "a laptop with a laptop sleeve") == set()
    assert COMPOUNDS.modifiers(None, None) == set()


@pytest.mark.parametrize(
    ("query", "head"),
    [
        ("laptop", "laptop"),
        ("red Laptop sleeves", "sleeve"),
        ("sleeve for laptop", "sleeve"),
        ("printer 300 dpi 4", None),
        ("laptop 15", "laptop"),
        ("for laptop", "laptop"),
        ("acme", None),
        ("", None),
    ],
)
def test_a_query_looks_for_its_last_noun_before_a_preposition(query: str, head: str | None) -> None:
    assert COMPOUNDS.head(query) == head


def test_the_heads_are_the_last_words_of_the_catalogues_types() -> None:
    products = catalogue(
        [
            {"product_id": f"{kind}{n}", "title": f"Acme {n}", "product_type": kind}
            for kind in ("Laptop", "Laptop sleeves")
            for n in range(3)
        ]
    )
    compounds = Compounds.of(Vocabulary.of(products))
    assert compounds.modifiers("laptop sleeve") == {"laptop"}
    assert compounds.head("sleeve") == "sleeve"


def test_a_type_that_hardly_any_product_has_is_no_head() -> None:
    products = catalogue(
        [
            {"product_id": str(n), "title": f"Acme {n}", "product_type": "laptop" if n else "sled"}
            for n in range(2001)
        ]
    )
    compounds = Compounds.of(Vocabulary.of(products))
    assert compounds.head("laptop") == "laptop"
    assert compounds.head("sled") is None
