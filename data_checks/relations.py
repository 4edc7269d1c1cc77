"""The names that a suite's SQL may use besides the raw tables, for as long as its check runs.

``checked_rows``    the rows of the scope
``source_rows``     every row of its source: what came before
``known_products``  products of the accepted catalogue
``open_days``       days whose rows are due; none without a calendar
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from data_checks.scope import Scope
from data_checks.statements import quoted, statement


@contextmanager
def relations(connection: duckdb.DuckDBPyConnection, table: str, scope: Scope) -> Iterator[None]:
    """Declares them on this connection, and takes them away again."""
    views = _views(table, scope)
    try:
        for name, query in views.items():
            connection.execute(f"create or replace temp view {name} as {query}")
        connection.execute(
            "create or replace temp table open_days as select unnest($days::date[]) as day",
            {"days": list(scope.open_days)},
        )
        yield
    finally:
        for name in views:
            connection.execute(f"drop view if exists temp.{name}")
        connection.execute("drop table if exists temp.open_days")


def _views(table: str, scope: Scope) -> dict[str, str]:
    source = quoted(scope.source)
    checked = "from source_rows"
    if scope.batches is not None:
        checked += f" where batch in ({', '.join(quoted(batch) for batch in scope.batches)})"
    return {
        "source_rows": f"from {scope.relation or table} where source = {source}",
        "checked_rows": checked,
        "known_products": statement(
            "known_products", source=quoted(scope.catalogue or scope.source)
        ),
    }
