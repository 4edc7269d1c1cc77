"""Great Expectations on a DuckDB connection that is already open.

DuckDB lets one process open a file once, so GX is handed that very connection: it then also sees
the connection's temporary views, and what its transaction has not committed yet. GX only reads,
but commits after each query, at which DuckDB drops the results GX has yet to fetch; the dialect
therefore leaves transactions alone.
"""

from typing import Any

import duckdb
import great_expectations as gx
from duckdb_engine import ConnectionWrapper, Dialect
from great_expectations.core import ExpectationSuite
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from sqlalchemy.dialects import registry
from sqlalchemy.pool import StaticPool

from data_checks.errors import CheckBroken

_URL = "duckdb+borrowed:///:memory:"  # names the dialect; the connection comes from `creator`


class BorrowedDialect(Dialect):
    """DuckDB's dialect without transactions of its own."""

    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        """Leaves the caller's transaction as it is."""

    def do_commit(self, connection: Any) -> None:
        """Leaves the caller's transaction as it is."""

    def do_rollback(self, connection: Any) -> None:
        """Leaves the caller's transaction as it is."""


registry.register("duckdb.borrowed", __name__, BorrowedDialect.__name__)


class _Borrowed(ConnectionWrapper):
    """The caller's connection: GX may use it and never closes it."""

    def close(self) -> None:
        """Leaves it open."""


def validate(
    connection: duckdb.DuckDBPyConnection, relation: str, suite: ExpectationSuite
) -> dict[str, ExpectationValidationResult]:
    """Runs the suite over a table or view of the connection and returns its results by name.

    Raises:
        CheckBroken: DuckDB refused the SQL of an expectation.
    """
    context = _quiet_context()
    source = SQLDatasource(
        name="warehouse",
        connection_string=_URL,
        kwargs={"creator": lambda: _Borrowed(connection), "poolclass": StaticPool},
    )
    context.data_sources.add_sql(datasource=source)
    asset = source.add_table_asset(name=suite.name, table_name=relation)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    results = batch.validate(suite).results
    return {_name(result): _evaluated(suite.name, result) for result in results}


def _quiet_context() -> EphemeralDataContext:
    """A context that writes no file, reports to nobody and draws no progress bar."""
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _name(result: ExpectationValidationResult) -> str:
    configuration = result.expectation_config
    return str(configuration.kwargs["name"]) if configuration else ""


def _evaluated(table: str, result: ExpectationValidationResult) -> ExpectationValidationResult:
    """The result itself, unless GX caught an exception in its place."""
    details = result.exception_info or {}
    for info in [details, *(value for value in details.values() if isinstance(value, dict))]:
        if info.get("raised_exception"):
            raise CheckBroken(table, _name(result), str(info.get("exception_message")))
    return result
