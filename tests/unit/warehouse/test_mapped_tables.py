"""A shop's own files, taken through its mapping file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from warehouse.errors import SourceError
from warehouse.sources import Tables
from warehouse.sources.base import ingest
from warehouse.staging import let_in, stage_events

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

MAPPING = """\
name: my_shop
opens: 2024-01-01
closed_weekdays: [sunday]
closed_dates: [2024-12-25]
products:
  file: catalogue.parquet
  columns: {product_id: sku, title: name, brand: brand, price: price}
events:
  file: orders/*.csv
  columns: {user_id: customer, session_id: order, product_id: sku, occurred_at: placed_at,
            quantity: units}
"""
ORDERS = {
    "a.csv": """\
order,customer,sku,placed_at,units
o1,c1,s1,2024-03-14 10:00:00,2
o1,c1,s2,2024-03-14 10:00:00,
""",
    "b.csv": """\
order,customer,sku,placed_at,units
o2,,s1,2024-03-15 00:00:00,1
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "orders").mkdir(parents=True)
    (folder / "shopkeeper.yaml").write_text(MAPPING)
    for name, lines in ORDERS.items():
        (folder / "orders" / name).write_text(lines)
    duckdb.sql(
        "select 's' || i as sku, 'Product ' || i as name, 'Own' as brand, 1.5 * i as price "
        "from range(1, 3) as numbers(i)"
    ).write_parquet(str(folder / "catalogue.parquet"))
    return folder


def _remap(folder: Path, old: str, new: str) -> None:
    path = folder / "shopkeeper.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_products_come_from_parquet_and_what_is_not_mapped_is_empty(
    shop: Shop, folder: Path
) -> None:
    assert ingest(shop.connection, Tables(folder)) == {"raw_events": 3, "raw_products": 2}
    assert shop.rows("raw_products") == [
        ("my_shop", "products", 0, "s1", "Product 1", "Own", *[None] * 5, 1.5, True, *[None] * 3),
        ("my_shop", "products", 1, "s2", "Product 2", "Own", *[None] * 5, 3.0, True, *[None] * 3),
    ]


def test_events_come_from_every_file_of_a_glob_with_defaults_where_they_say_nothing(
    shop: Shop, folder: Path
) -> None:
    ingest(shop.connection, Tables(folder))
    moment = datetime.fromisoformat("2024-03-14T10:00:00")
    next_day = datetime.fromisoformat("2024-03-15T00:00:00")
    columns = (
        "batch, row_number, event_id, event_type, occurred_at, logged_at, user_id, quantity, price"
    )
    assert shop.rows("raw_events", columns) == [
        ("2024-03-14", 0, "o1-c1-s1-1710410400000", "purchase", moment, moment, "c1", 2.0, None),
        ("2024-03-14", 1, "o1-c1-s2-1710410400000", "purchase", moment, moment, "c1", 1.0, None),
        ("2024-03-15", 0, "o2-s1-1710460800000", "purchase", next_day, next_day, None, 1.0, None),
    ]


def test_what_the_shop_says_itself_is_kept(shop: Shop, folder: Path) -> None:
    (folder / "orders" / "a.csv").unlink()
    (folder / "orders" / "b.csv").write_text(
        "line,kind,customer,sku,placed_at,sent_at,units\n"
        "l1,click,c1,s1,2024-03-15 09:00:00,2024-03-16 00:00:00,3\n"
    )
    _remap(
        folder,
        "session_id: order",
        "event_id: line, event_type: kind, logged_at: sent_at",
    )
    ingest(shop.connection, Tables(folder))
    columns = "event_id, event_type, logged_at::date, quantity"
    assert shop.rows("raw_events", columns) == [("l1", "click", date(2024, 3, 16), 3.0)]


def test_promotions_are_taken_where_the_mapping_has_them(shop: Shop, folder: Path) -> None:
    (folder / "promotions.csv").write_text("sku,from,until\ns1,2024-03-11,2024-03-18\n")
    with (folder / "shopkeeper.yaml").open("a") as mapping:
        mapping.write(
            "promotions:\n  file: promotions.csv\n"
            "  columns: {product_id: sku, starts_at: from, ends_at: until}\n"
        )
    counts = ingest(shop.connection, Tables(folder))
    assert counts["raw_promotions"] == 1
    assert shop.rows("raw_promotions", "product_id, starts_at::date, ends_at::date") == [
        ("s1", date(2024, 3, 11), date(2024, 3, 18))
    ]


def test_the_calendar_is_that_of_the_mapping(folder: Path) -> None:
    source = Tables(folder)
    opening = source.opening
    assert opening is not None
    assert source.name == "my_shop"
    assert (opening.opens, opening.closes) == (date(2024, 1, 1), None)
    assert opening.closed_weekdays == {date(2024, 3, 17).weekday()}
    assert opening.closed_dates == {date(2024, 12, 25)}


def test_a_day_replaces_the_events_of_that_day_alone(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, Tables(folder))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    assert ingest(shop.connection, Tables(folder), date(2024, 3, 14)) == {"raw_events": 2}
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


def test_ingesting_everything_again_changes_nothing(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, Tables(folder))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    ingest(shop.connection, Tables(folder))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


def test_a_time_that_names_its_zone_is_stored_in_utc(shop: Shop, folder: Path) -> None:
    (folder / "orders" / "b.csv").write_text(
        "order,customer,sku,placed_at,units\no2,c2,s1,2024-03-15T01:30:00+02:00,1\n"
    )
    ingest(shop.connection, Tables(folder))
    at = datetime.fromisoformat("2024-03-14T23:30:00")
    of_order = "raw_events where session_id = 'o2'"
    assert shop.rows(of_order, "occurred_at, batch") == [(at, "2024-03-14")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("brand: brand", "colour: brand", "fills colour, which raw_products does not have"),
        ("brand: brand", "brand: marque", "reads marque from catalogue.parquet, which has only"),
        ("user_id: customer", "user_id: buyer", r"reads buyer from orders/\*.csv"),
        ("catalogue.parquet", "missing.parquet", "names missing.parquet, but there is no such"),
        ("orders/*.csv", "nowhere/*.csv", r"names nowhere/\*.csv, but there is no such file"),
    ],
)
def test_a_mapping_that_does_not_fit_the_files_is_refused_and_nothing_is_changed(
    shop: Shop, folder: Path, old: str, new: str, message: str
) -> None:
    ingest(shop.connection, Tables(folder))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    _remap(folder, old, new)
    with pytest.raises(SourceError, match=message):
        ingest(shop.connection, Tables(folder))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


def test_a_column_of_our_own_can_not_be_mapped(shop: Shop, folder: Path) -> None:
    _remap(folder, "brand: brand", "batch: brand")
    with pytest.raises(SourceError, match="fills batch, which raw_products does not have"):
        ingest(shop.connection, Tables(folder))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("catalogue.parquet", b"PAR1 but no Parquet", r"catalogue\.parquet can't be read"),
        (
            "orders/a.csv",
            b"order,customer,sku,placed_at,units\no1,c1,s1,yesterday,1\n",
            "raw_events of my_shop can't be read: .*yesterday.* Nothing was changed",
        ),
        (
            "orders/a.csv",
            b"order,customer,sku,placed_at,units\no1,c1,s1,2024-03-14,many\n",
            "raw_events of my_shop can't be read: .*many.* Nothing was changed",
        ),
    ],
    ids=["corrupt Parquet", "a word for a time", "a word for a number"],
)
def test_a_file_that_can_not_be_read_is_refused_and_nothing_is_changed(
    shop: Shop, folder: Path, file: str, content: bytes, message: str
) -> None:
    ingest(shop.connection, Tables(folder))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    (folder / file).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        ingest(shop.connection, Tables(folder))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


@pytest.mark.parametrize(
    "mapping",
    [
        "name: [unclosed",
        "just a word",
        "name: my_shop",
        MAPPING.replace("opens: 2024-01-01", "opens: soon"),
        MAPPING.replace("sunday", "sundae"),
        MAPPING + "colour: red\n",
    ],
    ids=["no YAML", "no mapping", "too little", "no date", "no weekday", "an unknown key"],
)
def test_a_mapping_of_another_form_is_refused(folder: Path, mapping: str) -> None:
    (folder / "shopkeeper.yaml").write_text(mapping)
    with pytest.raises(SourceError, match=r"shopkeeper\.yaml is no (YAML|mapping we can read)"):
        Tables(folder)


def test_without_a_mapping_the_message_says_what_it_is_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"shopkeeper\.yaml is missing: it says which file holds"):
        Tables(tmp_path)


def test_what_was_loaded_is_not_staged_before_its_check_has_passed(
    shop: Shop, folder: Path
) -> None:
    source = Tables(folder)
    ingest(shop.connection, source)
    stage_events(shop.connection)
    assert shop.rows("stg_events", "event_id") == []
    let_in(shop.connection, source.name)
    stage_events(shop.connection)
    assert len(shop.rows("stg_events", "event_id")) == 3


def test_a_day_that_is_loaded_again_is_held_back_alone(shop: Shop, folder: Path) -> None:
    source = Tables(folder)
    day = date(2024, 3, 15)
    ingest(shop.connection, source)
    let_in(shop.connection, source.name)
    ingest(shop.connection, source, day)
    stage_events(shop.connection)
    assert len(shop.rows("stg_events", "event_id")) == 2
    let_in(shop.connection, source.name, day.isoformat())
    stage_events(shop.connection)
    assert len(shop.rows("stg_events", "event_id")) == 3


def test_events_without_a_first_day_are_refused(folder: Path) -> None:
    _remap(folder, "opens: 2024-01-01\n", "")
    with pytest.raises(SourceError, match="opens, the first day with events, is needed"):
        Tables(folder)
