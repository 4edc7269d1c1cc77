"""Arrow files: the same rows are the same bytes."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from bentos.serving.arrow import map_table, write_table

_THERE = [True, False, True]


def _numbers(under_null: float) -> pa.Array:
    values = np.array([1.0, under_null, 3.0])
    return pa.Array.from_buffers(
        pa.float64(), 3, [pa.array(_THERE).buffers()[1], pa.py_buffer(values)]
    )


def _words(under_null: bytes) -> pa.Array:
    ends = np.cumsum([0, 1, len(under_null), 1], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(),
        3,
        [
            pa.array(_THERE).buffers()[1],
            pa.py_buffer(ends),
            pa.py_buffer(b"a" + under_null + b"c"),
        ],
    )


def test_what_memory_held_under_a_missing_value_is_not_written(tmp_path: Path) -> None:
    clean = pa.table({"price": [1.0, None, 3.0], "brand": ["a", None, "c"]})
    dirty = pa.table({"price": _numbers(7.0), "brand": _words(b"left over")})
    assert dirty == clean
    write_table(tmp_path / "clean", clean)
    write_table(tmp_path / "dirty", dirty)
    assert (tmp_path / "clean").read_bytes() == (tmp_path / "dirty").read_bytes()
    assert map_table(tmp_path / "dirty") == clean


def test_the_same_rows_in_more_chunks_are_the_same_bytes(tmp_path: Path) -> None:
    whole = pa.table({"price": _numbers(7.0), "place": [1, 2, 3]})
    write_table(tmp_path / "whole", whole)
    write_table(tmp_path / "chunks", pa.concat_tables([whole.slice(0, 2), whole.slice(2)]))
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "chunks").read_bytes()
