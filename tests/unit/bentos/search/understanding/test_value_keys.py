"""One key for all the ways to write a value."""

from __future__ import annotations

import pytest

from bentos.search.understanding.keys import key_of, measure_of, plural, singular


@pytest.mark.parametrize(
    "ways",
    [
        ["Wi-Fi", "wifi", "WI FI"],
        ["battery", "Batteries"],
        ["toner cartridge", "Toner Cartridges"],
        ["café", "CAFE", "cafe\u0301"],
        ["Grey", "gray"],
        ["headset", "head set", "head-sets"],
    ],
)
def test_the_ways_to_write_a_value_have_one_key(ways: list[str]) -> None:
    assert len({key_of(way) for way in ways}) == 1


@pytest.mark.parametrize(
    ("many", "one"),
    [("batteries", "battery"), ("watches", "watch"), ("boxes", "box"), ("cables", "cable")],
)
def test_plurals_are_folded_and_made(many: str, one: str) -> None:
    assert singular(many) == one
    assert plural(one) == many


@pytest.mark.parametrize("word", ["lens", "glass", "stylus", "chassis", "gps"])
def test_what_only_looks_like_a_plural_stays(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("3 m", ("SIZE", "3m")),
        ("3 metres", ("SIZE", "3m")),
        ("3.0m", ("SIZE", "3m")),
        ("12 OZ", ("SIZE", "12oz")),
        ("12 ounces", ("SIZE", "12oz")),
        ('15.6"', ("SIZE", "15.6in")),
        ("15,6 inch", ("SIZE", "15.6in")),
        ("210 x 297 mm", ("SIZE", "210x297mm")),
        ("500-sheet", ("SIZE", "500sheet")),
        ("230 V", ("VALUE", "230v")),
        ("1920 x 1080 pixels", ("VALUE", "1920x1080px")),
    ],
)
def test_a_number_with_a_unit_is_a_size_or_a_value(text: str, measure: tuple[str, str]) -> None:
    assert measure_of(text) == measure


@pytest.mark.parametrize("text", ["", "3", "m", "m3", "5g", "4G", "x200", "3 bananas", "1" * 9999])
def test_anything_else_is_no_measure(text: str) -> None:
    assert measure_of(text) is None
