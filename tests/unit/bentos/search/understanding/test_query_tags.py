"""Words, labels and spans of queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.search.understanding.tags import (
    KINDS,
    LONGEST_QUERY,
    MOST_WORDS,
    Span,
    labels_of,
    spans_of,
    words_of,
)


def _texts(query: str) -> list[str]:
    return [word.text for word in words_of(query)]


def test_signs_within_a_word_belong_to_it_and_others_part_words() -> None:
    assert _texts("StarTech.com wi-fi/usb, 5.5 AT&T (new)") == [
        "StarTech.com",
        "wi-fi/usb",
        "5.5",
        "AT&T",
        "new",
    ]


def test_an_inch_sign_belongs_to_its_number() -> None:
    assert _texts('tv 42" black') == ["tv", '42"', "black"]


def test_words_know_where_they_stand() -> None:
    query = "  hp   toner!"
    assert [query[word.start : word.end] for word in words_of(query)] == ["hp", "toner"]


@pytest.mark.parametrize("query", ["", "   ", "!?.,;-", "🎧🎧", "\x00\t\n"])
def test_what_has_no_letter_and_no_digit_has_no_words(query: str) -> None:
    assert words_of(query) == []


def test_words_of_any_script_are_words() -> None:
    assert _texts("кабель 耳机 σκληρός 🎧usb") == ["кабель", "耳机", "σκληρός", "usb"]


def test_of_a_long_query_only_the_beginning_is_read() -> None:
    words = words_of("cable " * 2000)
    assert len(words) == MOST_WORDS
    assert words_of("a" * 10_000) == []
    assert [word.end for word in words_of("ab " * 1000)][-1] <= LONGEST_QUERY


def test_a_word_that_ends_where_reading_ends_is_read_whole_or_not_at_all() -> None:
    assert _texts("a" * LONGEST_QUERY) == ["a" * LONGEST_QUERY]
    assert _texts("a" * (LONGEST_QUERY + 1)) == []


def test_the_first_word_of_a_span_begins_it_and_the_others_continue_it() -> None:
    spans = [Span("BRAND", 0, 1), Span("TYPE", 2, 5)]
    assert labels_of(6, spans) == ["B-BRAND", "O", "B-TYPE", "I-TYPE", "I-TYPE", "O"]


def test_neighbouring_spans_of_a_kind_stay_apart() -> None:
    spans = [Span("VALUE", 0, 1), Span("VALUE", 1, 2)]
    assert spans_of(labels_of(2, spans)) == spans


@pytest.mark.parametrize("labels", [["I-TYPE"], ["O", "I-TYPE"], ["B-BRAND", "I-TYPE"]])
def test_a_continuation_of_nothing_begins_a_span(labels: list[str]) -> None:
    assert spans_of(labels)[-1] == Span("TYPE", len(labels) - 1, len(labels))


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 3), st.integers(0, 2))))
def test_labels_say_all_of_spans(parts: list[tuple[str, int, int]]) -> None:
    spans, place = [], 0
    for kind, length, gap in parts:
        spans.append(Span(kind, place, place + length))
        place += length + gap
    assert spans_of(labels_of(place, spans)) == spans
