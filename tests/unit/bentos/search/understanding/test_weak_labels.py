"""Queries with labels that nobody wrote."""

from __future__ import annotations

import pytest

from bentos.search.understanding.tags import OUTSIDE, spans_of
from bentos.search.understanding.vocabulary import Vocabulary
from bentos.search.understanding.weak_labels import Example, Examples, families, is_held_out
from tests.unit.bentos.search.understanding.electronics import CABLE, CATALOGUE, SOUP, table

ALL = range(CATALOGUE.num_rows)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.of(CATALOGUE)


@pytest.fixture(scope="module")
def examples(vocabulary: Vocabulary) -> Examples:
    return Examples(CATALOGUE, vocabulary)


def _said(example: Example) -> list[tuple[str, str]]:
    labels = [label or OUTSIDE for label in example.labels]
    return [(s.kind, " ".join(example.words[s.first : s.last])) for s in spans_of(labels)]


def test_each_word_has_a_label(examples: Examples) -> None:
    made = examples.make(ALL, 500, seed=1, titles=True)
    assert len(made) > 400
    assert all(len(example.words) == len(example.labels) > 0 for example in made)


def test_what_a_query_names_the_product_says(examples: Examples, vocabulary: Vocabulary) -> None:
    for example in examples.make([CABLE], 300, seed=2, titles=False):
        for kind, text in _said(example):
            rows = {
                "BRAND": ["c2g"],
                "TYPE": ["cable", "cables"],
                "COLOUR": ["black"],
                "SIZE": ["1 m"],
                "MATERIAL": ["pvc"],
                "VALUE": ["hdmi"],
            }[kind]
            assert text in rows or sorted(text) == sorted(rows[0])  # or mistyped


def test_queries_come_in_many_ways(examples: Examples) -> None:
    made = examples.make(ALL, 1000, seed=3, titles=False)
    orders = {tuple(kind for kind, _ in _said(example)) for example in made}
    assert {("TYPE",), ("BRAND",), ("BRAND", "TYPE"), ("COLOUR", "TYPE")} <= orders
    assert any("for" in example.words or "with" in example.words for example in made)
    assert all(example.words[-1] not in ("for", "with") for example in made)


def test_a_product_that_says_little_is_asked_for_by_what_it_says(examples: Examples) -> None:
    kinds = {
        kind
        for example in examples.make([SOUP], 200, seed=4, titles=True)
        for kind, _ in _said(example)
    }
    assert kinds == {"TYPE", "SIZE"}


def test_words_of_titles_that_nobody_knows_are_not_called_nothing() -> None:
    rows = [{"title": "HP Quick for Release", "brand": "HP", "attributes": {}}] * 3
    catalogue = table(rows)
    made = Examples(catalogue, Vocabulary.of(catalogue)).make(range(3), 300, seed=5, titles=True)
    labels = {
        word: label
        for example in made
        for word, label in zip(example.words, example.labels, strict=True)
    }
    assert labels["quick"] is None
    assert labels["for"] == OUTSIDE
    assert labels["hp"] == "B-BRAND"


def test_without_titles_every_word_has_a_label_that_is_known(examples: Examples) -> None:
    made = examples.make(ALL, 300, seed=6, titles=False)
    assert all(label is not None for example in made for label in example.labels)


def test_the_same_seed_makes_the_same_examples(examples: Examples) -> None:
    assert examples.make(ALL, 50, 7, True) == examples.make(ALL, 50, 7, True)
    assert examples.make(ALL, 50, 7, True) != examples.make(ALL, 50, 8, True)


def test_products_that_say_nothing_make_no_examples() -> None:
    catalogue = table([{"title": ""}, {}])
    examples = Examples(catalogue, Vocabulary.of(catalogue))
    assert examples.make(range(2), 10, 1, True) == []


def test_rare_types_are_asked_for_more_often_than_they_are_sold() -> None:
    rows = [{"product_type": "cable"}] * 100 + [{"product_type": "lamp"}] * 4
    catalogue = table(rows)
    made = Examples(catalogue, Vocabulary.of(catalogue)).make(range(104), 2000, 1, False)
    lamps = sum("lamp" in example.words[-1] for example in made) / len(made)
    assert lamps == pytest.approx(2 / 12, abs=0.04)  # by the square root of their number


def test_a_family_is_the_most_common_type_or_the_brand_where_there_is_none() -> None:
    rows = [
        {"product_type": "networking cable"},
        {"product_type": "networking cable"},
        {"product_type": "cable"},
        {"product_type": "cable"},
        {"brand": "HP"},
        {},
    ]
    catalogue = table(rows)
    assert families(catalogue, Vocabulary.of(catalogue)) == [
        *["cable"] * 4,
        "brand HP",
        "brand None",
    ]


def test_a_family_is_held_out_whole_and_by_its_name_alone() -> None:
    names = [f"type {n}" for n in range(5000)]
    held = [name for name in names if is_held_out(name, 0.1, "test")]
    assert len(held) / len(names) == pytest.approx(0.1, abs=0.02)
    other = [name for name in names if is_held_out(name, 0.1, "validation")]
    assert len(set(held) & set(other)) / len(names) == pytest.approx(0.01, abs=0.01)
