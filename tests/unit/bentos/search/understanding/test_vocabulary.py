"""The catalogue's own values and which product says which."""

from __future__ import annotations

import pytest

from bentos.search.understanding.tags import words_of
from bentos.search.understanding.vocabulary import Vocabulary
from tests.unit.bentos.search.understanding.electronics import (
    BATTERY,
    CABLE,
    CASE,
    CATALOGUE,
    HEADSET,
    LONG_CABLE,
    PHONE,
    SOUP,
    TONER,
    table,
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.of(CATALOGUE)


@pytest.mark.parametrize(
    ("kind", "key", "rows"),
    [
        ("BRAND", "samsung", [CASE, PHONE]),
        ("TYPE", "cable", [CABLE, LONG_CABLE]),
        ("TYPE", "tomatosoup", [SOUP]),
        ("COLOUR", "black", [CABLE, CASE, PHONE, TONER]),
        ("SIZE", "3m", [LONG_CABLE]),
        ("SIZE", "12oz", [SOUP]),
        ("SIZE", "aa", [BATTERY]),
        ("MATERIAL", "pvc", [CABLE, LONG_CABLE]),
        ("MODEL", "h390", [HEADSET]),
        ("VALUE", "hdmi", [CABLE, LONG_CABLE, HEADSET]),
        ("VALUE", "wireless", []),
        ("BRAND", "nobody", []),
    ],
)
def test_products_are_known_by_what_columns_attributes_and_titles_say(
    vocabulary: Vocabulary, kind: str, key: str, rows: list[int]
) -> None:
    assert vocabulary.products(kind, key).tolist() == rows


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("BRAND", "startech.com", "StarTech.com"),
        ("SIZE", "12 ounces", "12 OZ"),
        ("COLOUR", "gray", "Grey"),
        ("BRAND", "black", None),
        ("SIZE", "99 m", None),
    ],
)
def test_a_value_is_written_as_the_catalogue_writes_it(
    vocabulary: Vocabulary, kind: str, text: str, value: str | None
) -> None:
    assert vocabulary.value(kind, text) == value


def test_a_product_with_a_longer_type_is_one_of_the_type_that_this_ends_in() -> None:
    rows = [{"product_type": "networking cable"}] * 2 + [{"product_type": "cable"}] * 2
    assert Vocabulary.of(table(rows)).products("TYPE", "cable").tolist() == [0, 1, 2, 3]


def test_types_come_from_titles_where_the_catalogue_files_none() -> None:
    titles = [f"HP C415{n}A toner cartridge Cyan" for n in range(3)]
    rows = [{"title": title, "brand": "HP"} for title in titles]
    vocabulary = Vocabulary.of(table(rows))
    assert vocabulary.products("TYPE", "tonercartridge").tolist() == [0, 1, 2]
    assert vocabulary.products("MODEL", "c4151a").tolist() == [1]


def test_what_every_product_says_of_itself_can_be_listed(vocabulary: Vocabulary) -> None:
    entries = vocabulary.entries_of_products[SOUP]
    said = {(e["kind"], e["value"]) for e in vocabulary.table.take(entries).to_pylist()}
    assert said == {("TYPE", "tomato soups"), ("TYPE", "canned"), ("SIZE", "12 OZ")}


def test_a_vocabulary_is_a_table_and_can_be_had_from_it_again(vocabulary: Vocabulary) -> None:
    again = Vocabulary(vocabulary.table, vocabulary.size)
    assert again.products("BRAND", "samsung").tolist() == [CASE, PHONE]
    words = words_of("samsung cables black")
    assert again.lexicon.matches(words) == vocabulary.lexicon.matches(words)


def test_an_empty_catalogue_has_no_values() -> None:
    empty = Vocabulary.of(CATALOGUE.slice(0, 0))
    assert empty.size == len(empty.lexicon) == empty.table.num_rows == 0
    assert empty.value("BRAND", "hp") is None
