"""What was served and what came of it: from the logs to metrics by day.

Every step replaces what it made before for the same day, in one transaction, so that a night can
be run again, or again after it was killed, with the same result.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pyarrow as pa

from warehouse.connection import Connection, transaction
from warehouse.evaluation import COVERAGE, Measured, measure
from warehouse.statements import run

_CHUNK_BYTES = 64 * 1024 * 1024

Kind = Literal["served", "feedback"]
RAW_TABLES: dict[Kind, str] = {"served": "raw_served", "feedback": "raw_events"}


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: the batches (files) that grew, and how many lines they had."""

    batches: tuple[str, ...]
    lines: int


def pull(connection: Connection, kind: Kind, folder: Path, source: str) -> Pulled:
    """Reads what was added to a folder of JSON lines since the last pull.

    A chunk's rows and the place up to which its file was read change together, so each line comes
    once. A torn last line waits for the next pull; a line that is no JSON goes to quarantine.
    """
    known = {
        path: (size, lines)
        for path, size, lines in run(
            connection, "served/pulled_files", kind=kind, source=source
        ).fetchall()
    }
    batches: list[str] = []
    total = 0
    for path in sorted(folder.glob("*.jsonl")):
        offset, lines = known.get(path.name, (0, 0))
        for chunk in _complete_lines(path, offset):
            _insert(connection, kind, source, path.name, chunk, offset, lines)
            offset += sum(len(line) + 1 for line in chunk)
            lines += len(chunk)
            total += len(chunk)
            batches.append(path.name)
    return Pulled(tuple(dict.fromkeys(batches)), total)


def unchecked(connection: Connection, kind: Kind, source: str) -> tuple[str, ...]:
    """The batches with lines that no check has passed yet: new ones, and those of a night that
    was killed or stopped before it got there.
    """
    return tuple(
        path
        for (path,) in run(
            connection, "served/unchecked_files", kind=kind, source=source
        ).fetchall()
    )


def mark_checked(connection: Connection, kind: Kind, source: str) -> None:
    """Remembers that all that was pulled so far has passed its checks."""
    run(connection, "served/checked", kind=kind, source=source)


def _complete_lines(path: Path, offset: int) -> Iterator[list[bytes]]:
    # A segment in which nothing could be written is removed.
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(offset)
        rest = b""
        while data := file.read(_CHUNK_BYTES):
            complete, newline, rest = (rest + data).rpartition(b"\n")
            if newline:
                yield complete.split(b"\n")


def _insert(
    connection: Connection,
    kind: Kind,
    source: str,
    batch: str,
    chunk: list[bytes],
    offset: int,
    first_line: int,
) -> None:
    numbers = pa.array(range(first_line, first_line + len(chunk)), pa.int64())
    text = pa.array([line.decode("utf-8", errors="replace") for line in chunk], pa.string())
    connection.register("lines", pa.table({"row_number": numbers, "line": text}))
    origin = {"source": source, "batch": batch}
    with transaction(connection):
        run(connection, f"served/pull_{kind}", **origin)
        run(connection, "served/quarantine_lines", table_name=RAW_TABLES[kind], **origin)
        run(
            connection,
            "served/advance",
            kind=kind,
            source=source,
            path=batch,
            bytes=offset + sum(len(line) + 1 for line in chunk),
            lines=first_line + len(chunk),
        )
    connection.unregister("lines")


def stage_day(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Stages a day's requests, what was ranked for them, and what followed by ``as_of``."""
    asked = {"scenario": scenario, "day": day}
    with transaction(connection):
        for table in ("outcomes", "candidates", "requests"):
            run(connection, f"served/forget_{table}", **asked)
        for table in ("requests", "candidates"):
            run(connection, f"served/{table}", **asked)
        run(connection, "served/outcomes", as_of=as_of, **asked)


def measure_day(connection: Connection, scenario: str, day: date, as_of: date) -> int:
    """Measures a staged day and stores its metrics; returns how many values that were."""
    asked = {"scenario": scenario, "day": day}
    run(connection, "served/run", **asked)
    run(connection, "served/judgments", **asked)
    run(connection, f"marts/segments_{scenario}", cut=day)
    run(connection, "served/segments", **asked)
    run(connection, "served/asked", **asked)
    run(connection, "served/catalogue")
    ranking = [_row(measured) for measured in measure(connection) if _was_seen(measured)]
    service = run(connection, "served/service_metrics", **asked).fetchall()
    rows = ranking + [
        (model, variant, "all", metric, value, None, n)
        for model, variant, n, metric, value in service
    ]
    store_metrics(connection, scenario, "day", day, as_of, rows)
    return len(rows)


MetricRow = tuple[str, str, str, str, float, float | None, int]
_ROW = ("model_tag", "variant", "segment", "metric", "value", "standard_error", "n")


def store_metrics(
    connection: Connection,
    scenario: str,
    window: str,
    start: date,
    as_of: date,
    rows: list[MetricRow],
) -> None:
    """Replaces what ``metric_values`` hold of a window by ``rows``."""
    names = {"scenario": scenario, "window": window, "window_start": start, "as_of": as_of}
    measured = pa.Table.from_pylist(
        [names | dict(zip(_ROW, row, strict=True)) for row in rows],
        schema=connection.table("metric_values").limit(0).to_arrow_table().schema,
    )
    connection.register("measured", measured)
    with transaction(connection):
        run(connection, "served/forget_metrics", **names)
        run(connection, "served/store_metrics")
    connection.unregister("measured")


def _was_seen(measured: Measured) -> bool:
    """What a shadow ranks covers nothing of the catalogue: nobody saw it."""
    return measured.metric != COVERAGE or not measured.ranker.endswith(" shadow")


def _row(measured: Measured) -> MetricRow:
    model, _, variant = measured.ranker.rpartition(" ")
    return (
        model,
        variant,
        measured.segment,
        measured.metric,
        measured.value,
        measured.standard_error,
        measured.n,
    )
