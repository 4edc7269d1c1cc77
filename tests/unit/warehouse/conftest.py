"""A small shop's warehouse in memory, its logs, and rankings to judge."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pytest

from bentos.serving.record import LoggedCandidate, LoggedEvent, PredictionRecord, Timings
from tests.unit.warehouse.served_traffic import day_of_traffic
from warehouse.connection import declare_tables, keep_raw_in
from warehouse.evaluation import Measured, measure
from warehouse.raw import all_raw
from warehouse.statements import run

ROOT = Path(__file__).parents[3]
NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)

Rows = list[tuple[Any, ...]]
Ranking = Mapping[str, Sequence[tuple[str, float]]]  # query: (product, score)
Gains = Mapping[str, Mapping[str, float]]  # query: product: gain


def memory_warehouse() -> duckdb.DuckDBPyConnection:
    """Every table of the schema, empty."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set timezone = 'UTC'")
    declare_tables(connection)
    return connection


class Shop:
    """A warehouse in memory that tests fill row by row."""

    def __init__(self) -> None:
        self.connection = memory_warehouse()
        self._events = 0

    def add(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Adds rows; columns that a row does not name are null."""
        schema = self.connection.table(table).limit(0).to_arrow_table().schema
        self.connection.register("added", pa.Table.from_pylist(list(rows), schema=schema))
        self.connection.execute(f"insert into {table} by name from added")
        self.connection.unregister("added")

    def add_raw(self, table: str, *rows: Mapping[str, Any], batch: str = "b1") -> None:
        """Adds rows to a raw table, numbered from 0 within their batch."""
        origin = {"source": "shop", "batch": batch}
        self.add(table, *({**origin, "row_number": i, **row} for i, row in enumerate(rows)))

    def sell(self, *product_ids: str, recommendable: bool = True) -> None:
        """Stages products."""
        self.add(
            "stg_products",
            *(
                {"product_id": p, "text": p, "recommendable": recommendable, "attributes": []}
                for p in product_ids
            ),
        )

    def judge(self, query: str, product_id: str, gain: float, **values: Any) -> None:
        """Stages a judgment, by people unless told otherwise."""
        judgment = {"query_id": query, "query": query, "product_id": product_id, "gain": gain}
        self.add("stg_judgments", judgment | {"source": "people", "weak": False} | values)

    def buys(self, user_id: str | None, product_id: str, at: str, **values: Any) -> None:
        """Stages a purchase; each is a session of its own unless told otherwise."""
        self._events += 1
        moment = datetime.fromisoformat(at)
        event = {
            "event_id": f"e{self._events}",
            "event_type": "purchase",
            "occurred_at": moment,
            "logged_at": moment,
            "user_id": user_id,
            "session_id": f"s{self._events}",
            "product_id": product_id,
            "quantity": 1.0,
            "source": "shop",
        }
        self.add("stg_events", event | values)

    def quarantine(self, table: str, row_number: int, batch: str = "b1", **values: str) -> None:
        """Sets a row aside, as a failed check would."""
        self.add(
            "quarantine",
            {
                "table_name": table,
                "source": "shop",
                "batch": batch,
                "row_number": row_number,
                "expectation": "some_check",
                "reason": "for the test",
                "row_json": "{}",
                **values,
            },
        )

    def rows(self, table: str, columns: str = "*") -> Rows:
        """All rows of a table, in order; of ``served_lines`` every one."""
        if table.startswith("served_lines"):
            with all_raw(self.connection):
                return self._rows(table, columns)
        return self._rows(table, columns)

    def _rows(self, table: str, columns: str) -> Rows:
        return self.connection.execute(f"select {columns} from {table} order by all").fetchall()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop()
    keep_raw_in(shop.connection, tmp_path / "raw")
    yield shop
    shop.connection.close()


Fingerprint = Callable[[duckdb.DuckDBPyConnection, str], Rows]


@pytest.fixture
def fingerprint() -> Fingerprint:
    """The number of a table's rows and a hash over all of them, whatever their order."""

    def _fingerprint(connection: duckdb.DuckDBPyConnection, table: str) -> Rows:
        return connection.execute(
            f"select count(*), sum(hash(rows)::hugeint % 1000000007) from {table} as rows"
        ).fetchall()

    return _fingerprint


class Logs:
    """A folder of JSON lines, as the services write it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    @staticmethod
    def answer(
        request_id: str,
        user_id: str = "u1",
        products: Sequence[str] = ("p1", "p2", "p3"),
        at: datetime = NOON,
        **values: Any,
    ) -> PredictionRecord:
        """An answer: the products in the order of their ranks, the first two shown."""
        fields: dict[str, Any] = {
            "request_id": request_id,
            "scenario": "recommend",
            "occurred_at": at,
            "logged_at": at + timedelta(milliseconds=5),
            "user_id": user_id,
            "session": ["p7", "p8"],
            "exclude": [],
            "limit": 2,
            "context": '{"page":"home"}',
            "model_tag": "recommend:a",
            "bento_tag": "bento:1",
            "variant": "champion",
            "policy": "greedy",
            "state_version": "v1",
            "backend": "torch",
            "precision": "fp32",
            "n_scored": 50,
            "n_read": 20,
            "degraded": False,
            "recent": [LoggedEvent("f1", "click", "p1", at, 1.0, 2.5, None, "s1")],
            "candidates": [
                LoggedCandidate(product, rank, 1 / rank, 1.0)
                for rank, product in enumerate(products, start=1)
            ],
            "timings_ms": Timings(0.5, 1.0, 8.0, 2.0, 12.0),
        }
        return PredictionRecord(**fields | values)

    def write(self, name: str, *lines: Any) -> Path:
        """Appends records (or bytes, as they are) to a file."""
        path = self.folder / name
        with path.open("ab") as file:
            for line in lines:
                file.write(line if isinstance(line, bytes) else self.line(line))
        return path

    @staticmethod
    def line(record: Any) -> bytes:
        """A line as ``bentos/serving/jsonl.py`` encodes it."""
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path / "logs")


@pytest.fixture
def feedback(logs: Logs, tmp_path: Path) -> Logs:
    return type(logs)(tmp_path / "feedback")


@pytest.fixture
def traffic(shop: Shop, logs: Logs) -> Shop:
    return day_of_traffic(shop, logs)


Judge = Callable[..., dict[tuple[str, str, str], Measured]]


class _Judging:
    """Measures rankings, by (ranker, segment, metric); each ranker is asked every judged query."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})

    def __call__(
        self,
        rankings: Mapping[str, Ranking],
        gains: Gains,
        segments: Sequence[tuple[str, str | None, str | None, bool]] = (),
        catalogue: Mapping[str, bool] | None = None,
    ) -> dict[tuple[str, str, str], Measured]:
        run(self._connection, "metrics/empty_run")
        for ranker, ranking in rankings.items():
            rows = [
                (query, product, float(score))
                for query, scored in ranking.items()
                for product, score in scored
            ]
            _table(self._connection, "ranking", "query_id product_id score", rows)
            run(self._connection, "metrics/add_run", ranker=ranker)
        gain_rows = [(q, p, float(g)) for q, of_query in gains.items() for p, g in of_query.items()]
        whole = [("all", None, None, True), *segments]
        sold = (catalogue or {"p": True}).items()
        _table(self._connection, "judgments", "query_id product_id gain", gain_rows)
        _table(self._connection, "segments", "segment query_id product_id belongs", whole)
        _table(self._connection, "catalogue", "product_id recommendable", sold)
        run(self._connection, "metrics/asked_of_all")
        return {(m.ranker, m.segment, m.metric): m for m in measure(self._connection)}


@pytest.fixture
def judge() -> Judge:
    return _Judging()


@pytest.fixture(scope="module")
def shared_judge() -> Judge:
    """One for all examples of a property."""
    return _Judging()


_TYPES = {"score": pa.float64(), "gain": pa.float64(), "belongs": pa.bool_()}
_TYPES["recommendable"] = pa.bool_()


def _table(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Any) -> None:
    names = columns.split()
    schema = pa.schema([(column, _TYPES.get(column, pa.string())) for column in names])
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema)
    connection.register("given", table)
    connection.execute(f"create or replace temp table {name} as from given")
    connection.unregister("given")


OtherProcess = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def other_process() -> OtherProcess:
    """Runs Python beside this process; it sees the arguments as ``sys.argv[1:]``."""

    def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", f"import sys\n{code}", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return _run
