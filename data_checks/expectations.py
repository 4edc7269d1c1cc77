"""Our two kinds of expectation: what Great Expectations has no built-in for on DuckDB.

`ExpectRowsToSatisfy` is a SQL condition over a row. All of a suite's conditions are counted in one
scan. `ExpectQueryToFindNothing` is a SQL query that returns what is wrong: days, columns, or the
keys of rows. Both know the predicate of the rows they reject, so that the count, the samples and
the quarantine can't disagree.
"""

from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.compatibility.pydantic import Field
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial, metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

_Values = dict[str, Any]


class RejectedRows(TableMetricProvider):
    """How many rows fail a condition: an aggregate, so that GX bundles all into one scan."""

    metric_name = "table.rejected_rows"
    value_keys = ("condition",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # noqa: N805  (GX passes the class)
        metric_domain_kwargs: _Values,
        metric_value_kwargs: _Values,
        **_: Any,
    ) -> tuple[sa.ColumnElement[int], _Values, _Values]:
        rejected = _rejected(metric_value_kwargs["condition"])
        count: sa.ColumnElement[int] = sa.literal_column(f"count(*) filter (where {rejected})")
        return count, metric_domain_kwargs, {}


class Offenders(TableMetricProvider):
    """How many records a query finds; a temporary table keeps them for samples and quarantine."""

    metric_name = "table.offenders"
    value_keys = ("name", "query", "parameters")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805
        execution_engine: SqlAlchemyExecutionEngine,
        metric_value_kwargs: _Values,
        **_: Any,
    ) -> int:
        found = offenders_table(metric_value_kwargs["name"])
        query, parameters = metric_value_kwargs["query"], metric_value_kwargs["parameters"]
        with execution_engine.get_connection() as connection:
            connection.exec_driver_sql(
                f"create or replace temp table {found} as {query}", parameters
            )
            return int(connection.exec_driver_sql(f"select count(*) from {found}").scalar_one())


class _Expectation(BatchExpectation):
    """What the two have in common: words for people, and the share that is tolerated."""

    name: str
    expected: str  # completes "expected …"
    found: str  # completes "found 3 of 10 rows (30%) …" for rows, "found …" otherwise
    tolerance: float = 0.0
    advice: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ()
    success_keys: ClassVar[tuple[str, ...]] = ("tolerance",)

    def _judged(self, n_checked: int, n_unexpected: int) -> _Values:
        share = n_unexpected / n_checked if n_checked else float(n_unexpected)
        return {
            "success": share <= self.tolerance,
            "result": {"element_count": n_checked, "unexpected_count": n_unexpected},
        }


class ExpectRowsToSatisfy(_Expectation):
    """Every row satisfies a SQL condition; a row for which it is null does not."""

    condition: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.row_count", "table.rejected_rows")
    success_keys: ClassVar[tuple[str, ...]] = ("condition", "tolerance")

    @property
    def rejected_rows(self) -> str:
        """The predicate over ``checked_rows`` of the rows that fail."""
        return _rejected(self.condition)

    def _validate(self, metrics: _Values, *_: Any, **__: Any) -> _Values:
        return self._judged(metrics["table.row_count"], metrics["table.rejected_rows"])


class ExpectQueryToFindNothing(_Expectation):
    """A query finds no record. About rows, it yields their ``batch`` and ``row_number``."""

    about: Literal["rows", "table"]
    query: str
    parameters: dict[str, Any] = Field(default_factory=dict)

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.row_count", "table.offenders")
    success_keys: ClassVar[tuple[str, ...]] = ("name", "query", "parameters", "tolerance")

    @property
    def rejected_rows(self) -> str | None:
        """The predicate over ``checked_rows`` of the rows that fail; None if not about rows."""
        if self.about == "table":
            return None
        found = offenders_table(self.name)
        return f"(batch, row_number) in (select (batch, row_number) from {found})"

    def _validate(self, metrics: _Values, *_: Any, **__: Any) -> _Values:
        return self._judged(metrics["table.row_count"], metrics["table.offenders"])


OurExpectation = ExpectRowsToSatisfy | ExpectQueryToFindNothing


def offenders_table(expectation: str) -> str:
    """The temporary table that holds what the expectation's query found."""
    return f"offenders_{expectation}"


def _rejected(condition: str) -> str:
    return f"not coalesce(({condition}), false)"
