"""Taking in logs: every complete line once, whatever happens in between."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from warehouse.connection import Connection, transaction
from warehouse.logs import Chunk, Place, chunks
from warehouse.raw import write_raw
from warehouse.statements import run

Kind = Literal["served", "feedback"]
RAW_TABLES: dict[Kind, str] = {"served": "raw_served", "feedback": "raw_events"}


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: the batches (files) that grew, and how many lines they had."""

    batches: tuple[str, ...]
    lines: int
    set_aside: int = 0  # of these lines: no rows, but in quarantine


def pull(connection: Connection, kind: Kind, folder: Path | str, source: str) -> Pulled:
    """Reads what was added to a folder (or URI) of JSON lines since the last pull.

    A chunk's rows and the places up to which its files were read change together, so each line
    comes once. A torn last line waits for the next pull; a malformed one goes to quarantine, with
    its file, the byte at which it begins and the reason.

    Raises:
        RawUnwritable: the disk is full, or the folder of the raw files can't be written.
    """
    places = {
        path: Place(bytes_, lines)
        for path, bytes_, lines in run(
            connection, "pull/pulled_files", kind=kind, source=source
        ).fetchall()
    }
    batches: list[str] = []
    lines = rows = 0
    for chunk in chunks(folder, places):
        rows += _take_in(connection, kind, source, chunk)
        lines += chunk.n_lines
        batches += [piece.batch for piece in chunk.pieces]
    return Pulled(tuple(dict.fromkeys(batches)), lines, lines - rows)


def unchecked(connection: Connection, kind: Kind, source: str) -> tuple[str, ...]:
    """The batches with rows that no check has passed yet: new ones, and those of a night that
    was killed or stopped before it got there.
    """
    asked = {"kind": kind, "source": source, "table_name": RAW_TABLES[kind]}
    return tuple(path for (path,) in run(connection, "pull/unchecked_files", **asked).fetchall())


def unchecked_days(connection: Connection, source: str) -> list[date]:
    """The days that feedback came for which no check has passed yet."""
    days = run(connection, "pull/unchecked_days", source=source)
    return [day for (day,) in days.fetchall()]


def mark_checked(connection: Connection, kind: Kind, source: str) -> None:
    """Remembers that all that was pulled so far has passed its checks."""
    run(connection, "pull/checked", kind=kind, source=source)


def _take_in(connection: Connection, kind: Kind, source: str, chunk: Chunk) -> int:
    """Stores a chunk, and returns how many rows its lines became."""
    origin = {"kind": kind, "source": source, "table_name": RAW_TABLES[kind]}
    connection.register("lines", chunk.table())
    try:
        with transaction(connection):
            run(connection, f"pull/parsed_{kind}")
            if kind == "served":
                rows = write_raw(connection, source, chunk)
            else:
                rows = _count(run(connection, "pull/events", **origin))
            if rows < chunk.n_lines:
                run(connection, "pull/set_aside", **origin)
            for piece in chunk.pieces:
                at = {"path": piece.batch, "bytes": piece.end.byte, "lines": piece.end.line}
                run(connection, "pull/advance", **origin, **at)
    finally:
        connection.unregister("lines")
    return rows


def _count(inserted: Connection) -> int:
    (count,) = inserted.fetchone() or (0,)
    return int(count)
