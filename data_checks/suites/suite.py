"""What the module of a suite declares."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from great_expectations.core import ExpectationSuite

from data_checks.expectations import ExpectQueryToFindNothing, ExpectRowsToSatisfy, OurExpectation
from data_checks.scope import Scope
from data_checks.statements import statement


@dataclass(frozen=True)
class Suite:
    """One table: the columns it must have, and what its rows must be within a scope."""

    table: str
    columns: Mapping[str, str]  # column name to type, as DuckDB writes it
    expectations: Callable[[Scope], Sequence[OurExpectation]]

    def columns_suite(self) -> ExpectationSuite:
        """That the table is declared as assumed here: judged first, as all else rests on it."""
        return ExpectationSuite(name=f"{self.table}.columns", expectations=[self._declared()])

    def rows_suite(self, scope: Scope) -> ExpectationSuite:
        """Everything about the rows of the scope."""
        return ExpectationSuite(name=self.table, expectations=list(self.expectations(scope)))

    def _declared(self) -> ExpectQueryToFindNothing:
        return ExpectQueryToFindNothing(
            name="columns_as_declared",
            expected=f"the {len(self.columns)} columns that warehouse/sql/schema declares",
            found="{n} that differ",
            advice="Open the warehouse with this version of Shopkeeper, so that it is migrated, "
            "or move it away and ingest again.",
            about="table",
            query=statement("find_misdeclared_columns", table=self.table),
            parameters={
                "columns": list(self.columns),
                "types": list(self.columns.values()),
            },
        )


def rows_exist(expected: str, advice: str) -> ExpectQueryToFindNothing:
    """The scope holds at least one row."""
    return ExpectQueryToFindNothing(
        name="rows_exist",
        expected=expected,
        found="none",
        advice=advice,
        about="table",
        query="select 0 as n_rows where not exists (from checked_rows)",
    )


def given(column: str, tolerance: float, advice: str) -> ExpectRowsToSatisfy:
    """The column is neither null nor blank."""
    return ExpectRowsToSatisfy(
        name=f"{column}_given",
        expected=f"{column} to be given",
        found=f"without {column}",
        tolerance=tolerance,
        advice=advice,
        condition=f"{column}::varchar <> ''",
    )


def price_in_range(tolerance: float, advice: str) -> ExpectRowsToSatisfy:
    """The price is unknown, or a finite number from 0 on."""
    return ExpectRowsToSatisfy(
        name="price_in_range",
        expected="price to be unknown or at least 0",
        found="with a price that is negative or no number",
        tolerance=tolerance,
        advice=advice,
        condition="price is null or (isfinite(price) and price >= 0)",
    )


def product_known(tolerance: float, advice: str) -> ExpectRowsToSatisfy:
    """The product is in the accepted catalogue of the same source (or not given at all)."""
    return ExpectRowsToSatisfy(
        name="product_known",
        expected="product_id to be in the catalogue (raw_products)",
        found="whose product the catalogue lacks",
        tolerance=tolerance,
        advice=advice,
        condition="product_id is null or product_id in (select product_id from known_products)",
    )


def not_repeated(
    name: str,
    key: Sequence[str],
    scope: Scope,
    *,
    tolerance: float,
    advice: str,
    comparable: str = "true",
    named: str | None = None,
) -> ExpectQueryToFindNothing:
    """No row has the key of an earlier one (by batch, then row number); the first is kept.

    Rows that are not ``comparable`` (a SQL condition) repeat nothing. Nulls are equal. ``named`` is
    what people call a key that is no mere list of columns.
    """
    columns = ", ".join(key)
    if scope.batches is not None:
        # Only the history that shares a key with these batches: a night costs what it brought.
        comparable += f" and hash({columns}) in (select hash({columns}) from checked_rows)"
    return ExpectQueryToFindNothing(
        name=name,
        expected=f"no repeat of an earlier row ({named or columns})",
        found="that repeat an earlier row",
        tolerance=tolerance,
        advice=advice,
        about="rows",
        query=statement("find_repeated_rows", key=columns, comparable=comparable),
        parameters={"batches": list(scope.batches) if scope.batches else None},
    )
