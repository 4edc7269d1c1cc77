"""Logs that grow are followed: each line is read once, when it is whole."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from bentos.serving.jsonl import JsonLinesReader, JsonLinesWriter


def _numbers(reader: JsonLinesReader) -> list[int]:
    return [line["n"] for line in reader.new_lines()]


@pytest.mark.parametrize("torn_at", [1, 5, -1], ids=["at once", "in the middle", "at its newline"])
def test_a_torn_last_line_is_left_until_it_is_whole(tmp_path: Path, torn_at: int) -> None:
    line = b'{"n":2}\n'
    path, reader = tmp_path / "a.jsonl", JsonLinesReader(tmp_path)
    path.write_bytes(b'{"n":1}\n' + line[:torn_at])
    assert _numbers(reader) == [1]
    assert _numbers(reader) == []
    with path.open("ab") as file:
        file.write(line[torn_at:])
    assert _numbers(reader) == [2]


def test_a_file_that_appears_later_is_read_from_its_start(tmp_path: Path) -> None:
    reader = JsonLinesReader(tmp_path / "logs")
    assert reader.new_lines() == []
    JsonLinesWriter(tmp_path / "logs").append([{"n": 1}])
    assert _numbers(reader) == [1]


def test_files_that_come_within_one_tick_of_the_clock_are_all_read(tmp_path: Path) -> None:
    """The folder's time can't tell them apart."""
    tick = time.time() + 10
    reader, seen = JsonLinesReader(tmp_path), []
    for n in range(3):
        (tmp_path / f"{n}.jsonl").write_bytes(b'{"n":%d}\n' % n)
        os.utime(tmp_path, (tick, tick))
        seen += _numbers(reader)
    assert seen == [0, 1, 2]


def test_a_folder_that_has_been_quiet_is_read_on(tmp_path: Path) -> None:
    reader = JsonLinesReader(tmp_path)
    writer = JsonLinesWriter(tmp_path)
    writer.append([{"n": 1}])
    an_hour_ago = time.time() - 3600
    os.utime(tmp_path, (an_hour_ago, an_hour_ago))
    assert _numbers(reader) == [1]
    writer.append([{"n": 2}])  # in a file that is there: the folder's time does not move
    assert _numbers(reader) == [2]
    JsonLinesWriter(tmp_path).append([{"n": 3}])
    assert _numbers(reader) == [3]


def test_a_closed_file_is_read_once_and_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, mode in enumerate([0o444, 0o644]):
        (tmp_path / f"{n}.jsonl").write_bytes(b'{"n":%d}\n' % n)
        (tmp_path / f"{n}.jsonl").chmod(mode)
    reader = JsonLinesReader(tmp_path)
    assert _numbers(reader) == [0, 1]
    looked_at: list[str] = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **_: (looked_at.append(str(path)), real(path))[1])
    assert _numbers(reader) == []
    assert [path for path in looked_at if path.endswith(".jsonl")] == [str(tmp_path / "1.jsonl")]


def test_a_file_that_is_gone_is_no_error(tmp_path: Path) -> None:
    path, reader = tmp_path / "a.jsonl", JsonLinesReader(tmp_path)
    path.write_bytes(b'{"n":1}\n')
    assert _numbers(reader) == [1]
    path.unlink()
    (tmp_path / "b.jsonl").write_bytes(b'{"n":2}\n')
    assert _numbers(reader) == [2]


def test_other_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text('{"n":1}\n')
    (tmp_path / ".lock").write_text("")
    assert JsonLinesReader(tmp_path).new_lines() == []


@pytest.mark.parametrize("damage", [b"\x00\x00\x00\n", b"{torn\n", b"\n"], ids=repr)
def test_a_damaged_line_is_left_out_and_costs_no_other(tmp_path: Path, damage: bytes) -> None:
    lines: list[Any] = [{"n": n} for n in range(4)]
    good = [orjson.dumps(line) + b"\n" for line in lines]
    (tmp_path / "a.jsonl").write_bytes(good[0] + good[1])
    (tmp_path / "b.jsonl").write_bytes(good[2] + damage + good[3])
    assert JsonLinesReader(tmp_path).new_lines() == lines
