"""Keeps the rows that failed: whole, with the reason, out of staging."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from data_checks.expectations import OurExpectation
from data_checks.scope import Scope
from data_checks.statements import statement

# Lines of a log that never became a row: whoever read the log put them there, and they stay.
_NOT_OURS = ("line_is_json", "line_is_record")


def replace_quarantine(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    scope: Scope,
    broken: Sequence[OurExpectation],
) -> int:
    """Puts the rows that fail ``broken`` in the place of what the scope had in quarantine.

    All in one transaction: checking again leaves the same rows, an interruption the earlier ones.
    Returns how many rows of the table the scope has in quarantine.
    """
    of_scope = {
        "table": table,
        "source": scope.source,
        "batches": list(scope.batches) if scope.batches else None,
        "not_ours": list(_NOT_OURS),
    }
    with _transaction(connection):
        connection.execute(statement("release_rows"), of_scope)
        for expectation in broken:
            if expectation.rejected_rows is None:
                continue
            connection.execute(
                statement("quarantine_rows", rejected_rows=expectation.rejected_rows),
                {
                    "table": table,
                    "expectation": expectation.name,
                    "reason": f"expected {expectation.expected}",
                },
            )
    (count,) = connection.execute(statement("count_quarantined"), of_scope).fetchone() or (0,)
    return int(count)


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
