"""Filters, facets, orders and pages of a small shop."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from bentos.search.filters import (
    Columns,
    FacetValue,
    Filters,
    allowed,
    facets,
    ordered,
    page,
)
from tests.unit.bentos.search.electronics_shop import HARD_QUERIES, PRODUCTS, catalogue

EVERYTHING = np.arange(len(PRODUCTS))


@pytest.fixture(scope="module")
def columns() -> Columns:
    return Columns.of(catalogue())


def _of(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (Filters(), [0, 1, 2, 3, 4]),
        (Filters(category=_of("Cables")), [0, 1]),
        (Filters(category=_of("cables", "AUDIO")), [0, 1, 2]),
        (Filters(brand=_of("logitech"), price_to=40), [3]),
        (Filters(price_from=12, price_to=30), [0, 3]),
        (Filters(price_from=0), [0, 1, 3, 4]),
        (Filters(in_stock=True), [0, 2, 3, 4]),
        (Filters(in_stock=False), [1]),
        (Filters(attributes={"product_colour": _of("BLACK")}), [0, 2]),
        (Filters(attributes={"product_colour": _of("black"), "wireless": _of("yes")}), [2]),
        (Filters(brand=_of("Nobody")), []),
        (Filters(attributes={"flavour": _of("mint")}), []),
        (Filters(attributes={"product_colour": _of()}), []),
    ],
)
def test_only_products_that_pass_every_filter_are_allowed(
    columns: Columns, filters: Filters, rows: list[int]
) -> None:
    assert np.flatnonzero(allowed(columns, filters)).tolist() == rows


@pytest.mark.parametrize("text", HARD_QUERIES)
def test_any_text_can_be_filtered_by(columns: Columns, text: str) -> None:
    filters = Filters(brand=_of(text), attributes={text: _of(text)})
    assert not allowed(columns, filters).any()


def test_no_filters_are_none() -> None:
    assert Filters().are_none
    assert not Filters(price_to=0).are_none
    assert not Filters(in_stock=False).are_none


def test_facets_count_the_products_that_have_a_value(columns: Columns) -> None:
    found = facets(columns, EVERYTHING, ["brand", "in_stock", "attributes.product_colour"], 10)
    assert found["brand"][0] == FacetValue("Logitech", 2)
    assert sum(value.count for value in found["brand"]) == len(PRODUCTS)
    assert found["in_stock"] == [FacetValue("true", 4), FacetValue("false", 1)]
    assert {value.value: value.count for value in found["attributes.product_colour"]} == {
        "Black": 1,
        "White": 1,
        "black": 1,
    }


def test_facets_count_only_the_rows_they_are_given(columns: Columns) -> None:
    found = facets(columns, np.array([1, 3]), ["category", "attributes.product_colour"], 10)
    assert found["category"] == [FacetValue("Cables", 1), FacetValue("Input", 1)]
    assert found["attributes.product_colour"] == [FacetValue("White", 1)]


def test_facets_give_the_commonest_values(columns: Columns) -> None:
    assert facets(columns, EVERYTHING, ["category"], 1)["category"] == [FacetValue("Cables", 2)]


def test_price_ranges_hold_every_known_price_once(columns: Columns) -> None:
    ranges = facets(columns, EVERYTHING, ["price"], 10)["price"]
    assert sum(value.count for value in ranges) == 4
    assert ranges[0].value.startswith("-")
    assert ranges[-1].value.endswith("-")


def test_one_price_is_one_range_and_no_price_none(columns: Columns) -> None:
    assert facets(columns, np.array([0]), ["price"], 10)["price"] == [FacetValue("12-", 1)]
    assert facets(columns, np.array([2]), ["price"], 10)["price"] == []


def test_a_facet_that_no_product_has_is_empty(columns: Columns) -> None:
    assert facets(columns, EVERYTHING, ["attributes.flavour"], 10) == {"attributes.flavour": []}
    assert facets(columns, EVERYTHING[:0], ["brand"], 10) == {"brand": []}


def test_prices_order_and_unknown_ones_come_last(columns: Columns) -> None:
    rows = np.array([2, 4, 0, 1, 3])
    assert ordered(columns, rows, "relevance").tolist() == [2, 4, 0, 1, 3]
    assert ordered(columns, rows, "price_asc").tolist() == [1, 0, 3, 4, 2]
    assert ordered(columns, rows, "price_desc").tolist() == [4, 3, 0, 1, 2]


def test_equal_prices_stay_in_order_of_relevance() -> None:
    same = catalogue([{"product_id": f"p{n}", "title": "x", "price": 5.0} for n in range(3)])
    rows = np.array([2, 0, 1])
    for sort in ("price_asc", "price_desc"):
        assert ordered(Columns.of(same), rows, sort).tolist() == [2, 0, 1]


def test_pages_follow_each_other_and_end() -> None:
    assert page(EVERYTHING, 2, 0).tolist() == [0, 1]
    assert page(EVERYTHING, 2, 4).tolist() == [4]
    assert page(EVERYTHING, 2, 6).tolist() == []


def test_columns_of_a_part_of_a_table_are_that_parts() -> None:
    columns = Columns.of(catalogue().slice(1, 2))
    black = Filters(attributes={"product_colour": _of("black")})
    assert allowed(columns, black).tolist() == [False, True]


def test_columns_in_several_chunks_are_one() -> None:
    table = catalogue()
    columns = Columns.of(pa.concat_tables([table.slice(0, 2), table.slice(2)]))
    assert allowed(columns, Filters(attributes={"wireless": _of("yes")})).tolist() == [
        False, False, True, False, False,
    ]  # fmt: skip
