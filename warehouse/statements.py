"""The SQL files: found by name, run with named parameters."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

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


@cache
def _parameters(name: str) -> frozenset[str]:
    return frozenset(
        parameter
        for statement_ in duckdb.extract_statements(statement(name))
        for parameter in statement_.named_parameters
    )


def run(
    connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any
) -> duckdb.DuckDBPyConnection:
    """Runs the statement ``name`` with its ``$name`` parameters and returns its cursor.

    Parameters that it does not name are left out: of statements of one kind, such as the marts of
    the scenarios, one may have to know less than another.
    """
    named = {key: value for key, value in parameters.items() if key in _parameters(name)}
    return connection.execute(statement(name), named)


def columns(
    connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any
) -> dict[str, NDArray[Any]]:
    """What `run` finds, an array a column; a number that is null is NaN."""
    found = run(connection, name, **parameters).to_arrow_table()
    return {column: np.asarray(found[column]) for column in found.column_names}
