"""Ingest takes each kind of source as it comes: with or without events, judged or not."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from data_checks import CheckFailed
from flows.ingest import check_raw, checked_tables, load_raw, stage
from flows.settings import Settings
from flows.sources import configured_source, kind_of
from warehouse.connection import open_warehouse

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _without_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.checks.create_markdown_artifact", lambda *_, **__: None)


def _ingest(home: Path, folder: Path) -> Settings:
    """What the flow does, without a flow run: the three tasks in turn."""
    settings = Settings(home=home, source=kind_of(folder), source_path=folder)
    load_raw.fn(settings, None)
    check_raw.fn(settings, None)
    stage.fn(settings, None)
    return settings


def _rows(settings: Settings, query: str) -> Rows:
    with open_warehouse(settings.warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def chorus(tmp_path: Path) -> Path:
    """Two lamps and a query that one of them answers."""
    folder = tmp_path / "chorus"
    folder.mkdir()
    duckdb.sql(
        "select 'p' || i as id, 'Lamp ' || i as title, 'A <i>lamp</i>' as short_description, "
        "'Acme' as supplier, 1995 as price, '{\"attr_t_product_type\": \"Lamp\"}' as attrs_json "
        "from range(2) as numbers(i)"
    ).write_parquet(str(folder / "products.parquet"))
    duckdb.sql(
        "select 'lamp' as query, 'p' || i as product_id, 3 * i as final_rating "
        "from range(2) as numbers(i)"
    ).write_parquet(str(folder / "judgments.parquet"))
    return folder


def test_a_source_without_events_is_ingested_and_judged_as_its_people_did(
    tmp_path: Path, chorus: Path
) -> None:
    settings = _ingest(tmp_path / "home", chorus)
    judged = "select query_id, product_id, gain, weak from stg_judgments order by all"
    assert _rows(settings, judged) == [("lamp", "p0", 0.0, False), ("lamp", "p1", 7.0, False)]
    products = "select text, price from stg_products order by product_id"
    assert _rows(settings, products) == [
        ("Lamp 0 A lamp", 19.95),
        ("Lamp 1 A lamp", 19.95),
    ]


def test_what_a_source_does_not_bring_is_not_checked(chorus: Path, tmp_path: Path) -> None:
    source = configured_source(Settings(source="chorus", source_path=chorus))
    assert checked_tables(source, None) == ["raw_products", "raw_judgments"]
    assert checked_tables(source, date(2024, 3, 15)) == []
    journey = configured_source(Settings())
    assert checked_tables(journey, None) == ["raw_products", "raw_events", "raw_promotions"]
    assert checked_tables(journey, date(2017, 3, 15)) == ["raw_events"]


def test_judgments_of_unknown_products_stop_the_flow(tmp_path: Path, chorus: Path) -> None:
    duckdb.sql("select 'lamp' as query, 'p9' as product_id, 3 as final_rating").write_parquet(
        str(chorus / "judgments.parquet")
    )
    with pytest.raises(CheckFailed, match="product_id to be in the catalogue"):
        _ingest(tmp_path / "home", chorus)


def test_where_nobody_judged_the_catalogue_does(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shopkeeper.yaml").write_text(
        "name: my_shop\nproducts:\n  file: products.csv\n"
        "  columns: {product_id: sku, title: name, category: kind}\n"
    )
    (folder / "products.csv").write_text("sku,name,kind\np1,Glow,Lamps\np2,Boil,Kettles\n")
    settings = _ingest(tmp_path / "home", folder)
    judged = "select query_id, product_id, gain, source, weak from stg_judgments order by all"
    assert _rows(settings, judged) == [
        ("kettles", "p1", 0.0, "catalogue", True),
        ("kettles", "p2", 1.0, "catalogue", True),
        ("lamps", "p1", 1.0, "catalogue", True),
        ("lamps", "p2", 0.0, "catalogue", True),
    ]


def test_logged_searches_become_judgments(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    queries, events = [], []
    for n in range(40):
        at = f"2024-03-15T09:00:{n:02}Z"
        answer = {"query_id": f"q{n}", "client_id": "c1", "timestamp": at}
        queries.append(answer | {"user_query": "lamp", "query_response_hit_ids": ["p1", "p2"]})
        if n % 2:
            seen = {"object": {"object_id": "p1"}, "position": {"ordinal": 1}}
            events.append(answer | {"action_name": "click", "event_attributes": seen})
    for name, lines in (("queries", queries), ("events", events)):
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (folder / f"ubi_{name}.jsonl").write_text(text)
    settings = _ingest(tmp_path / "home", folder)
    judged = "select product_id, round(gain, 1), source from stg_judgments order by all"
    assert _rows(settings, judged) == [("p1", 0.5, "clicks"), ("p2", 0.0, "clicks")]
