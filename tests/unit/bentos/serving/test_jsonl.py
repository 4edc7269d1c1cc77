"""Append-only logs: a line is written whole or not at all, and read once it is whole."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bentos.serving.errors import LogUnwritable
from bentos.serving.jsonl import JsonLinesReader, JsonLinesWriter

# A process may write files of 100 bytes at most, until it may write more.
_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from bentos.serving.errors import LogUnwritable
from bentos.serving.jsonl import JsonLinesWriter

writer = JsonLinesWriter(Path(sys.argv[1]))
writer.append([{"n": 1}])
first = writer.path
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
try:
    writer.append([{"n": 2}, {"n": 3, "text": "x" * 200}])
except LogUnwritable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(first.read_bytes())
writer.append([{"n": 4}])
"""


def _numbers(reader: JsonLinesReader) -> list[int]:
    return [line["n"] for line in reader.new_lines()]


def test_lines_come_back_in_order_and_only_once(tmp_path: Path) -> None:
    writer, reader = JsonLinesWriter(tmp_path), JsonLinesReader(tmp_path)
    writer.append([{"n": 1}, {"n": 2}])
    assert _numbers(reader) == [1, 2]
    assert _numbers(reader) == []
    writer.append([{"n": 3}])
    assert _numbers(reader) == [3]


def test_a_line_is_on_its_way_to_the_disk_before_the_file_is_closed(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path)
    writer.append([{"n": 1}])
    assert writer.path.read_bytes() == b'{"n":1}\n'


def test_a_time_stays_the_same_instant_whatever_its_zone(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path)
    noon = datetime(2024, 3, 15, 12, tzinfo=UTC)
    writer.append([{"at": noon}, {"at": noon.astimezone(timezone(timedelta(hours=2)))}])
    utc, other = JsonLinesReader(tmp_path).new_lines()
    assert utc["at"] == "2024-03-15T12:00:00Z"
    assert datetime.fromisoformat(other["at"]) == noon


def test_a_text_with_line_breaks_stays_one_line(tmp_path: Path) -> None:
    text = "one\ntwo\r\nthree\u2028four\x85"
    JsonLinesWriter(tmp_path).append([{"text": text}])
    assert JsonLinesReader(tmp_path).new_lines() == [{"text": text}]


def test_before_its_first_line_a_writer_makes_no_file(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path / "logs")
    writer.close()
    assert not (tmp_path / "logs").exists()


def test_each_writer_has_a_file_of_its_own(tmp_path: Path) -> None:
    one, other = JsonLinesWriter(tmp_path), JsonLinesWriter(tmp_path)
    assert one.path != other.path
    one.append([{"n": 1}])
    other.append([{"n": 2}])
    assert sorted(_numbers(JsonLinesReader(tmp_path))) == [1, 2]


def test_a_writer_can_be_closed_twice_and_writes_on_afterwards(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path)
    writer.append([{"n": 1}])
    writer.close()
    writer.close()
    writer.append([{"n": 2}])
    assert _numbers(JsonLinesReader(tmp_path)) == [1, 2]


def test_threads_that_write_at_once_tear_no_line(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path)

    def write(n: int) -> None:
        writer.append([{"n": n, "text": "x" * n}, {"n": -n}])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(1, 201)))
    numbers = _numbers(JsonLinesReader(tmp_path))
    assert sorted(numbers[::2]) == list(range(1, 201))
    assert numbers[1::2] == [-n for n in numbers[::2]]  # what was appended together is together


