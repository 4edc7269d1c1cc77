"""A small shop's raw tables: all rows good, until a test spoils some."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_checks import CheckFailed, CheckReport, ExpectationResult, Scope, check_table

SCHEMA = Path(__file__).parents[3] / "warehouse" / "sql" / "schema"
AS_OF = datetime.fromisoformat("2024-03-16")
SHOP = Scope("shop", AS_OF)

_GOOD_ROWS = {
    "raw_products": "'p' || i as product_id, 'Product ' || i as title, 1.5 as price, "
    "true as recommendable",
    "raw_events": "'e' || i as event_id, 'purchase' as event_type, "
    "timestamp '2024-03-15 09:00:00' + to_seconds(i) as occurred_at, occurred_at as logged_at, "
    "'u1' as user_id, 's' || i as session_id, 'p' || (i % 10) as product_id, 1 as quantity, "
    "2.5 as price",
    "raw_promotions": "'p' || (i % 10) as product_id, 'store' || i as store_id, "
    "timestamp '2024-03-11 05:00:00' as starts_at, timestamp '2024-03-18 05:00:00' as ends_at",
    "raw_judgments": "'query ' || i as query, 'p' || (i % 10) as product_id, 3 as grade, 7 as gain",
    "raw_served": "4 as log_version, 'r' || i as request_id, 'recommend' as scenario, "
    "timestamp '2024-03-15 09:00:00' + to_seconds(i) as occurred_at, occurred_at as logged_at, "
    "'u1' as user_id, []::varchar[] as session, "
    "10 as \"limit\", 'model:1' as model_tag, 'champion' as variant, 'greedy' as policy, "
    "'s1' as state_version, 'torch' as backend, 'fp32' as precision, false as degraded, "
    "3 as n_scored, 2 as n_read, "
    "[{'product_id': 'p1', 'rank': 1, 'score': 0.9, 'propensity': 1.0}, "
    "{'product_id': 'p2', 'rank': 2, 'score': 0.5, 'propensity': 1.0}, "
    "{'product_id': 'p3', 'rank': 3, 'score': 0.5, 'propensity': 1.0}] as candidates",
}


class Tables:
    """The raw tables of a warehouse in memory, with the shop's ten products."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 2})
        for path in (SCHEMA / "quarantine.sql", *SCHEMA.glob("raw_*.sql")):
            self.connection.execute(path.read_text())
        self.add("raw_products", 10)

    def add(self, table: str, n: int, *, batch: str = "b1", source: str = "shop") -> None:
        """Adds good rows, numbered from 0; those of another batch have ids of their own."""
        self.connection.execute(
            f"insert into {table} by name select $source as source, $batch as batch, "
            f"i as row_number, {_GOOD_ROWS[table]} from range($n) as numbers(i)",
            {"source": source, "batch": batch, "n": n},
        )

    def add_days(self, days: dict[date, int]) -> None:
        """Adds events, so many a day; a day's rows are one batch."""
        for day, n in days.items():
            self.connection.execute(
                "insert into raw_events by name select 'shop' as source, $day as batch, "
                f"i as row_number, {_GOOD_ROWS['raw_events']} from range($n) as numbers(i)",
                {"day": day.isoformat(), "n": n},
            )
        self.connection.execute(
            "update raw_events set event_id = batch || '-' || row_number, "
            "session_id = batch || '-' || row_number, "
            "occurred_at = batch::date + interval 12 hour, "
            "logged_at = batch::date + interval 12 hour"
        )

    def spoil(self, table: str, rows: range, *, batch: str = "b1", **values: Any) -> None:
        """Sets columns to SQL expressions in the rows with these numbers."""
        changes = ", ".join(f'"{column}" = {sql}' for column, sql in values.items())
        self.connection.execute(
            f"update {table} set {changes} where batch = $batch and row_number in $rows",
            {"batch": batch, "rows": list(rows)},
        )

    def check(self, table: str, scope: Scope = SHOP) -> CheckReport:
        return check_table(self.connection, table, scope)

    def result(self, table: str, expectation: str, scope: Scope = SHOP) -> ExpectationResult:
        """What became of one expectation, whether or not the check stopped."""
        try:
            report = self.check(table, scope)
        except CheckFailed as failed:
            report = failed.report
        (result,) = (result for result in report.results if result.name == expectation)
        return result

    def quarantined(self) -> list[tuple[str, str, str, int, str]]:
        return self.connection.execute(
            "select table_name, source, batch, row_number, expectation from quarantine order by all"
        ).fetchall()


@pytest.fixture
def tables() -> Iterator[Tables]:
    tables = Tables()
    yield tables
    tables.connection.close()
