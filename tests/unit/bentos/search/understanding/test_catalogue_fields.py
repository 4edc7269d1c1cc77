"""Which attributes hold which kind of value, and what titles say."""

from __future__ import annotations

import pytest

from bentos.search.understanding.fields import attribute_values, retyped, types_said
from bentos.search.understanding.mining import (
    lines_of_models,
    names_in,
    types_in,
    without_brand,
)


@pytest.mark.parametrize(
    ("name", "said", "values"),
    [
        ("product_colour", "Black,Silver", [("COLOUR", "Black"), ("COLOUR", "Silver")]),
        ("color", "Black/White", [("COLOUR", "Black"), ("COLOUR", "White")]),
        ("jacket_material", "Low smoke zero halogen", [("MATERIAL", "Low smoke zero halogen")]),
        ("battery_size", "AA", [("SIZE", "AA")]),
        ("total_storage_capacity", "512 GB", [("SIZE", "512 GB")]),
        ("processor_model", "i7-10750H", [("MODEL", "i7-10750H")]),
        ("product_type", "Notebook", [("TYPE", "Notebook")]),
        ("connector_1", "RJ-45", [("VALUE", "RJ-45")]),
        ("bluetooth", "true", [("VALUE", "bluetooth")]),
        ("gps__satellite_", "true", [("VALUE", "gps")]),
    ],
)
def test_names_say_the_kind(name: str, said: str, values: list[tuple[str, str]]) -> None:
    assert attribute_values(name, said) == values


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cable_length", "3.0"),  # of what, nobody says
        ("package_type", "Box"),
        ("country_of_origin", "China"),
        ("bluetooth", "false"),
        ("colour", "true"),  # that it prints in colour is no colour
        ("total_storage_capacity", "High"),
        ("product_colour", "16 million colours"),
        ("features", "Keeps your drinks cold for a whole day"),
        ("connector_1", "not available"),
        ("connector_1", ""),
    ],
)
def test_what_no_shopper_would_write_is_left_out(name: str, said: str) -> None:
    assert attribute_values(name, said) == []


def test_a_filed_type_may_name_several() -> None:
    assert types_said("TORTILLA/NACHO CHIPS") == ["tortilla", "nacho chips"]
    assert types_said("FRZN BAGGED VEGETABLES - PLAIN") == ["frzn bagged vegetables", "plain"]
    assert types_said("") == []


def test_units_colours_and_accidents_are_no_types() -> None:
    titles = [f"HP C{n}A toner cartridge {n} pcs" for n in range(5)] + ["HP X1 oddity"]
    found = types_in([*titles, *(f"HP D{n} black tray" for n in range(4))], {"black": "COLOUR"}.get)
    assert dict(found) == {"toner cartridge": 5, "cartridge": 5}


def test_an_abbreviation_before_a_type_makes_a_type_of_its_own() -> None:
    found = types_in([f"C2G {n}m HDMI cable" for n in range(3)], {}.get)
    assert dict(found) == {"cable": 6, "HDMI cable": 3}


def test_what_is_called_a_type_is_one_of_products_if_it_ends_in_one() -> None:
    facts = [
        (0, "TYPE", "calculator"),
        (1, *attribute_values("type", "Scientific calculator")[0]),
        (2, *attribute_values("type", "Original")[0]),
        (3, *attribute_values("battery_type", "2x AA calculator")[0]),
    ]
    assert [kind for _, kind, _ in retyped(facts)] == ["TYPE", "TYPE", "VALUE", "VALUE"]


def test_a_word_with_a_capital_inside_is_a_name() -> None:
    titles = ["Headset for iPhone", "iPhone case", "DisplayPort cable", "DisplayPort hub", "LaserX"]
    assert names_in(titles, {"displayport": "VALUE"}.get) == ["iPhone"]


def test_a_line_is_a_name_that_follows_one_brand_alone_and_goes_on_with_a_number() -> None:
    titles = [
        *(f"Samsung Galaxy S{n}" for n in range(4)),
        *(f"HP Premium paper {n}" for n in range(4)),
        *(f"Canon Premium paper {n}" for n in range(4)),
        *["Sony Wireless headset"] * 4,
    ]
    brands = ["Samsung"] * 4 + ["HP"] * 4 + ["Canon"] * 4 + ["Sony"] * 4
    assert lines_of_models(titles, brands, {}.get) == ["Galaxy"]


def test_a_title_loses_the_brand_that_it_begins_with_and_no_other() -> None:
    assert without_brand("hp 70 ink", "HP") == "70 ink"
    assert without_brand("ink for HP", "HP") == "ink for HP"
    assert without_brand("ink", None) == "ink"
