"""The SQL files: found by name, run with named parameters."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb

_SQL = files("warehouse") / "sql"


@cache
def statement(name: str) -> str:
    """The text of ``warehouse/sql/<name>.sql``, for example ``metrics/per_query``."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def statements_of(folder: str) -> list[str]:
    """The names of a folder's statements, in their order."""
    names = (entry.name for entry in (_SQL / folder).iterdir() if entry.name.endswith(".sql"))
    return [f"{folder}/{name.removesuffix('.sql')}" for name in sorted(names)]


def statements_in(folder: str) -> Iterator[str]:
    """The texts of a folder's statements, in the order of their names."""
    yield from map(statement, statements_of(folder))


def run(
    connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any
) -> duckdb.DuckDBPyConnection:
    """Runs the statement ``name`` with its ``$name`` parameters and returns its cursor."""
    return connection.execute(statement(name), parameters)
