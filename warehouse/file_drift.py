"""How far two Parquet files are from each other, column by column: nothing is kept from before."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pyarrow as pa

from warehouse.connection import Connection
from warehouse.statements import run

_BINS = "macros/value_bin"  # every connection has macros of its own
_NUMBERS = {
    *("tinyint", "smallint", "integer", "bigint", "hugeint"),
    *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
    *("float", "double", "decimal"),
}


def drift_of_files(
    connection: Connection, now: Path, then: Path, columns: Sequence[str], by: str
) -> pa.Table:
    """Compares columns of two files for each value of the column ``by``.

    Returns a row a column (``subject``) and value of ``by`` (``model_tag``) that both files have,
    with the statistics of ``warehouse/sql/drift/statistics.sql``. Numbers lie in bins of
    ``value_bin``, all else is compared by value.
    """
    run(connection, _BINS)
    count = partial(_counted, connection, columns=columns, by=by)
    with ThreadPoolExecutor(2) as threads:  # a file a thread: one has few row groups to share out
        sides = threads.map(count, (now, then))
    for name, side in zip(("file_now", "file_then"), sides, strict=True):
        connection.register(name, side)
    for step in ("file_series", "file_counts", "statistics"):
        run(connection, f"drift/{step}")
    return run(connection, "drift/file_found").to_arrow_table()


def _counted(connection: Connection, path: Path, columns: Sequence[str], by: str) -> pa.Table:
    cursor = connection.cursor()
    run(cursor, _BINS)
    file = cursor.read_parquet(str(path))
    types = dict(zip(file.columns, file.types, strict=True))
    return pa.concat_tables(
        run(
            cursor,
            f"drift/file_{'numbers' if types[column].id in _NUMBERS else 'values'}",
            column=column,
            by=by,
            path=str(path),
        ).to_arrow_table()
        for column in columns
    )
