"""What data is acceptable.

One Great Expectations suite a table (``suites/``), two kinds of expectation of our own
(`expectations`), and one runner that pushes them down to DuckDB as SQL. Rows that fail within what
an expectation tolerates go to quarantine with the reason; more than that stops the flow.
"""

import duckdb

from data_checks.errors import CheckBroken, CheckError, CheckFailed, NoSuchSuite
from data_checks.pages import report_markdown, report_page
from data_checks.report import CheckReport, ExpectationResult
from data_checks.scope import Calendar, Scope

__all__ = [
    "Calendar",
    "CheckBroken",
    "CheckError",
    "CheckFailed",
    "CheckReport",
    "ExpectationResult",
    "NoSuchSuite",
    "Scope",
    "check_table",
    "report_markdown",
    "report_page",
]


def check_table(connection: duckdb.DuckDBPyConnection, table: str, scope: Scope) -> CheckReport:
    """Checks the scope's rows of a raw table and replaces what it has in quarantine.

    Checking the same scope again leaves the same quarantine. Products are to be checked before the
    tables that name them: a product in quarantine is not known.

    Raises:
        CheckFailed: a critical expectation is broken in more rows than it tolerates. The
            quarantine is as it was.
        CheckBroken: an expectation could not be evaluated.
        NoSuchSuite: there is no suite for this table.
    """
    # Great Expectations takes three seconds to import: only those who check pay for it.
    from data_checks.runner import check_table as run

    return run(connection, table, scope)