def test_a_full_disk_takes_back_what_it_could_not_take_whole(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _ON_A_FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert "can't be written: File too large. Nothing was logged" in said[0]
    assert said[1] == repr(b'{"n":1}\n')
    assert _numbers(JsonLinesReader(tmp_path)) == [1, 4]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file is in the way")
    with pytest.raises(LogUnwritable, match="mend the folder's permissions"):
        JsonLinesWriter(tmp_path / "logs").append([{"n": 1}])


def test_what_is_no_json_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    writer = JsonLinesWriter(tmp_path)
    with pytest.raises(TypeError):
        writer.append([{"n": 1}, {"n": object()}])
    assert not writer.path.exists()


class SlowDisk:
    """One that writes nothing until it is let go, and counts what it is told to write."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.busy, self.go = threading.Event(), threading.Event()

    def put(self, descriptor: int, data: bytes) -> None:
        self.taken.append(data)
        self.busy.set()
        assert self.go.wait(30)
        os.write(descriptor, data)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk()
    monkeypatch.setattr("bentos.serving.segments._put", disk.put)
    yield disk
    disk.go.set()


def test_all_lines_that_wait_are_written_together(tmp_path: Path, disk: SlowDisk) -> None:
    writer = JsonLinesWriter(tmp_path)
    first = writer.submit([{"n": 1}])
    assert disk.busy.wait(30)
    others = [writer.submit([{"n": n}]) for n in range(2, 100)]
    assert not any(future.done() for future in (first, *others))
    disk.go.set()
    for future in (first, *others):
        assert future.result(30) is None
    assert [len(data.splitlines()) for data in disk.taken] == [1, 98]
    assert _numbers(JsonLinesReader(tmp_path)) == list(range(1, 100))


def test_while_the_disk_is_slow_threads_wait_and_what_can_not_wait_is_refused(
    tmp_path: Path, disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bentos.serving.jsonl.MOST_WAITING", 3)
    writer = JsonLinesWriter(tmp_path)
    accepted = [writer.submit([{"n": 1}])]
    assert disk.busy.wait(30)
    accepted += [writer.submit([{"n": 2}, {"n": 3}]), writer.submit([{"n": 4}])]
    refused = writer.submit([{"n": 5}])
    with pytest.raises(LogUnwritable, match="at most 3 may: its disk is too slow"):
        refused.result(0)
    with pytest.raises(LogUnwritable, match="too slow"):
        asyncio.run(writer.append_soon([{"n": 6}]))
    with ThreadPoolExecutor(1) as threads:
        patient = threads.submit(writer.append, [{"n": n} for n in range(7, 17)])
        time.sleep(0.05)
        assert not patient.done()
        disk.go.set()
        assert patient.result(30) is None
    assert [future.result(30) for future in accepted] == [None] * 3
    assert _numbers(JsonLinesReader(tmp_path)) == [1, 2, 3, 4, *range(7, 17)]


def test_what_was_given_up_before_its_turn_is_not_written(tmp_path: Path, disk: SlowDisk) -> None:
    writer = JsonLinesWriter(tmp_path)
    first = writer.submit([{"n": 1}])
    assert disk.busy.wait(30)
    given_up, last = writer.submit([{"n": 2}]), writer.submit([{"n": 3}])
    assert given_up.cancel()
    disk.go.set()
    first.result(30)
    last.result(30)
    assert _numbers(JsonLinesReader(tmp_path)) == [1, 3]


def test_a_slow_disk_does_not_hold_up_an_event_loop(tmp_path: Path, disk: SlowDisk) -> None:
    writer = JsonLinesWriter(tmp_path)

    async def serve() -> None:
        answers = [asyncio.create_task(writer.append_soon([{"n": n}])) for n in range(50)]
        while not disk.busy.is_set():
            await asyncio.sleep(0)
        answers[7].cancel()
        await asyncio.sleep(0.01)  # the loop goes on
        assert [answer.done() for answer in answers] == [n == 7 for n in range(50)]
        disk.go.set()
        done = await asyncio.gather(*answers, return_exceptions=True)
        assert [n for n, result in enumerate(done) if result is not None] == [7]

    asyncio.run(serve())
    assert set(range(50)) - set(_numbers(JsonLinesReader(tmp_path))) <= {7}


def test_of_a_coroutine_that_gives_up_before_its_turn_what_it_says_then_is_written(
    tmp_path: Path, disk: SlowDisk
) -> None:
    writer = JsonLinesWriter(tmp_path)

    async def serve() -> None:
        begun = asyncio.create_task(writer.append_soon([{"n": 1}], lambda: [{"n": -1}]))
        while not disk.busy.is_set():
            await asyncio.sleep(0)
        told, silent = (
            asyncio.create_task(writer.append_soon([{"n": n}], given_up))
            for n, given_up in ((2, lambda: [{"n": -2}]), (3, tuple))
        )
        await asyncio.sleep(0)  # they wait for the disk
        for task in (begun, told, silent):
            task.cancel()
        done = await asyncio.gather(begun, told, silent, return_exceptions=True)
        assert [type(outcome) for outcome in done] == [asyncio.CancelledError] * 3
        disk.go.set()
        await writer.append_soon([{"n": 4}])

    asyncio.run(serve())
    assert _numbers(JsonLinesReader(tmp_path)) == [1, -2, 4]


def test_a_coroutine_is_told_what_a_thread_would_be(tmp_path: Path) -> None:
    async def append(writer: JsonLinesWriter, line: Any) -> None:
        await writer.append_soon([line])

    with pytest.raises(TypeError):
        asyncio.run(append(JsonLinesWriter(tmp_path), object()))
    (tmp_path / "logs").write_text("a file is in the way")
    with pytest.raises(LogUnwritable, match="mend the folder's permissions"):
        asyncio.run(append(JsonLinesWriter(tmp_path / "logs"), {"n": 1}))


def test_who_waits_while_a_writer_closes_is_served_first(tmp_path: Path, disk: SlowDisk) -> None:
    writer = JsonLinesWriter(tmp_path)
    waiting = [writer.submit([{"n": n}]) for n in range(5)]
    with ThreadPoolExecutor(1) as threads:
        closed = threads.submit(writer.close)
        disk.go.set()
        closed.result(30)
    assert all(future.done() for future in waiting)
    assert _numbers(JsonLinesReader(tmp_path)) == [0, 1, 2, 3, 4]
