"""What reaches the platform between two nights, as tables that a fault may change."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Inputs:
    """A day's drops and lines.

    ``catalogue`` has the columns of ``raw_products``. ``served`` and ``events`` have those of the
    two logs, and ``arrives_at``, when a line can be read: its own times are what a clock said.
    """

    catalogue: pa.Table
    served: pa.Table
    events: pa.Table


TABLES = tuple(field.name for field in fields(Inputs))
LOGS = ("served", "events")
_NIGHTLY = time(2)  # of the schedule: what happened at midnight's last second is written by then


def rewritten(rows: pa.Table, query: str, parameters: Mapping[str, Any], seed: int = 0) -> pa.Table:
    """What a query makes of ``rows``, in the same columns and types: see `queried`."""
    found = queried(rows, query, parameters, seed)
    return found.select(rows.column_names).cast(rows.schema)


def queried(
    rows: pa.Table, query: str, parameters: Mapping[str, Any] | None = None, seed: int = 0
) -> pa.Table:
    """What a query finds in ``rows``.

    In it ``picked(key, share)`` is true of a share of keys, always the same ones of a seed.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set timezone = 'UTC'")
        chance(connection, seed)
        connection.register("rows", rows)
        (statement,) = duckdb.extract_statements(query)
        named = {key: (parameters or {})[key] for key in statement.named_parameters}
        return connection.execute(statement, named).to_arrow_table()


def chance(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Lets queries say ``picked(key, share)``."""
    connection.execute(
        "create or replace temp macro picked(key, share) as "
        f"hash(key, {seed}) % 1_000_000 < 1_000_000 * share"
    )


class Waiting:
    """Lines that were written, and have not arrived yet."""

    def __init__(self, lines: Mapping[str, pa.Table]) -> None:
        """``lines`` of both logs."""
        self.lines = dict(lines)

    def add(self, log: str, rows: pa.Table) -> None:
        """Has lines come when they arrive."""
        self.lines[log] = pa.concat_tables([self.lines[log], rows])

    def take(self, log: str, night: date) -> pa.Table:
        """What has arrived when a night begins, and waits no longer."""
        begins = {"begins": datetime.combine(night + timedelta(days=1), _NIGHTLY)}
        rows = self.lines[log]
        self.lines[log] = rewritten(rows, "from rows where arrives_at >= $begins", begins)
        return rewritten(rows, "from rows where arrives_at < $begins", begins)
