"""The suites and the warehouse's schema tell the same story."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from data_checks import Scope
from data_checks.suites import SUITES

AS_OF = datetime.fromisoformat("2024-03-16")
SCHEMA = Path(__file__).parents[3] / "warehouse" / "sql" / "schema"


@pytest.mark.parametrize("table", sorted(SUITES))
def test_a_suite_expects_the_columns_that_the_schema_declares(table: str) -> None:
    connection = duckdb.connect()
    connection.execute((SCHEMA / f"{table}.sql").read_text())
    declared = connection.execute(
        f"select column_name, column_type from (describe {table})"
    ).fetchall()
    assert dict(SUITES[table].columns) == dict(declared)


@pytest.mark.parametrize("table", sorted(SUITES))
def test_an_expectation_has_a_name_of_its_own_and_says_what_to_do(table: str) -> None:
    expectations = SUITES[table].expectations(Scope("shop", AS_OF))
    names = [expectation.name for expectation in expectations]
    assert len(set(names)) == len(names)
    assert all(expectation.advice.endswith(".") for expectation in expectations)
