"""Evidently's default preset, in an environment of its own: which columns drifted from the four
weeks before, of requests and of events, and those of the catalogue from what it was a night before.

Its own verdict is that a table drifted, where half of its columns did. As few would wait for that,
a second system rings for any column.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.incidents.detectors.detector import Incident
from warehouse.connection import Connection

PEER = "evidently"
HALF = 0.5  # of the columns: its default
_DAY, _WEEKS = timedelta(days=1), timedelta(days=28)
_LEAST = 30  # rows of a side


@dataclass(frozen=True)
class Drift:
    """What it finds in a table."""

    table: str
    drifted: list[str]
    share: float


class Evidently:
    """Rings where so great a share of a table's columns has drifted; 0: any."""

    def __init__(self, peers: Path, share: float) -> None:
        self._reports = _reports(peers)
        self._share = share

    def remember(self, connection: Connection, night: date) -> None:
        """The catalogue."""
        self._reports.remember(connection, night)

    def detect(self, connection: Connection, scenario: str, night: date) -> list[Incident]:
        """See `Detector`: one incident a night."""
        found = [
            each
            for each in self._reports.of(connection, scenario, night)
            if each.drifted and each.share >= self._share
        ]
        told = [f"{', '.join(each.drifted)} of {each.table} drifted" for each in found]
        return [Incident(night, "", "warning", "; ".join(told))] if told else []


class Reports:
    """The reports of nights, each made once."""

    def __init__(self, peers: Path) -> None:
        self._python = environment(PEER, peers)
        self._process: subprocess.Popen[str] | None = None
        self._catalogue: tuple[date, pa.Table] | None = None
        self._last: tuple[Any, list[Drift]] = (None, [])

    def remember(self, connection: Connection, night: date) -> None:
        """Keeps the catalogue of a night, which that of the next one is held against."""
        self._catalogue = (night, _table(connection, "catalogue"))

    def of(self, connection: Connection, scenario: str, night: date) -> list[Drift]:
        """What drifted on a night."""
        asked = (connection, scenario, night)
        if self._last[0] != asked:
            self._last = (asked, list(self._made(connection, scenario, night)))
        return self._last[1]

    def _made(self, connection: Connection, scenario: str, night: date) -> Iterator[Drift]:
        for name in ("requests", "events"):
            current = _table(connection, name, scenario=scenario, first=night, last=night)
            before = {"first": night - _WEEKS, "last": night - _DAY}
            yield from self._drift(
                name, current, _table(connection, name, scenario=scenario, **before)
            )
        catalogue, known = _table(connection, "catalogue"), self._catalogue
        if known is not None and known[0] == night - _DAY and known[1] != catalogue:
            yield from self._drift("the catalogue", catalogue, known[1])
        self._catalogue = (night, catalogue)

    def _drift(self, name: str, current: pa.Table, reference: pa.Table) -> Iterator[Drift]:
        if min(len(current), len(reference)) < _LEAST:
            return
        with TemporaryDirectory() as folder:
            paths = {"current": f"{folder}/current", "reference": f"{folder}/reference"}
            pq.write_table(current, paths["current"])
            pq.write_table(reference, paths["reference"])
            answer = self._answer(paths)
        yield Drift(name, answer["drifted"], answer["share"])

    def _answer(self, paths: dict[str, str]) -> dict[str, Any]:
        if self._process is None:
            self._process = subprocess.Popen(
                [str(self._python), str(PEERS / PEER / "watch.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(paths) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{PEER} ended before its time; what it said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@cache
def _reports(peers: Path) -> Reports:
    """Of this process."""
    return Reports(peers)


def _table(connection: Connection, name: str, **asked: Any) -> pa.Table:
    query = Path(__file__).with_name(f"evidently_{name}.sql").read_text(encoding="utf-8")
    (statement,) = connection.extract_statements(query)
    named = {key: asked[key] for key in statement.named_parameters}
    return connection.execute(statement, named).to_arrow_table()
