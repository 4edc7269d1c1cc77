"""Typos: what is corrected, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.search.spelling import Speller
from tests.unit.bentos.search.electronics_shop import HARD_QUERIES

TEXTS = [
    *["black keyboard with cable"] * 3,
    *["computer mouse cables"] * 2,
    *["hp21 toner keyboards"] * 2,
    "keybord by accident",
]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.of(TEXTS, ["broth", "monitor"])


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("keybaord", "keyboard"),  # two letters swapped
        ("keyboad", "keyboard"),  # one less
        ("keyboarrd", "keyboard"),  # one more
        ("keyboarf", "keyboard"),  # another
        ("Black KEYBAORD", "black keyboard"),
        ("computre mouse", "computer mouse"),
        ("computermouse", "computer mouse"),
    ],
)
def test_a_slip_is_corrected(speller: Speller, query: str, meant: str) -> None:
    assert speller.corrected(query) == meant


@pytest.mark.parametrize(
    "query",
    [
        "black keyboard",
        "Keyboards",  # the singular is known
        "mouses",  # its singular is known
        "keybord",  # once in the catalogue is known
        "broth",  # a word of the language
        "monitor",
        "hp22",  # has a digit
        "k3yboard",
        "mose",  # too short to tell
        "entirely unlike",
    ],
)
def test_what_is_known_or_like_nothing_is_left_alone(speller: Speller, query: str) -> None:
    assert speller.corrected(query) is None


def test_the_commoner_word_is_meant() -> None:
    speller = Speller.of([*["cable"] * 2, *["table"] * 5], [])
    assert speller.corrected("xable") == "table"


def test_nothing_is_taken_for_a_word_that_one_product_has() -> None:
    assert Speller.of(["keyboard"], []).corrected("keybaord") is None


def test_a_speller_comes_back_as_it_was_saved(speller: Speller, tmp_path: Path) -> None:
    speller.save(tmp_path)
    assert Speller.load(tmp_path) == speller


@pytest.mark.parametrize("query", HARD_QUERIES)
def test_any_query_can_be_asked(speller: Speller, query: str) -> None:
    corrected = speller.corrected(query)
    assert corrected is None or speller.corrected(corrected) is None


def test_an_empty_catalogue_corrects_nothing() -> None:
    assert Speller.of([], []).corrected("keybaord") is None
