"""Arrow files that never change: written whole, mapped into memory by whoever reads them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.ipc


def write_table(path: Path, table: pa.Table) -> None:
    """Writes a table as one chunk: the same rows are the same bytes, however they came."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def map_table(path: Path) -> pa.Table:
    """The table in a file, not copied.

    Raises:
        OSError: there is no such file.
        pa.ArrowInvalid: it is damaged.
    """
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
