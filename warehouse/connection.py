"""Opening the warehouse."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.errors import WarehouseUnreadable
from warehouse.statements import run, statements_in, statements_of

Connection = duckdb.DuckDBPyConnection

_Config = dict[str, str | bool | int | float | list[str]]

_MEMORY: _Config = {
    "memory_limit": "1500MB",  # past this it spills; the whole process stays under 2 GiB
}
_CONFIG: _Config = _MEMORY | {
    "storage_compatibility_version": "v1.5.0",  # its string compression loads twice as fast
    "checkpoint_threshold": "512MB",  # a night's writes are put in their place once, at its end
    "preserve_insertion_order": "false",  # rows carry their number; threads load in parallel
}


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[Connection]:
    """Yields a connection to the warehouse, its tables declared.

    One process may write the file at a time; callers hold the warehouse slot while they do.

    Raises:
        WarehouseUnreadable: the file is held by another process, or is no DuckDB file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
    except duckdb.Error as error:
        raise WarehouseUnreadable(path, error) from error
    try:
        connection.execute("set timezone = 'UTC'")
        keep_raw_in(connection, path.parent / "raw")
        if not read_only:
            declare_tables(connection)
        yield connection
    finally:
        connection.close()


def keep_raw_in(connection: Connection, folder: Path) -> None:
    """Says where the rows lie that are kept beside the warehouse (``warehouse/raw.py``)."""
    connection.execute("set variable raw_folder = $1", [str(folder)])


def open_memory(spill: Path) -> Connection:
    """A database in memory, for work that nobody keeps; what it can't hold goes to ``spill``."""
    return duckdb.connect(":memory:", config=_MEMORY | {"temp_directory": str(spill)})


def declare_tables(connection: Connection) -> None:
    """Brings the tables to the shape of ``sql/schema``: those of an older warehouse, and new ones.

    What it takes to get from the older shape to this one stands in ``sql/migrations``, numbered.
    The connection learns the functions of ``sql/macros``; the file does not keep them.
    """
    connection.create_function("unescape_html", unescape, ["VARCHAR"], "VARCHAR")
    for macro in statements_in("macros"):
        connection.execute(macro)
    run(connection, "schema/migrations")
    had = {name for (name,) in connection.table("migrations").fetchall()}
    for name in statements_of("migrations"):
        if name not in had:
            with transaction(connection):
                run(connection, name)
                connection.execute("insert into migrations values (?)", [name])
    for declaration in statements_in("schema"):
        connection.execute(declaration)


def rows_for(connection: Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows in the columns of a table: null where they have none, others left out."""
    schema = connection.table(table).limit(0).to_arrow_table().schema
    return pa.Table.from_pylist([*map(dict, rows)], schema=schema)


def replace_rows(
    connection: Connection, steps: Iterable[str], new: Mapping[str, pa.Table], **asked: Any
) -> None:
    """Runs statements that replace rows, all of them or none; they see ``new`` tables by name."""
    for name, table in new.items():
        connection.register(name, table)
    try:
        with transaction(connection):
            for step in steps:
                run(connection, step, **asked)
    finally:
        for name in new:
            connection.unregister(name)


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of the block's writes, or none of them."""
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
