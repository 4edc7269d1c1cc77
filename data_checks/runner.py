"""Runs a table's suite and acts on what it finds."""

import json
from typing import Any

import duckdb
from great_expectations.core import ExpectationSuite
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.expectations.metadata_types import FailureSeverity

from data_checks.errors import CheckFailed, NoSuchSuite
from data_checks.expectations import (
    ExpectQueryToFindNothing,
    OurExpectation,
    offenders_table,
)
from data_checks.pushdown import validate
from data_checks.quarantine import replace_quarantine
from data_checks.relations import relations
from data_checks.report import CheckReport, ExpectationResult, Status, percent
from data_checks.scope import Scope
from data_checks.statements import statement
from data_checks.suites import SUITES, Suite

_SAMPLES = 3


def check_table(connection: duckdb.DuckDBPyConnection, table: str, scope: Scope) -> CheckReport:
    """Checks the scope's rows of a raw table; see ``data_checks.check_table``."""
    if table not in SUITES:
        raise NoSuchSuite(table, SUITES)
    check = _Check(connection, SUITES[table], scope)
    try:
        return check.run()
    finally:
        check.clear()


class _Check:
    """One table, one scope, one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, suite: Suite, scope: Scope) -> None:
        self._connection = connection
        self._suite = suite
        self._table = suite.table
        self._scope = scope
        self._offenders: set[str] = set()

    def run(self) -> CheckReport:
        columns = self._judge(self._table, self._suite.columns_suite())
        self._stop_at_failures(columns, n_rows=0)
        with relations(self._connection, self._table, self._scope):
            suite = self._suite.rows_suite(self._scope)
            results = columns + self._judge("checked_rows", suite)
            n_rows = self._count()
            self._stop_at_failures(results, n_rows)
            broken = {result.name for result in results if result.n_unexpected}
            n_quarantined = replace_quarantine(
                self._connection,
                self._table,
                self._scope,
                [expectation for expectation in _ours(suite) if expectation.name in broken],
            )
        return self._report(results, n_rows, n_quarantined)

    def clear(self) -> None:
        """Drops what the queries left for samples and quarantine."""
        for name in self._offenders:
            self._connection.execute(f"drop table if exists temp.{offenders_table(name)}")

    def _judge(self, relation: str, suite: ExpectationSuite) -> tuple[ExpectationResult, ...]:
        ours = _ours(suite)
        self._offenders |= {e.name for e in ours if isinstance(e, ExpectQueryToFindNothing)}
        judged = validate(self._connection, relation, suite)
        return tuple(self._result(expectation, judged[expectation.name]) for expectation in ours)

    def _result(
        self, expectation: OurExpectation, judged: ExpectationValidationResult
    ) -> ExpectationResult:
        about_rows = expectation.rejected_rows is not None
        n_checked = int(judged.result["element_count"])
        n_unexpected = int(judged.result["unexpected_count"])
        samples = self._samples(expectation) if n_unexpected else ()
        return ExpectationResult(
            name=expectation.name,
            expected=_expected(expectation),
            found=_found(expectation, n_checked, n_unexpected, samples),
            severity="critical" if _is_critical(expectation) else "warning",
            tolerance=expectation.tolerance,
            n_checked=n_checked if about_rows else None,
            n_unexpected=n_unexpected,
            status=_status(expectation, bool(judged.success), n_unexpected),
            samples=samples,
            advice=expectation.advice,
        )

    def _samples(self, expectation: OurExpectation) -> tuple[dict[str, Any], ...]:
        if expectation.rejected_rows is not None:
            query = statement("sample_rows", rejected_rows=expectation.rejected_rows)
        else:
            found = offenders_table(expectation.name)
            query = f"select to_json(offender) from {found} as offender limit {_SAMPLES}"
        return tuple(json.loads(row) for (row,) in self._connection.execute(query).fetchall())

    def _count(self) -> int:
        (count,) = self._connection.execute("select count(*) from checked_rows").fetchone() or (0,)
        return int(count)

    def _stop_at_failures(self, results: tuple[ExpectationResult, ...], n_rows: int) -> None:
        report = self._report(results, n_rows, n_quarantined=0)
        if report.failures:
            raise CheckFailed(report)

    def _report(
        self, results: tuple[ExpectationResult, ...], n_rows: int, n_quarantined: int
    ) -> CheckReport:
        return CheckReport(
            table=self._table,
            source=self._scope.source,
            as_of=self._scope.as_of,
            batches=self._scope.batches,
            n_rows=n_rows,
            n_quarantined=n_quarantined,
            results=results,
        )


def _ours(suite: ExpectationSuite) -> list[OurExpectation]:
    """The suite's expectations; every one is of our kinds."""
    return [e for e in suite.expectations if isinstance(e, OurExpectation)]


def _is_critical(expectation: OurExpectation) -> bool:
    return expectation.severity is FailureSeverity.CRITICAL


def _status(expectation: OurExpectation, success: bool, n_unexpected: int) -> Status:
    if not n_unexpected:
        return "passed"
    if success:
        return "quarantined"
    return "failed" if _is_critical(expectation) else "warned"


def _expected(expectation: OurExpectation) -> str:
    if expectation.rejected_rows is None:
        return expectation.expected
    enough = f"at least {percent(1 - expectation.tolerance)} of rows"
    return f"{expectation.expected} in {enough if expectation.tolerance else 'every row'}"


def _found(
    expectation: OurExpectation,
    n_checked: int,
    n_unexpected: int,
    samples: tuple[dict[str, Any], ...],
) -> str:
    if not n_unexpected:
        return "as expected"
    if expectation.rejected_rows is None:
        return expectation.found.format(n=f"{n_unexpected:,}", **samples[0])
    share = percent(n_unexpected / n_checked)
    return f"{n_unexpected:,} of {n_checked:,} rows ({share}) {expectation.found}"
