"""Arrow files that never change: written whole, mapped into memory by whoever reads them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc


def write_table(path: Path, table: pa.Table) -> None:
    """Writes a table as one chunk: the same rows are the same bytes, however they came."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(_nothing_under_nulls(table.combine_chunks()))


def _nothing_under_nulls(table: pa.Table) -> pa.Table:
    """The same table with zeros where a value is missing: what memory held there is no content."""
    every_row = pa.array(np.arange(len(table)))
    for index, column in enumerate(table.columns):
        if column.null_count:
            table = table.set_column(index, table.field(index), column.take(every_row))
    return table


def map_table(path: Path) -> pa.Table:
    """The table in a file, not copied.

    Raises:
        OSError: there is no such file.
        pa.ArrowInvalid: it is damaged.
    """
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
