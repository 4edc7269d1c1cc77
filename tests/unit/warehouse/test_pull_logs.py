"""Pulling logs: every complete line once, whatever happens in between."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from bentos.serving.feedback import FeedbackEvent, FeedbackLog
from bentos.serving.jsonl import JsonLinesWriter
from bentos.serving.segments import Keeping
from warehouse import logs as log_reading
from warehouse.pull import Pulled, mark_checked, pull, unchecked
from warehouse.raw import all_raw

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.conftest import Logs, Shop


def _pull(shop: Shop, logs: Logs) -> Pulled:
    return pull(shop.connection, "served", logs.folder, "recommend")


def _requests(shop: Shop) -> list[str]:
    return [request for (request,) in shop.rows("served_lines", "request_id")]


def test_a_line_of_the_prediction_log_comes_back_as_it_was_logged(shop: Shop, logs: Logs) -> None:
    record = logs.answer("r1")
    writer = JsonLinesWriter(logs.folder)
    writer.append([record, logs.answer("r2", error="timeout", candidates=[], recent=[])])
    segment = writer.path.name
    writer.close()

    pulled = _pull(shop, logs)

    assert pulled == Pulled((segment,), 2)
    with all_raw(shop.connection):
        cursor = shop.connection.execute("from served_lines order by row_number")
        columns = [name for name, *_ in cursor.description or ()]
        first, second = (dict(zip(columns, row, strict=True)) for row in cursor.fetchall())
    origin = {"source": "recommend", "batch": segment}
    assert first == origin | {"row_number": 0} | _naive(asdict(record))
    assert (second["row_number"], second["error"], second["candidates"]) == (1, "timeout", [])


def _naive(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dict):
        return {name: _naive(inner) for name, inner in value.items()}
    return [_naive(inner) for inner in value] if isinstance(value, list) else value


def test_feedback_becomes_raw_events(shop: Shop, tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    event = FeedbackEvent.model_validate(
        {
            "event_id": "e1",
            "event_type": "purchase",
            "product_id": 7,
            "user_id": "u1",
            "occurred_at": "2024-03-15T14:00:00+02:00",
            "request_id": "r1",
            "price": 2.5,
        }
    )
    log.append([event, event])
    log.close()

    assert pull(shop.connection, "feedback", tmp_path, "feedback").lines == 1

    columns = (
        "source, row_number, event_id, event_type, occurred_at, user_id, session_id, product_id, "
        "quantity, price, store_id, request_id, logged_at is not null"
    )
    at = datetime.fromisoformat("2024-03-15T12:00:00")
    assert shop.rows("raw_events", columns) == [
        ("feedback", 0, "e1", "purchase", at, "u1", None, "7", 1.0, 2.5, None, "r1", True)
    ]


def test_open_and_closed_segments_are_pulled_and_one_that_vanishes_is_no_error(
    shop: Shop, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = JsonLinesWriter(
        logs.folder, Keeping(segment_bytes=2 * len(logs.line(logs.answer("r"))))
    )
    for n in range(5):
        writer.append([logs.answer(f"r{n}")])
    logs.write("a.jsonl", logs.answer("gone"))
    find = LocalFileSystem.find

    def vanishing(files: LocalFileSystem, *asked: Any, **how: Any) -> Any:
        found = find(files, *asked, **how)
        (logs.folder / "a.jsonl").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(LocalFileSystem, "find", vanishing)
    pulled = _pull(shop, logs)
    assert (len(pulled.batches), pulled.lines) == (3, 5)
    writer.append([logs.answer("r5")])
    assert _pull(shop, logs).lines == 1
    assert _requests(shop) == [f"r{n}" for n in range(6)]


def test_a_second_pull_adds_nothing(shop: Shop, logs: Logs) -> None:
    logs.write("a.jsonl", logs.answer("r1"), logs.answer("r2"))
    assert _pull(shop, logs).lines == 2
    before = shop.rows("served_lines")
    assert _pull(shop, logs) == Pulled((), 0)
    assert shop.rows("served_lines") == before


def test_only_what_was_added_since_is_pulled_and_lines_are_numbered_on(
    shop: Shop, logs: Logs
) -> None:
    logs.write("a.jsonl", logs.answer("r1"))
    logs.write("b.jsonl", logs.answer("r2"))
    _pull(shop, logs)
    logs.write("b.jsonl", logs.answer("r3"), logs.answer("r4"))
    assert _pull(shop, logs) == Pulled(("b.jsonl",), 2)
    assert shop.rows("served_lines", "batch, row_number, request_id") == [
        ("a.jsonl", 0, "r1"),
        ("b.jsonl", 0, "r2"),
        ("b.jsonl", 1, "r3"),
        ("b.jsonl", 2, "r4"),
    ]


def test_a_file_of_another_process_is_picked_up(shop: Shop, logs: Logs) -> None:
    logs.write("b.jsonl", logs.answer("r1"))
    _pull(shop, logs)
    logs.write("a.jsonl", logs.answer("r2"))
    logs.write("notes.txt", b"not a log\n")
    assert _pull(shop, logs) == Pulled(("a.jsonl",), 1)


def test_before_anything_was_logged_there_is_nothing_to_pull(shop: Shop, tmp_path: Path) -> None:
    assert pull(shop.connection, "served", tmp_path / "nowhere", "recommend") == Pulled((), 0)


@pytest.mark.parametrize("torn_at", [1, 50, -1], ids=["at once", "in the middle", "at its newline"])
def test_a_torn_last_line_waits_until_it_is_whole(shop: Shop, logs: Logs, torn_at: int) -> None:
    line = logs.line(logs.answer("r2"))
    logs.write("a.jsonl", logs.answer("r1"), line[:torn_at])
    assert _pull(shop, logs).lines == 1
    assert _pull(shop, logs).lines == 0
    assert shop.rows("quarantine") == []
    logs.write("a.jsonl", line[torn_at:])
    assert _pull(shop, logs).lines == 1
    assert _requests(shop) == ["r1", "r2"]


@pytest.mark.parametrize("chunk_bytes", [1200, 1500, 2500, 5000])
def test_a_file_read_in_small_chunks_gives_the_same_rows(
    shop: Shop, logs: Logs, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    monkeypatch.setattr(log_reading, "_CHUNK_BYTES", chunk_bytes)
    path = logs.write("a.jsonl", *(logs.answer(f"r{n}") for n in range(4)), b"broken\n", b'{"torn')
    assert _pull(shop, logs).lines == 5
    assert _requests(shop) == ["r0", "r1", "r2", "r3"]
    assert shop.rows("quarantine", "row_number") == [(4,)]
    read = len(path.read_bytes()) - len(b'{"torn')
    assert shop.rows("pulled_files") == [("served", "recommend", "a.jsonl", read, 5, 0)]


def test_what_was_pulled_waits_for_its_check_until_it_has_passed(shop: Shop, logs: Logs) -> None:
    def waiting() -> tuple[str, ...]:
        return unchecked(shop.connection, "served", "recommend")

    logs.write("a.jsonl", logs.answer("r1"))
    logs.write("b.jsonl", logs.answer("r2"))
    assert waiting() == ()
    _pull(shop, logs)
    _pull(shop, logs)  # a night that was killed in between pulls nothing, and still checks them
    assert waiting() == ("a.jsonl", "b.jsonl")
    mark_checked(shop.connection, "served", "recommend")
    assert waiting() == ()
    logs.write("b.jsonl", logs.answer("r3"))
    _pull(shop, logs)
    assert waiting() == ("b.jsonl",)


def test_files_of_two_scenarios_may_have_the_same_name(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    logs.write("a.jsonl", logs.answer("r1"))
    _pull(shop, logs)
    folder = tmp_path / "search"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(logs.line(logs.answer("s1")) + logs.line(logs.answer("s2")))
    assert pull(shop.connection, "served", folder, "search").lines == 2
    assert shop.rows("served_lines", "source, request_id") == [
        ("recommend", "r1"),
        ("search", "s1"),
        ("search", "s2"),
    ]
    assert unchecked(shop.connection, "served", "search") == ("a.jsonl",)
