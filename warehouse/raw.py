"""The prediction logs' rows as Parquet: ``raw/served/scenario=…/day=…/…`` beside the warehouse.

A file is written once and never changed. It counts from the commit that names it in ``raw_files``,
together with how far the logs were read: one that a killed pull left is not read by anybody.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import blake2b
from pathlib import Path

import duckdb

from warehouse.connection import Connection
from warehouse.errors import RawUnwritable
from warehouse.logs import Chunk
from warehouse.statements import run, statement

SERVED_LINES = "served_lines"  # the view that a block sees the rows in


def write_raw(connection: Connection, source: str, chunk: Chunk) -> int:
    """Writes what ``parsed_lines`` hold, and returns how many rows that were.

    Called within a transaction: with it the files come to count.
    """
    folder = _folder(connection)
    writing = folder / ".writing"
    shutil.rmtree(writing, ignore_errors=True)
    try:
        written = _copy(connection, source, chunk, writing)
        for path, _ in written:
            _put(writing / path, folder / path)
    except (OSError, duckdb.IOException) as error:
        raise RawUnwritable(folder, error) from error
    finally:
        shutil.rmtree(writing, ignore_errors=True)
    batches = sorted({piece.batch for piece in chunk.pieces})
    for path, n_rows in written:
        run(connection, "raw/add", path=path, source=source, batches=batches, n_rows=n_rows)
    return sum(n_rows for _, n_rows in written)


def _copy(
    connection: Connection, source: str, chunk: Chunk, writing: Path
) -> list[tuple[str, int]]:
    """Writes the files, and returns their paths and numbers of rows.

    Malformed lines come to lie in a partition of their own, which is left behind: to leave them out
    would take every line apart twice.
    """
    writing.mkdir(parents=True)
    first = chunk.pieces[0]
    name = blake2b(f"{source}/{first.batch}/{first.start.byte}".encode(), digest_size=12)
    files = connection.execute(
        statement("raw/write")
        .replace("{folder}", str(writing).replace("'", "''"))
        .replace("{name}", name.hexdigest()),
        {"source": source},
    ).fetchall()
    return [
        (Path(path).relative_to(writing).as_posix(), n_rows)
        for path, n_rows, *_, keys in files
        if keys["day"] is not None
    ]


def _put(written: Path, place: Path) -> None:
    """Moves a file to its place, so that it is there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    _sync(written)
    written.replace(place)
    _sync(place.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def all_raw(connection: Connection) -> Iterator[None]:
    """``served_lines`` are every row that was ever pulled, for as long as the block runs."""
    with _reading(connection, run(connection, "raw/all_files")):
        yield


@contextmanager
def raw_to_check(connection: Connection) -> Iterator[None]:
    """``served_lines`` are at least the batches that wait for their check, while the block runs."""
    with _reading(connection, run(connection, "raw/files_to_check")):
        yield


@contextmanager
def raw_to_stage(connection: Connection, scenario: str, day: date) -> Iterator[None]:
    """``served_lines`` are a scenario's day and the day before, while the block runs."""
    with _reading(connection, run(connection, "raw/files_to_stage", scenario=scenario, day=day)):
        yield


@contextmanager
def _reading(connection: Connection, files: Connection) -> Iterator[None]:
    """The view ``served_lines``: the rows of the files, and of the table ``raw_served``.

    The table declares the columns in which files of all versions are read, and holds what was
    pulled before there were files.
    """
    names = files.fetchall()
    folder = _folder(connection)
    paths = [str(folder / name).replace("'", "''") for (name,) in names]
    view = f"create or replace temp view {SERVED_LINES} as from raw_served"
    if paths:
        listed = ", ".join(f"'{path}'" for path in paths)
        view += " union all by name " + statement("raw/read").replace("{files}", listed)
    connection.execute(view)
    try:
        yield
    finally:
        connection.execute(f"drop view {SERVED_LINES}")


def _folder(connection: Connection) -> Path:
    (folder,) = connection.execute("select getvariable('raw_folder')").fetchone() or ("",)
    return Path(folder) / "served"
