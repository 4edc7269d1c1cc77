"""The prediction log's owner is ``bentos/serving/record.py``; the warehouse declares the same."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import duckdb
import pytest

from bentos.serving.feedback import FeedbackEvent
from bentos.serving.record import LoggedCandidate, LoggedEvent, PredictionRecord, Timings
from warehouse.connection import declare_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN_COLUMNS = ("source", "batch", "row_number")  # where the line came from
_TYPES = {str: "varchar", int: "integer", float: "double", bool: "boolean", datetime: "timestamp"}


@pytest.fixture
def schema() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    declare_tables(connection)
    yield connection
    connection.close()


def _as_sql(hint: Any) -> Any:
    """What a field's type is in DuckDB; a struct is the dictionary of its fields."""
    if get_origin(hint) is list:
        return [_as_sql(get_args(hint)[0])]
    if isinstance(hint, UnionType):
        (hint,) = (argument for argument in get_args(hint) if argument is not NoneType)
    return _TYPES.get(hint) or _fields(hint)


def _fields(record: type) -> dict[str, Any]:
    hints = get_type_hints(record)
    return {field.name: _as_sql(hints[field.name]) for field in fields(record)}


def _declared(kind: Any) -> Any:
    if kind.id == "list":
        return [_declared(kind.children[0][1])]
    if kind.id == "struct":
        return {name: _declared(child) for name, child in kind.children}
    return kind.id


def test_raw_served_has_the_fields_of_the_record_and_where_the_line_came_from(
    schema: duckdb.DuckDBPyConnection,
) -> None:
    columns = {name: _declared(kind) for name, kind, *_ in schema.table("raw_served").description}
    assert set(_OWN_COLUMNS) <= set(columns)
    logged = {name: kind for name, kind in columns.items() if name not in _OWN_COLUMNS}
    assert logged == _fields(PredictionRecord)


@pytest.mark.parametrize(
    ("column", "nested"),
    [("recent", LoggedEvent), ("candidates", LoggedCandidate), ("timings_ms", Timings)],
)
def test_nested_fields_stand_in_the_order_of_the_record(
    schema: duckdb.DuckDBPyConnection, column: str, nested: type
) -> None:
    (declared,) = (
        kind for name, kind, *_ in schema.table("raw_served").description if name == column
    )
    struct = declared.children[0][1] if declared.id == "list" else declared
    assert [name for name, _ in struct.children] == [field.name for field in fields(nested)]


def test_raw_events_has_a_column_for_every_field_of_feedback(
    schema: duckdb.DuckDBPyConnection,
) -> None:
    assert {*FeedbackEvent.model_fields, "logged_at"} <= set(schema.table("raw_events").columns)
