"""Nights of a stream without Prefect: what `flows.nightly` does, by the warehouse's own functions.

A check that would stop the night is noted, and the night goes on as if somebody had let its rows
in: so all detectors see the same days.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data_checks import CheckFailed, Scope, check_table
from tests.benchmarks.incidents.inputs import LOGS, Inputs, Waiting
from warehouse.connection import Connection, open_warehouse
from warehouse.data_quality import SHOP
from warehouse.nights import mark_due, measure_nights, measure_shop_nights
from warehouse.pull import Kind, mark_checked, pull, unchecked, unchecked_days
from warehouse.raw import SERVED_LINES, raw_to_check
from warehouse.served import days_to_measure, stage_day
from warehouse.staging import let_in, stage_events, stage_products

Change = Callable[[Inputs], Inputs]

FEEDBACK = "feedback"
FEED = "feed"
_LINES = "copy (select * exclude (arrives_at) from lines) to '{path}' (format json, {times})"
_TIMES = "timestampformat '%Y-%m-%dT%H:%M:%S.%fZ'"
_FORGET = "delete from raw_products where source = $feed and batch in (select batch from catalogue)"
_FILL = "insert into raw_products by name select * replace ($feed as source) from catalogue"


@dataclass(frozen=True, eq=False)
class Home:
    """A warehouse, what lies beside it, and what is still to arrive."""

    folder: Path
    connection: Connection
    scenario: str
    waiting: Waiting  # what was written and has not arrived
    held: Waiting  # what a fault has held up

    def come(self, day: date, new: Inputs, change: Change = lambda inputs: inputs) -> Inputs:
        """What has arrived by a day's end, a fault having changed what would have."""
        for log in LOGS:
            self.waiting.add(log, getattr(new, log))
        due = {log: self.waiting.take(log, day) for log in LOGS}
        changed = change(replace(new, **due))
        for log in LOGS:
            self.held.add(log, getattr(changed, log))
        return replace(changed, **{log: self.held.take(log, day) for log in LOGS})

    def night(self, day: date, inputs: Inputs, *, checked: bool = True) -> list[str]:
        """Goes through a night; returns what checks would have stopped it for."""
        self._write(day, inputs)
        said = [*self._ingest(day, inputs.catalogue, checked), *self._take_in(day, checked)]
        connection, scenario = self.connection, self.scenario
        for each in (*days_to_measure(connection, scenario, day), day):
            stage_day(connection, scenario, each)
        measure_nights(connection, scenario, day)
        return said

    def _write(self, day: date, lines: Inputs) -> None:
        """As services do."""
        for log, folder in zip(LOGS, self._logs, strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{day:%Y%m%d}T000000-shop-1-000001.jsonl"
            if len(rows := getattr(lines, log)):
                _write_lines(rows, path)

    @property
    def _logs(self) -> tuple[Path, Path]:
        return self.folder / "serving_logs" / self.scenario, self.folder / "feedback_logs"

    def _ingest(self, day: date, catalogue: pa.Table, checked: bool) -> Iterator[str]:
        connection = self.connection
        connection.register("catalogue", catalogue)
        for statement in (_FORGET, _FILL):
            connection.execute(statement, {"feed": FEED})
        connection.unregister("catalogue")
        if checked and len(catalogue):
            batches = tuple(sorted(set(catalogue["batch"].to_pylist())))
            yield from self._check("raw_products", Scope(FEED, _morning(day), batches=batches))
        stage_products(connection)

    def _take_in(self, day: date, checked: bool) -> Iterator[str]:
        connection = self.connection
        served, feedback = self._logs
        kinds: Sequence[tuple[Kind, str, Path, str]] = (
            ("feedback", FEEDBACK, feedback, "raw_events"),
            ("served", self.scenario, served, "raw_served"),
        )
        for kind, source, folder, _ in kinds:
            pull(connection, kind, folder, source)
            shutil.rmtree(folder, ignore_errors=True)
        with raw_to_check(connection):
            for kind, source, _, table in kinds:
                if checked and (batches := unchecked(connection, kind, source)):
                    relation = SERVED_LINES if kind == "served" else None
                    catalogue = FEED if kind == "feedback" else None
                    scope = Scope(
                        source,
                        _morning(day),
                        batches=batches,
                        relation=relation,
                        catalogue=catalogue,
                    )
                    yield from self._check(table, scope)
        let_in(connection, FEEDBACK)
        for each in sorted({day, *unchecked_days(connection, FEEDBACK)}):
            for owner in (SHOP, self.scenario):
                mark_due(connection, owner, each)
            stage_events(connection, each)
        measure_shop_nights(connection, day)
        for kind, source, *_ in kinds:
            mark_checked(connection, kind, source)

    def _check(self, table: str, scope: Scope) -> Iterator[str]:
        try:
            check_table(self.connection, table, scope)
        except CheckFailed as failed:
            yield from (result.sentence() for result in failed.report.failures)


def _write_lines(rows: pa.Table, path: Path) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("lines", rows)
        connection.execute(_LINES.format(path=path, times=_TIMES))


def _morning(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time())


@contextmanager
def opened(folder: Path, scenario: str, columns: Inputs) -> Iterator[Home]:
    """A home, and what was still to arrive when it was closed; that is kept when it is again."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting, held = (_kept(folder, name, columns) for name in ("waiting", "held"))
    with open_warehouse(folder / "warehouse.duckdb") as connection:
        connection.execute("set threads = 1")
        yield Home(folder, connection, scenario, waiting, held)
    for name, lines in (("waiting", waiting), ("held", held)):
        for log in LOGS:
            pq.write_table(lines.lines[log], folder / f"{name}-{log}.parquet")


def _kept(folder: Path, name: str, columns: Inputs) -> Waiting:
    lines = {}
    for log in LOGS:
        none, path = getattr(columns, log).slice(0, 0), folder / f"{name}-{log}.parquet"
        lines[log] = pq.read_table(path).cast(none.schema) if path.exists() else none
    return Waiting(lines)


def forked(home: Path, into: Path) -> Path:
    """A home of its own; raw files, which nobody changes, are the same ones."""
    shutil.copytree(home / "raw", into / "raw", copy_function=_link)
    for path in home.glob("*.*"):
        shutil.copy(path, into)
    return into


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
