"""What the flows ask of a source, and how its rows get into ``raw_*``."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import duckdb

from warehouse.connection import Connection, transaction
from warehouse.errors import SourceError
from warehouse.statements import run


@dataclass(frozen=True)
class Opening:
    """When a shop sells: a day without events is a gap only if the shop was open."""

    opens: date
    closes: date | None = None  # the last day the source covers; None: it goes on
    closed_weekdays: frozenset[int] = frozenset()  # Monday is 0
    closed_dates: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Load:
    """One statement of ``sql/sources`` and the table it fills."""

    table: str
    statement: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Connection], None] = lambda _: None  # declares views that it reads


REMEDY = "Nothing was changed; put the source's files right and ingest again."

Progress = Callable[[Iterable[Load]], Iterable[Load]]


def with_attributes(pairs: str, parameters: Mapping[str, Any]) -> Callable[[Connection], None]:
    """Prepares the table ``attributes`` from a statement that makes ``pairs`` (see its SQL)."""

    def prepare(connection: Connection) -> None:
        run(connection, pairs, **parameters)
        run(connection, "sources/attributes")

    return prepare


class Source(Protocol):
    """A kind of source data."""

    @property
    def name(self) -> str:
        """The value of the column ``source``."""

    @property
    def tables(self) -> Collection[str]:
        """The raw tables that it fills: what it does not bring is not checked."""

    @property
    def opening(self) -> Opening | None:
        """The shop's calendar; none where it brings no events, or does not say."""

    @property
    def evaluation_cuts(self) -> tuple[date, ...]:
        """Where an evaluation cuts when nobody says: with a week of data after each."""

    def loads(self, day: date | None) -> list[Load]:
        """The statements that bring everything, or one day's drop."""


def ingest(
    connection: Connection,
    source: Source,
    day: date | None = None,
    progress: Progress = lambda loads: loads,
) -> dict[str, int]:
    """Replaces what ``raw_*`` hold of the source (or of one day of it) by what its files say.

    All in one transaction: a failure leaves the tables as they were, and a second run changes
    nothing. Events are not staged before their check has passed (`warehouse.staging.let_in`).
    Returns the number of rows loaded by table.

    Raises:
        SourceError: a file is missing, unreadable, or lacks a column.
    """
    loads = source.loads(day)
    counts = dict.fromkeys((load.table for load in loads), 0)
    with transaction(connection):
        for table in counts:
            _forget(connection, table, source.name, day)
        for load in progress(loads):
            counts[load.table] += _insert(connection, source, load)
        run(connection, "staging/hold_back", source=source.name, batch=_batch_of(day))
    return counts


def _forget(connection: Connection, table: str, source: str, day: date | None) -> None:
    run(connection, f"sources/forget/{table}", source=source, batch=_batch_of(day))


def _batch_of(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _insert(connection: Connection, source: Source, load: Load) -> int:
    try:
        load.prepare(connection)
        cursor = run(connection, load.statement, source=source.name, **load.parameters)
        (inserted,) = cursor.fetchone() or (0,)
    except duckdb.Error as error:
        raise SourceError(
            f"{load.table} of {source.name} can't be read{_from(load)}: "
            f"{first_line(error)} {REMEDY}"
        ) from error
    return int(inserted)


def _from(load: Load) -> str:
    """The one file that a statement reads, where it is one."""
    return f" from {load.parameters['path']}" if "path" in load.parameters else ""


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says in a sentence; hints on its options follow it, which nobody here can set."""
    said = str(error).splitlines()[0].rstrip()
    return said if said.endswith(".") else f"{said}."


def last_week_of(opening: Opening) -> tuple[date, ...]:
    """The beginning of the last seven days that a source covers."""
    last = opening.closes or datetime.now(UTC).date()
    return (last - timedelta(days=6),)


def existing(path: Path, what: str) -> str:
    """The path as DuckDB takes it.

    Raises:
        SourceError: there is no such file.
    """
    if not path.exists():
        raise SourceError(f"{what} was expected at {path}, but there is no such file. {REMEDY}")
    return str(path)
