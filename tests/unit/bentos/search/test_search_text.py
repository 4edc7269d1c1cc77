"""Terms: what is written in several ways is found in each of them."""

from __future__ import annotations

import time

import pytest

from bentos.search.text import MAX_QUERY_TERMS, IndexTerms, fold, query_terms, singular, words
from tests.unit.bentos.search.electronics_shop import HARD_QUERIES


def _index(text: str) -> set[str]:
    terms, spellings = IndexTerms().of(text)
    return {*terms, *spellings}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("HDMI", "hdmi"),
        ("Crème Brûlée", "creme brulee"),
        ("ＨＤＭＩ ①", "hdmi 1"),
        ("Straße", "strasse"),
        ("ﬁlter", "filter"),
    ],
)
def test_case_accents_and_compatibility_forms_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("batteries", "battery"),
        ("watches", "watch"),
        ("boxes", "box"),
        ("glasses", "glass"),
        ("keyboards", "keyboard"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("ps4s", "ps4s"),
        ("gas", "gas"),
        ("ties", "tie"),
        ("tennis", "tennis"),
    ],
)
def test_plurals_are_put_into_the_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_words_are_runs_of_letters_and_digits() -> None:
    assert words("HP-21, 3.5mm (black)") == ["hp", "21", "3", "5mm", "black"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("cable 10m", "10m"),
        ("cable 10m", "10 m"),
        ("cable 10 m", "10m"),
        ("Cat5e cable", "cat5e"),
        ("Cat5e cable", "cat"),
        ("HP-21 toner", "hp21"),
        ("HP-21 toner", "hp 21"),
        ("HP21 toner", "hp-21"),
        ("Wi-Fi router", "wifi"),
        ("WiFi router", "wi-fi"),
        ("headset", "head set"),
        ("headsets", "head set"),
        ("SPA2600/00", "spa2600"),
        ("women's watch", "womens watches"),
    ],
)
def test_a_spelling_is_found_by_another(text: str, query: str) -> None:
    assert query_terms(query, _index(text))


def test_a_decimal_number_is_not_read_as_one_without_its_point() -> None:
    assert "35" not in _index("3.5 mm jack")


def test_further_spellings_do_not_make_a_text_longer() -> None:
    terms, spellings = IndexTerms().of("HP-21 64 GB")
    assert terms == ["hp", "21", "64", "gb"]
    assert set(spellings) == {"hp21", "64gb"}


def test_a_query_asks_only_for_what_the_index_holds_and_for_each_term_once() -> None:
    assert query_terms("hdmi hdmi scart cables", {"hdmi", "cable", "usb"}) == ["hdmi", "cable"]


def test_the_parts_of_a_word_are_asked_for_only_where_the_word_is_not_held() -> None:
    assert query_terms("cat5e", {"cat5e", "cat"}) == ["cat5e"]
    assert query_terms("cat5e", {"cat"}) == ["cat"]


@pytest.mark.parametrize("text", HARD_QUERIES)
def test_any_text_is_read_within_a_moment(text: str) -> None:
    began = time.perf_counter()
    held = _index(text)
    assert len(query_terms(text, held)) <= MAX_QUERY_TERMS
    assert time.perf_counter() - began < 1
