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
    ("text", "rows"),
    [
        ("samsung", [CASE, PHONE]),
        ("cables", [CABLE, LONG_CABLE]),
        ("tomato soup", [SOUP]),
        ("black", [CABLE, CASE, PHONE, TONER]),
        ("3 metres", [LONG_CABLE]),
        ("12oz", [SOUP]),
        ("AA", [BATTERY]),
        ("PVC", [CABLE, LONG_CABLE]),
        ("H390", [HEADSET]),
        ("hdmi", [CABLE, LONG_CABLE, HEADSET]),
        ("wireless", []),
        ("nobody", []),
    ],
)
def test_products_are_known_by_what_columns_attributes_and_titles_say(
    vocabulary: Vocabulary, text: str, rows: list[int]
) -> None:
    assert vocabulary.products(text).tolist() == rows


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("startech.com", "StarTech.com"),
        ("12 ounces", "12 OZ"),
        ("gray", "Grey"),
        ("violet", None),
        ("99 m", None),
    ],
)
def test_a_value_is_written_as_the_catalogue_writes_it(
    vocabulary: Vocabulary, text: str, value: str | None
) -> None:
    assert vocabulary.value(text) == value


def test_a_product_with_a_longer_type_is_one_of_the_type_that_this_ends_in() -> None:
    rows = [{"product_type": "networking cable"}] * 2 + [{"product_type": "cable"}] * 2
    assert Vocabulary.of(table(rows)).products("cable").tolist() == [0, 1, 2, 3]


def test_types_come_from_titles_where_the_catalogue_files_none() -> None:
    titles = [f"HP C415{n}A toner cartridge Cyan" for n in range(3)]
    rows = [{"title": title, "brand": "HP"} for title in titles]
    vocabulary = Vocabulary.of(table(rows))
    assert vocabulary.products("toner cartridges").tolist() == [0, 1, 2]
    assert vocabulary.products("c4151a").tolist() == [1]


def test_a_value_has_one_kind_whatever_an_attribute_takes_it_for() -> None:
    rows = [{"attributes": {"battery_size": "AA"}}] + [{"attributes": {"battery": "AA"}}] * 5
    vocabulary = Vocabulary.of(table(rows))
    assert vocabulary.lexicon.kind("aa") == "SIZE"
    assert vocabulary.products("aa").tolist() == [0, 1, 2, 3, 4, 5]


def test_what_every_product_says_of_itself_can_be_listed(vocabulary: Vocabulary) -> None:
    entries = vocabulary.entries_of_products[SOUP]
    said = {(e["kind"], e["value"]) for e in vocabulary.table.take(entries).to_pylist()}
    assert said == {("TYPE", "tomato soups"), ("TYPE", "canned"), ("SIZE", "12 OZ")}


def test_a_vocabulary_is_a_table_and_can_be_had_from_it_again(vocabulary: Vocabulary) -> None:
    again = Vocabulary(vocabulary.table, vocabulary.size)
    assert again.products("samsung").tolist() == [CASE, PHONE]
    words = words_of("samsung cables black")
    assert again.lexicon.matches(words) == vocabulary.lexicon.matches(words)


def test_an_empty_catalogue_has_no_values() -> None:
    empty = Vocabulary.of(CATALOGUE.slice(0, 0))
    assert empty.size == len(empty.lexicon) == empty.table.num_rows == 0
    assert empty.value("hp") is None
