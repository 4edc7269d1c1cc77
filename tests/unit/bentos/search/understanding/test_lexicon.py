"""The dictionary of the catalogue's values."""

from __future__ import annotations

from collections import Counter

import pytest

from bentos.search.understanding.keys import key_of
from bentos.search.understanding.lexicon import Entry, Lexicon, is_model_number, lexicon_of
from bentos.search.understanding.tags import words_of

KNOWN = Lexicon(
    {
        "hp": ("BRAND", "HP"),
        "cable": ("TYPE", "cable"),
        "tonercartridge": ("TYPE", "toner cartridge"),
        "cartridge": ("TYPE", "cartridge"),
        "black": ("COLOUR", "Black"),
        "iphone": ("MODEL", "iPhone"),
        "3m": ("SIZE", "3 m"),
        "headset": ("TYPE", "headset"),
        "ink": ("TYPE", "ink"),
    }
)


def _found(query: str) -> list[tuple[str, str, str | None]]:
    return [(m.span.kind, m.text, m.value) for m in KNOWN.matches(words_of(query))]


def test_the_longest_known_words_win() -> None:
    assert _found("HP toner cartridges black") == [
        ("BRAND", "HP", "HP"),
        ("TYPE", "toner cartridges", "toner cartridge"),
        ("COLOUR", "black", "Black"),
    ]


@pytest.mark.parametrize("word", ["batteries", "matches", "paints", "grays", "color", "aluminum"])
def test_the_longest_value_of_its_beginning_is_known_however_it_is_written(word: str) -> None:
    lexicon = Lexicon({key_of(word): ("VALUE", word), "zz": ("VALUE", "zz")})
    assert [match.value for match in lexicon.known(words_of(f"a {word} z"))] == [word]


def test_a_word_written_as_two_is_known() -> None:
    assert _found("head set") == [("TYPE", "head set", "headset")]


def test_words_that_name_nothing_neither_begin_nor_end_a_match() -> None:
    assert _found("in k") == []


def test_a_measure_is_known_by_its_form_and_has_a_value_where_the_catalogue_has_it() -> None:
    assert _found("cable 3 metres 7 m 230 v") == [
        ("TYPE", "cable", "cable"),
        ("SIZE", "3 metres", "3 m"),
        ("SIZE", "7 m", None),
        ("VALUE", "230 v", None),
    ]


def test_the_name_of_a_line_takes_its_number_with_it() -> None:
    assert _found("iphone 11 cable") == [
        ("MODEL", "iphone 11", None),
        ("TYPE", "cable", "cable"),
    ]
    assert _found("iphone 3 m cable")[:2] == [("MODEL", "iphone", "iPhone"), ("SIZE", "3 m", "3 m")]


def test_types_side_by_side_are_one() -> None:
    assert _found("headset cable black") == [
        ("TYPE", "headset cable", None),
        ("COLOUR", "black", "Black"),
    ]
    known = KNOWN.known(words_of("headset cable"))
    assert [match.value for match in known] == ["headset", "cable"]


def test_numbers_of_a_model_side_by_side_are_one() -> None:
    assert _found("iphone a1234") == [("MODEL", "iphone a1234", None)]


@pytest.mark.parametrize("text", ["ps4", "s10", "wh-1000xm3", "006R90321", "EF-NG988", "43502302"])
def test_letters_with_digits_are_a_model(text: str) -> None:
    assert is_model_number(text)


@pytest.mark.parametrize(
    "text", ["a4", "20a", "16x", "10th", "2-in-1", "4-pin", "210x297", "2019", "black", "11", ""]
)
def test_forms_that_shoppers_use_for_other_things_are_none(text: str) -> None:
    assert not is_model_number(text)


def _counts(*said: tuple[str, str, int]) -> dict[Entry, Counter[str]]:
    return {(kind, key): Counter({key: n}) for kind, key, n in said}


def test_the_kind_that_most_products_say_is_a_keys_kind() -> None:
    lexicon = lexicon_of(_counts(("BRAND", "orange", 2), ("COLOUR", "orange", 9)))
    assert lexicon.kind("orange") == "COLOUR"


def test_another_value_is_what_no_better_kind_claims() -> None:
    lexicon = lexicon_of(_counts(("VALUE", "aa", 70), ("SIZE", "aa", 1), ("MODEL", "cat5", 99)))
    assert lexicon.kind("aa") == "SIZE"
    assert lexicon_of(_counts(("VALUE", "cat5", 3), ("MODEL", "cat5", 99))).kind("cat5") == "VALUE"


def test_what_is_said_too_seldom_or_means_too_much_is_not_known() -> None:
    said = _counts(("VALUE", "rare", 2), ("SIZE", "d", 9), ("TYPE", "for", 9), ("MODEL", "11", 9))
    assert len(lexicon_of(said)) == 0


def test_an_empty_dictionary_knows_nothing() -> None:
    assert Lexicon({}).matches(words_of("hp cable")) == []
