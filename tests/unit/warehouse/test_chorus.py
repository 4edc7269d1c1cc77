"""Chorus: electronics and what three raters thought of them."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.errors import SourceError
from warehouse.judgments import stage_judgments
from warehouse.sources import Chorus
from warehouse.sources.base import ingest
from warehouse.staging import stage_products

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

_DATA = Path(os.environ.get("SHOPKEEPER_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
_CHORUS = _DATA / "chorus"

LAMP = {
    "attr_t_product_type": "Desk lamp",
    "attr_t_product_colour": "Moss &amp; sand",
    "attr_t_operating_temperature__t_t_": "0 - 40",
    "attr_t_bluetooth_version": "4.0",
    "attr_n_cable_length": 3.0,
    "attr_n_weight": 0.25,
    "attr_b_dimmable": False,
    "attr_n_capacity": 2.0,
    "attr_t_capacity": "2 lamps",
    "attr_t_note": " ",
}
PRODUCTS = [
    ("11", "Acme Glow 3", "A <b>lamp</b><br />for &deg;desks", "Acme", 1995, LAMP),
    ("12", "Acme Mini PC (<= 3L) barebone", None, "Acme", 29944, {"attr_t_product_type": "1"}),
    ("13", "Bolt 10m &quot;Cat5e&quot; cable", "", "Bolt", 95, {}),
]
JUDGMENTS = [
    ("desk lamp", "11", 3, 3, 2, 3),
    ("desk lamp", "12", 0, 1, 0, 0),
    ("cable", "13", 2, 2, 2, 2),
    ("cable", "11", 1, 0, 1, 1),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Invented products in the layout of the two files."""
    columns = ["id", "name", "title", "ean", "short_description", "img_high", "img_low"]
    columns += ["img_500x500", "img_thumb", "date_released", "supplier", "price", "attrs_json"]
    products = [
        {
            "id": id_,
            "name": f"name {id_}",
            "title": title,
            "ean": f"['{id_}']",
            "short_description": description,
            **dict.fromkeys(columns[5:9], "http://images.example/1.jpg"),
            "date_released": "2012-10-09T00:00:00Z",
            "supplier": supplier,
            "price": price,
            "attrs_json": json.dumps(attributes),
        }
        for id_, title, description, supplier, price, attributes in PRODUCTS
    ]
    names = ["query", "product_id", "agent_1_rating", "agent_2_rating", "agent_3_rating"]
    judgments = [dict(zip([*names, "final_rating"], row, strict=True)) for row in JUDGMENTS]
    pq.write_table(pa.Table.from_pylist(products), tmp_path / "products.parquet")
    pq.write_table(pa.Table.from_pylist(judgments), tmp_path / "judgments.parquet")
    return tmp_path


@pytest.fixture
def chorus(shop: Shop, folder: Path) -> Shop:
    ingest(shop.connection, Chorus(folder))
    stage_products(shop.connection)
    stage_judgments(shop.connection)
    return shop


def _column(shop: Shop, name: str) -> list[Any]:
    return [value for _, value in shop.rows("stg_products", f"product_id, {name}")]


def test_it_brings_products_and_judgments_and_a_day_brings_nothing(
    shop: Shop, folder: Path
) -> None:
    assert ingest(shop.connection, Chorus(folder)) == {"raw_products": 3, "raw_judgments": 4}
    before = shop.rows("raw_judgments")
    assert ingest(shop.connection, Chorus(folder), date(2024, 3, 15)) == {}
    assert ingest(shop.connection, Chorus(folder)) == {"raw_products": 3, "raw_judgments": 4}
    assert shop.rows("raw_judgments") == before


def test_prices_come_in_cents_and_the_supplier_is_the_brand(chorus: Shop) -> None:
    assert chorus.rows("stg_products", "product_id, brand, price, in_stock") == [
        ("11", "Acme", 19.95, None),
        ("12", "Acme", 299.44, None),
        ("13", "Bolt", 0.95, None),
    ]


def test_titles_and_descriptions_are_plain_text(chorus: Shop) -> None:
    assert _column(chorus, "title")[1:] == [
        "Acme Mini PC (<= 3L) barebone",
        'Bolt 10m "Cat5e" cable',
    ]
    assert _column(chorus, "description") == ["A lamp for °desks", None, None]


def test_the_encoder_reads_title_and_description_and_where_there_is_none_what_is_known(
    chorus: Shop,
) -> None:
    assert _column(chorus, "text") == [
        "Acme Glow 3 A lamp for °desks",
        "acme mini pc (<= 3l) barebone acme",
        'bolt 10m "cat5e" cable bolt',
    ]


def test_attributes_lose_their_prefix_and_are_text(chorus: Shop) -> None:
    assert _column(chorus, "attributes") == [
        {
            "bluetooth_version": "4.0",
            "cable_length": "3",
            "capacity": "2, 2 lamps",
            "dimmable": "false",
            "operating_temperature_t_t": "0 - 40",
            "product_colour": "Moss & sand",
            "product_type": "Desk lamp",
            "weight": "0.25",
        },
        {"product_type": "1"},
        {},
    ]


def test_a_product_type_has_a_letter(chorus: Shop) -> None:
    assert _column(chorus, "product_type") == ["Desk lamp", None, None]


def test_the_gain_of_a_grade_doubles_with_each_step(chorus: Shop) -> None:
    columns = "query_id, query, product_id, grade, gain, source, weak, locale"
    assert chorus.rows("stg_judgments", columns) == [
        ("cable", "cable", "11", 1.0, 1.0, "chorus", False, None),
        ("cable", "cable", "13", 2.0, 3.0, "chorus", False, None),
        ("desk lamp", "desk lamp", "11", 3.0, 7.0, "chorus", False, None),
        ("desk lamp", "desk lamp", "12", 0.0, 0.0, "chorus", False, None),
    ]


@pytest.mark.parametrize("file", ["products.parquet", "judgments.parquet"])
def test_a_missing_file_is_named(shop: Shop, folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(SourceError, match=f"was expected at .*{file}, but there is no such file"):
        ingest(shop.connection, Chorus(folder))


def test_a_file_without_a_column_changes_nothing(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, Chorus(folder))
    before = shop.rows("raw_products", "product_id, attributes::varchar")
    path = folder / "products.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["attrs_json"]), path)
    with pytest.raises(SourceError, match=r"attrs_json.* Nothing was changed"):
        ingest(shop.connection, Chorus(folder))
    assert shop.rows("raw_products", "product_id, attributes::varchar") == before


def test_the_real_files_come_whole(shop: Shop) -> None:
    if not _CHORUS.is_dir():
        pytest.skip(f"Chorus is not at {_CHORUS}; SHOPKEEPER_TEST_DATA names its folder")
    ingest(shop.connection, Chorus(_CHORUS))
    stage_products(shop.connection)
    stage_judgments(shop.connection)
    facts = (
        "count(*), count(description), count(product_type), "
        "count(*) filter (cardinality(attributes) > 0), min(price), max(price)"
    )
    assert shop.rows(f"(select {facts} from stg_products)") == [
        (19_406, 18_685, 1_389, 18_453, 0.95, 43_519.95)
    ]
    by_gain = "(select gain, count(*) from stg_judgments group by gain)"
    assert shop.rows(by_gain) == [(0.0, 829), (1.0, 177), (3.0, 46), (7.0, 1_031)]
