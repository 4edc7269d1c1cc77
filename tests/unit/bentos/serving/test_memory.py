"""Memory that is no longer used goes back to the operating system."""

from __future__ import annotations

import sys

import psutil
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
