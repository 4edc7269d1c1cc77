"""User Behavior Insights: logged queries and events in the published schema 1.3."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from warehouse.errors import SourceError
from warehouse.sources import Tables, Ubi
from warehouse.sources.base import ingest
from warehouse.staging import stage_products

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop


def _query(query_id: str, user_query: str, *hits: str, at: str) -> dict[str, Any]:
    return {
        "application": "primary-search",
        "query_id": query_id,
        "client_id": "c1",
        "user_query": user_query,
        "query_attributes": {"experiment_id": "12345"},
        "object_id_field": "sku",
        "timestamp": at,
        "query_response_id": f"response to {query_id}",
        "query_response_hit_ids": list(hits),
    }


def _event(
    action: str, query_id: str, object_id: Any, ordinal: int | None, at: str, **values: Any
) -> dict[str, Any]:
    position = {"xy": {"x": 1.5, "y": 2}} if ordinal is None else {"ordinal": ordinal}
    product = {"object_id": object_id, "object_id_field": "sku", "object_id_type": "product"}
    event = {
        "application": "primary-search",
        "action_name": action,
        "query_id": query_id,
        "session_id": "s1",
        "client_id": "c1",
        "user_id": "u1",
        "timestamp": at,
        "message_type": "CONVERSION",
        "message": "a message",
        "event_attributes": {"object": product, "position": position},
    }
    return event | values


_EXIT = {  # as in the published samples
    "action_name": "page_exit",
    "query_id": "q1",
    "session_id": "s1",
    "timestamp": "2024-03-14T10:03:00Z",
    "event_attributes": {"position": {}, "object": {"idleTimeoutMs": 5000}},
}
QUERIES = [
    _query("q1", "red  kettle", "11", "12", at="2024-03-14T10:00:00+00:00"),
    _query("q2", "cup", at="2024-03-15T01:30:00+02:00"),
    _query("q3", "cup", "12", at="2024-03-15T09:00:00Z"),
]
EVENTS = [
    _event("impression", "q1", "11", 1, "2024-03-14T10:00:01.500Z"),
    _event("click", "q1", 12, None, "2024-03-14T10:01:00Z"),
    _event("click_through", "q3", "12", 1, "2024-03-15T09:00:05Z", user_id=None),
    _event("add_to_cart", "q3", "12", 1, "2024-03-15T09:00:06Z"),
    _event("purchase", "q3", "12", 1, "2024-03-15T09:00:07Z"),
    _event("watch", "q3", "12", 1, "2024-03-15T09:00:08Z"),
    _EXIT,
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path / "ubi_queries.jsonl", QUERIES)
    _write(tmp_path / "ubi_events.jsonl", EVENTS)
    return tmp_path


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def test_events_about_products_become_ours_and_the_rest_is_left_out(
    shop: Shop, folder: Path
) -> None:
    assert ingest(shop.connection, Ubi(folder)) == {
        "raw_products": 3,
        "raw_queries": 3,
        "raw_events": 5,
    }
    columns = 'event_type, product_id, user_id, session_id, request_id, quantity, "rank"'
    assert shop.rows("raw_events", f"occurred_at, {columns}") == [
        (_at("10:00:01.5", 14), "impression", "11", "u1", "s1", "q1", None, 1),
        (_at("10:01:00", 14), "click", "12", "u1", "s1", "q1", None, None),
        (_at("09:00:05"), "click", "12", "c1", "s1", "q3", None, 1),
        (_at("09:00:06"), "add_to_cart", "12", "u1", "s1", "q3", None, 1),
        (_at("09:00:07"), "purchase", "12", "u1", "s1", "q3", 1.0, 1),
    ]


def _at(time: str, day: int = 15) -> datetime:
    return datetime.fromisoformat(f"2024-03-{day}T{time.ljust(15, '0') if '.' in time else time}")


def test_an_event_is_named_by_who_did_what_with_which_answer_and_when(
    shop: Shop, folder: Path
) -> None:
    ingest(shop.connection, Ubi(folder))
    clicks = "raw_events where event_type = 'click'"
    assert shop.rows(clicks, "event_id") == [
        ("s1-q1-click-12-1710410460000",),
        ("s1-q3-click-12-1710493205000",),
    ]


def test_queries_keep_their_answers_and_are_known_by_their_words(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, Ubi(folder))
    assert shop.rows("stg_queries", "request_id, query_id, query, occurred_at, user_id, hits") == [
        ("q1", "red kettle", "red  kettle", _at("10:00:00", 14), "c1", ["11", "12"]),
        ("q2", "cup", "cup", _at("23:30:00", 14), "c1", []),
        ("q3", "cup", "cup", _at("09:00:00"), "c1", ["12"]),
    ]


def test_products_are_those_of_the_answers_and_events(shop: Shop, folder: Path) -> None:
    events = [*EVENTS, _event("click", "q1", "13", 3, "2024-03-14T11:00:00Z")]
    events[-1]["event_attributes"]["object"]["name"] = "Acme cup"
    _write(folder / "ubi_events.jsonl", events)
    ingest(shop.connection, Ubi(folder))
    stage_products(shop.connection)
    assert shop.rows("stg_products", "product_id, title") == [
        ("11", None),
        ("12", None),
        ("13", "Acme cup"),
    ]


def test_a_day_replaces_the_lines_of_that_day_alone(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, Ubi(folder))
    tables = ("raw_events", "raw_queries", "raw_products")
    before = [shop.rows(table) for table in tables]
    counts = ingest(shop.connection, Ubi(folder), date(2024, 3, 14))
    assert counts == {"raw_products": 2, "raw_queries": 2, "raw_events": 2}
    assert [shop.rows(table) for table in tables] == before


def test_a_shop_with_its_own_catalogue_names_its_logs_in_the_mapping(
    shop: Shop, folder: Path
) -> None:
    (folder / "catalogue.csv").write_text("sku,name\n11,Kettle\n12,Cup\n")
    (folder / "shopkeeper.yaml").write_text(
        "name: my_shop\nopens: 2024-03-14\n"
        "products:\n  file: catalogue.csv\n  columns: {product_id: sku, title: name}\n"
        "ubi: {queries: 'ubi_quer*.jsonl', events: ubi_events.jsonl}\n"
    )
    source = Tables(folder)
    assert source.tables == ("raw_products", "raw_queries", "raw_events")
    assert source.opening is not None
    assert ingest(shop.connection, source) == {
        "raw_products": 2,
        "raw_queries": 3,
        "raw_events": 5,
    }
    assert ingest(shop.connection, source, date(2024, 3, 15)) == {
        "raw_queries": 1,
        "raw_events": 3,
    }


def test_events_come_one_way(folder: Path) -> None:
    (folder / "shopkeeper.yaml").write_text(
        "name: my_shop\nopens: 2024-03-14\n"
        "products: {file: a.csv, columns: {product_id: sku}}\n"
        "events: {file: b.csv, columns: {product_id: sku}}\n"
        "ubi: {queries: ubi_queries.jsonl, events: ubi_events.jsonl}\n"
    )
    with pytest.raises(SourceError, match="events come from events or from ubi, not from both"):
        Tables(folder)


@pytest.mark.parametrize("line", ["{", '{"timestamp": "yesterday"}'])
def test_a_line_that_can_not_be_read_changes_nothing(shop: Shop, folder: Path, line: str) -> None:
    ingest(shop.connection, Ubi(folder))
    before = shop.rows("raw_events")
    with (folder / "ubi_events.jsonl").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(SourceError, match="Nothing was changed"):
        ingest(shop.connection, Ubi(folder))
    assert shop.rows("raw_events") == before


@pytest.mark.parametrize("file", ["ubi_queries.jsonl", "ubi_events.jsonl"])
def test_a_missing_file_is_named(shop: Shop, folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(SourceError, match=f"was expected at .*{file}, but there is no such file"):
        ingest(shop.connection, Ubi(folder))
