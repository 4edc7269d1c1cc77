"""What a check can raise.

CheckError
├── CheckFailed     the data is not acceptable; carries the report
├── CheckBroken     an expectation could not be evaluated
└── NoSuchSuite     nobody wrote down what is acceptable for this table
"""

from collections.abc import Iterable
from pathlib import Path

from data_checks.report import CheckReport


class CheckError(Exception):
    """The root of what this room raises on purpose."""


class CheckFailed(CheckError):
    """At least one critical expectation is broken in more rows than it tolerates."""

    def __init__(self, report: CheckReport, page: Path | None = None) -> None:
        """Names table, expectation, expected, found, three rows and what to do, once a failure.

        With ``page``, also where the whole report can be read.
        """
        self.report = report
        failures = [
            f"{report.table} of {report.source}: {result.sentence()} {result.advice}"
            for result in report.failures
        ]
        ending = "Nothing was quarantined or staged."
        see = [] if page is None else [f"The whole report is in {page}."]
        super().__init__("\n".join([*failures, ending, *see]))


class CheckBroken(CheckError):
    """The check itself does not run: a mistake in the expectation, not in the data."""

    def __init__(self, table: str, expectation: str, cause: str) -> None:
        """Says which expectation of which table, and what DuckDB said."""
        super().__init__(
            f"the expectation {expectation} of {table} could not be evaluated: {cause}. "
            f"Nothing was quarantined or staged; correct it in data_checks/suites."
        )


class NoSuchSuite(CheckError):
    """A table without a suite."""

    def __init__(self, table: str, known: Iterable[str]) -> None:
        """Says which tables have one."""
        super().__init__(
            f"there is no suite for {table}; there are suites for {', '.join(sorted(known))}. "
            "Write one in data_checks/suites and register it there."
        )
