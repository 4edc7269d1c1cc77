"""What search reads of a shop's own files: attributes, descriptions, stock and judgments."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from warehouse.errors import SourceError
from warehouse.judgments import stage_judgments
from warehouse.sources import Tables
from warehouse.sources.base import ingest
from warehouse.staging import stage_products

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop


def _search_shop(folder: Path, products: str, judgments: str = "") -> Tables:
    """A shop of three products that nobody buys from."""
    (folder / "catalogue.csv").write_text(
        "sku,name,body,stock,colour,length,more\n"
        """s1,Cable,"A <b>cable</b>",1,red,2 m,"{""Plug Type"": ""C"", ""watts"": 5}"\n"""
        """s2,Lamp,,no,,,"{""colour"": ""blue""}"\n"""
        "s3,Desk,,,green,,\n"
    )
    (folder / "judgments.csv").write_text(
        "words,sku,stars,worth,country\n red  cable,s1,2,0.5,us\nred cable,s2,0,0,us\n"
    )
    (folder / "shopkeeper.yaml").write_text(
        f"name: my_shop\nproducts:\n  file: catalogue.csv\n{products}{judgments}"
    )
    return Tables(folder)


def _attributes(shop: Shop) -> list[Any]:
    return [row for (_, row) in shop.rows("stg_products", "product_id, attributes")]


@pytest.mark.parametrize(
    ("columns", "attributes", "found"),
    [
        ("", "", [{}, {}, {}]),
        (
            "",
            "  attributes: {product_colour: colour, Cable length: length}\n",
            [
                {"cable_length": "2 m", "product_colour": "red"},
                {},
                {"product_colour": "green"},
            ],
        ),
        (
            ", attributes: more",
            "",
            [{"plug_type": "C", "watts": "5"}, {"colour": "blue"}, {}],
        ),
        (
            ", attributes: more",
            "  attributes: {colour: colour}\n",
            [
                {"colour": "red", "plug_type": "C", "watts": "5"},
                {"colour": "blue"},
                {"colour": "green"},
            ],
        ),
    ],
    ids=["none", "a column each", "one with all", "both"],
)
def test_attributes_come_from_a_column_each_or_from_one_that_holds_them_all(
    shop: Shop, tmp_path: Path, columns: str, attributes: str, found: list[dict[str, str]]
) -> None:
    mapping = f"  columns: {{product_id: sku, title: name{columns}}}\n{attributes}"
    ingest(shop.connection, _search_shop(tmp_path, mapping))
    stage_products(shop.connection)
    assert _attributes(shop) == found


def test_attributes_may_be_a_parquet_map_or_struct(shop: Shop, tmp_path: Path) -> None:
    for values in ("map {'Colour': 'red'}", "{'Colour': 'red'}", "{'Colour': 'red'}::json"):
        duckdb.sql(f"select 's1' as sku, {values} as more").write_parquet(
            str(tmp_path / "catalogue.parquet")
        )
        (tmp_path / "shopkeeper.yaml").write_text(
            "name: my_shop\nproducts:\n  file: catalogue.parquet\n"
            "  columns: {product_id: sku, attributes: more}\n"
        )
        ingest(shop.connection, Tables(tmp_path))
        stage_products(shop.connection)
        assert _attributes(shop) == [{"colour": "red"}]


def test_description_and_stock_are_taken(shop: Shop, tmp_path: Path) -> None:
    mapping = "  columns: {product_id: sku, title: name, description: body, in_stock: stock}\n"
    ingest(shop.connection, _search_shop(tmp_path, mapping))
    stage_products(shop.connection)
    assert shop.rows("stg_products", "product_id, text, description, in_stock") == [
        ("s1", "Cable A cable", "A cable", True),
        ("s2", "lamp", None, False),
        ("s3", "desk", None, None),
    ]


_PRODUCTS = "  columns: {product_id: sku, title: name}\n"


@pytest.mark.parametrize(
    ("judged", "found"),
    [
        ("grade: stars", [("s1", 2.0, 3.0, None), ("s2", 0.0, 0.0, None)]),
        ("gain: worth, locale: country", [("s1", None, 0.5, "us"), ("s2", None, 0.0, "us")]),
        ("gain: worth, grade: stars", [("s1", 2.0, 0.5, None), ("s2", 0.0, 0.0, None)]),
    ],
)
def test_judgments_have_a_gain_or_a_grade_of_which_it_is_made(
    shop: Shop, tmp_path: Path, judged: str, found: list[tuple[Any, ...]]
) -> None:
    judgments = (
        "judgments:\n  file: judgments.csv\n"
        f"  columns: {{query: words, product_id: sku, {judged}}}\n"
    )
    source = _search_shop(tmp_path, _PRODUCTS, judgments)
    assert ingest(shop.connection, source) == {"raw_products": 3, "raw_judgments": 2}
    stage_judgments(shop.connection)
    assert shop.rows("stg_judgments", "product_id, grade, gain, locale") == found
    marks = "(select distinct query_id, source, weak from stg_judgments)"
    assert shop.rows(marks) == [("red cable", "my_shop", False)]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("query: words, product_id: sku", "columns must name gain or grade"),
        ("query: words, gain: worth", "columns must name query and product_id"),
    ],
)
def test_judgments_that_say_too_little_are_refused(
    tmp_path: Path, columns: str, message: str
) -> None:
    judgments = f"judgments:\n  file: judgments.csv\n  columns: {{{columns}}}\n"
    with pytest.raises(SourceError, match=message):
        _search_shop(tmp_path, _PRODUCTS, judgments)


def test_a_shop_without_events_has_no_calendar_and_a_day_brings_nothing(
    shop: Shop, tmp_path: Path
) -> None:
    source = _search_shop(tmp_path, _PRODUCTS)
    assert (source.tables, source.opening, source.evaluation_cuts) == (("raw_products",), None, ())
    assert ingest(shop.connection, source, date(2024, 3, 15)) == {}


def test_an_attribute_of_a_column_that_is_not_there_is_refused(shop: Shop, tmp_path: Path) -> None:
    source = _search_shop(tmp_path, f"{_PRODUCTS}  attributes: {{colour: shade}}\n")
    with pytest.raises(SourceError, match=r"reads shade from catalogue\.csv, which has only"):
        ingest(shop.connection, source)
