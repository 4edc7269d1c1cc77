"""Memory that is no longer used goes back to the operating system."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pyarrow as pa
import pytest

from bentos.serving.memory import give_back

MIB = 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps what was freed")
def test_what_was_freed_in_small_pieces_is_given_back() -> None:
    process = psutil.Process()
    give_back()
    before = process.memory_info().rss
    pieces = [bytes(4_000) for _ in range(60_000)]
    kept = pieces[-1]  # the end of the heap stays in use
    assert process.memory_info().rss - before > 200 * MIB
    del pieces
    give_back()
    assert process.memory_info().rss - before < 60 * MIB
    assert kept


@pytest.mark.skipif(
    pa.default_memory_pool().backend_name == "system", reason="Arrow has no memory of its own"
)
def test_what_arrow_keeps_of_freed_tables_is_given_back() -> None:
    process = psutil.Process()
    give_back()
    before = process.memory_info().rss
    table = pa.table({"n": pa.array(range(10_000_000), pa.int64())})
    assert process.memory_info().rss - before > 70 * MIB
    del table
    give_back()
    assert process.memory_info().rss - before < 20 * MIB


_ARROW = """
import sys
import pyarrow as pa
from bentos.serving.memory import without_pandas
without_pandas()
pa.table({"a": ["b"]})["a"].to_numpy()
assert "pandas" not in sys.modules
print(pa.table({"a": ["b"]}).to_pandas()["a"].tolist())
"""


def test_arrow_loads_no_pandas_until_somebody_asks_for_it() -> None:
    command = [sys.executable, "-c", _ARROW]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "['b']\n"
