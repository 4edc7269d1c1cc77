"""Segments: one grows, the others rest; what can't be written whole is taken back."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import pytest

from bentos.serving.errors import LogUnwritable
from bentos.serving.jsonl import JsonLinesReader, JsonLinesWriter
from bentos.serving.segments import Keeping

if TYPE_CHECKING:
    from collections.abc import Callable


def _segments(folder: Path) -> list[list[int]]:
    """The numbers in each segment, in order of name."""
    return [
        [orjson.loads(line)["n"] for line in path.read_bytes().splitlines()]
        for path in sorted(folder.glob("*.jsonl"))
    ]


def _is_closed(path: Path) -> bool:
    return not path.stat().st_mode & 0o222


def _append(writer: JsonLinesWriter, *numbers: int) -> None:
    for n in numbers:
        writer.append([{"n": n}])


def test_a_segment_that_is_big_enough_is_closed_and_another_one_follows(tmp_path: Path) -> None:
    writer, reader = JsonLinesWriter(tmp_path, Keeping(segment_bytes=16)), JsonLinesReader(tmp_path)
    seen = []
    for n in range(1, 6):
        _append(writer, n)  # 8 bytes
        seen += [line["n"] for line in reader.new_lines()]
    assert _segments(tmp_path) == [[1, 2], [3, 4], [5]]
    assert [_is_closed(path) for path in sorted(tmp_path.iterdir())] == [True, True, False]
    assert seen == [1, 2, 3, 4, 5]
    assert [line["n"] for line in JsonLinesReader(tmp_path).new_lines()] == seen


def test_an_old_segment_is_closed_though_no_line_follows(
    tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    writer = JsonLinesWriter(tmp_path, Keeping(segment_seconds=0.05))
    _append(writer, 1)
    (first,) = tmp_path.iterdir()
    eventually(lambda: _is_closed(first))
    _append(writer, 2)
    assert _segments(tmp_path) == [[1], [2]]


def test_a_line_for_an_old_segment_goes_into_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    writer = JsonLinesWriter(tmp_path, Keeping(segment_seconds=100))
    _append(writer, 1)
    monkeypatch.setattr("bentos.serving.segments.time.monotonic", lambda: now + 101)
    _append(writer, 2)
    assert _segments(tmp_path) == [[1], [2]]


def test_a_writer_that_is_closed_leaves_no_segment_open(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path)
    _append(writer, 1)
    writer.close()
    assert [_is_closed(path) for path in tmp_path.iterdir()] == [True]


@pytest.mark.parametrize(("sync", "synced"), [("os", 0), ("disk", 3)])
def test_only_a_log_on_the_disk_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: Any, synced: int
) -> None:
    calls: list[str] = []
    for name in ("fdatasync", "fsync"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda fd, n=name, f=real: (calls.append(n), f(fd)))
    _append(JsonLinesWriter(tmp_path / "a" / "b", Keeping(sync)), 1, 2, 3)
    assert calls.count("fdatasync") == synced
    assert calls.count("fsync") == synced  # the names of a, b and of the segment, once each


def test_what_the_disk_would_not_confirm_is_refused_and_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JsonLinesWriter(tmp_path, Keeping("disk"))
    _append(writer, 1)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", _fails)
        for _ in range(3):
            with pytest.raises(LogUnwritable, match="Input/output error"):
                _append(writer, 2)
    _append(writer, 3)
    assert _segments(tmp_path) == [[1], [3]]


def test_a_reader_that_saw_what_was_taken_back_misses_no_line_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines after it are as long: in the same place they would be taken for read."""
    writer, reader = JsonLinesWriter(tmp_path, Keeping("disk")), JsonLinesReader(tmp_path)
    _append(writer, 1)
    seen: list[Any] = []

    def fails_late(descriptor: int) -> NoReturn:
        seen.extend(reader.new_lines())
        _fails(descriptor)

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fails_late)
        with pytest.raises(LogUnwritable):
            _append(writer, 2)
    _append(writer, 3, 4)
    assert seen + reader.new_lines() == [{"n": n} for n in (1, 2, 3, 4)]
    assert _segments(tmp_path) == [[1], [3, 4]]


def test_a_torn_line_that_can_not_be_taken_back_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JsonLinesWriter(tmp_path)
    _append(writer, 1)

    def tears(descriptor: int, data: bytes) -> NoReturn:
        os.write(descriptor, data[:3])
        _fails()

    with monkeypatch.context() as broken:
        broken.setattr("bentos.serving.segments._put", tears)
        broken.setattr(os, "ftruncate", _fails)
        with pytest.raises(LogUnwritable):
            _append(writer, 2)
    _append(writer, 3)
    assert [line["n"] for line in JsonLinesReader(tmp_path).new_lines()] == [1, 3]


def _fails(*_: Any) -> NoReturn:
    raise OSError(errno.EIO, os.strerror(errno.EIO))
