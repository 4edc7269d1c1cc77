"""Lines of the logs that can't be taken in: to quarantine, with their place and the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from warehouse import logs as log_reading
from warehouse.pull import Pulled, pull, unchecked

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Shop

NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)
NO_JSON, OBJECT = "the line is not valid JSON", "the line is JSON, but no object"


def _pull(shop: Shop, logs: Logs) -> Pulled:
    return pull(shop.connection, "served", logs.folder, "recommend")


def _requests(shop: Shop) -> list[str]:
    return [request for (request,) in shop.rows("served_lines", "request_id")]


def test_a_line_that_is_no_json_goes_to_quarantine_with_its_reason(shop: Shop, logs: Logs) -> None:
    first = logs.line(logs.answer("r1"))
    logs.write("a.jsonl", first, b'{"request_id": "r2", \n', logs.answer("r3"))
    assert _pull(shop, logs) == Pulled(("a.jsonl",), 3, set_aside=1)
    assert shop.rows("served_lines", "row_number, request_id") == [(0, "r1"), (2, "r3")]
    assert shop.rows("quarantine") == [
        (
            "raw_served",
            "recommend",
            "a.jsonl",
            1,
            "line_is_json",
            "the line is not valid JSON",
            '"{\\"request_id\\": \\"r2\\", "',
            len(first),
            1,
        )
    ]


@pytest.mark.parametrize("line", [b"\n", b"nonsense\n", b"\xff\xfe\x00\n", b"{}{}\n"])
def test_whatever_stands_in_a_line_the_lines_around_it_are_kept(
    shop: Shop, logs: Logs, line: bytes
) -> None:
    logs.write("a.jsonl", logs.answer("r1"), line, logs.answer("r2"))
    assert _pull(shop, logs).lines == 3
    assert _requests(shop) == ["r1", "r2"]
    assert len(shop.rows("quarantine")) == 1


def test_a_record_with_a_byte_that_is_no_utf_8_is_kept_and_noise_is_made_readable(
    shop: Shop, logs: Logs
) -> None:
    record = logs.line(logs.answer("r1", user_id="caf?"))
    logs.write("a.jsonl", record.replace(b"caf?", b"caf\xe9"), b"\xff\xc3\xa9~\n", "é\n".encode())
    assert _pull(shop, logs).set_aside == 2
    assert shop.rows("served_lines", "user_id") == [("caf\ufffd",)]
    kept = "row_number, byte_offset, json_extract_string(row_json, '$')"
    assert shop.rows("quarantine", kept) == [
        (1, len(record), "???~"),
        (2, len(record) + 5, "é"),
    ]


TIMES = "occurred_at is {} and logged_at 2024-03-15 12:00:00.005: "
EXPECTED = "expected after 1999 and before 2100, and occurred_at at most a day after logged_at"


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        (b"{", b"[", "the line is not valid JSON"),
        (
            b'"log_version":4',
            b'"log_version":2',
            "log_version is 2, and this version reads 3 and 4",
        ),
        (
            b'"log_version":4',
            b'"log_version":5',
            "log_version is 5, and this version reads 3 and 4",
        ),
        (b'"log_version":4', b'"log":4', "log_version is missing, or of another type"),
        (b'"request_id":"r1"', b'"request_id":""', "request_id is missing, or of another type"),
        (b'"request_id"', b'"id"', "request_id is missing, or of another type"),
        (b'"limit":2', b'"limit":"many"', "limit is missing, or of another type"),
        (b'"limit":2', b'"limit":null', "limit is missing, or of another type"),
        (b'"candidates":[', b'"candidates":7,"c":[', "candidates is missing, or of another type"),
        (b'"timings_ms"', b'"times"', "timings_ms is missing, or of another type"),
        (b'"pinned":false', b'"pinned":"?"', "pinned is missing, or of another type"),
        (
            b'"occurred_at":"2024-03-15T',
            b'"occurred_at":"noon',
            "occurred_at is missing, or of another type",
        ),
        (
            b'"scenario":"recommend"',
            b'"scenario":"../up"',
            "scenario is no name: expected letters, digits, _ and -, at most 64",
        ),
        (
            b'"occurred_at":"2024-03-15T',
            b'"occurred_at":"1970-01-01T',
            TIMES.format("1970-01-01 12:00:00") + EXPECTED,
        ),
        (
            b'"occurred_at":"2024-03-15T',
            b'"occurred_at":"2024-03-17T',
            TIMES.format("2024-03-17 12:00:00") + EXPECTED,
        ),
    ],
)
def test_a_malformed_record_goes_to_quarantine_and_the_lines_around_it_are_kept(
    shop: Shop, logs: Logs, was: bytes, becomes: bytes, reason: str
) -> None:
    before = logs.line(logs.answer("r0"))
    line = logs.line(logs.answer("r1")).replace(was, becomes, 1)
    logs.write("a.jsonl", before, line, logs.answer("r2"))
    assert _pull(shop, logs).set_aside == 1
    assert _requests(shop) == ["r0", "r2"]
    kept = "batch, row_number, byte_offset, reason, json_extract_string(row_json, '$')"
    assert shop.rows("quarantine", kept) == [
        ("a.jsonl", 1, len(before), reason, line.decode().rstrip())
    ]


@pytest.mark.parametrize("line", [b"42\n", b"null\n", b'["r1"]\n', b'"r1"\n'])
def test_json_that_is_no_object_goes_to_quarantine(shop: Shop, logs: Logs, line: bytes) -> None:
    logs.write("a.jsonl", line, logs.answer("r1"))
    assert _pull(shop, logs).lines == 2
    assert _requests(shop) == ["r1"]
    assert shop.rows("quarantine", "row_number, expectation, reason") == [
        (0, "line_is_record", "the line is JSON, but no object")
    ]


def test_a_clock_that_is_an_hour_ahead_is_no_reason_to_lose_a_line(shop: Shop, logs: Logs) -> None:
    logs.write("a.jsonl", logs.answer("r1", at=NOON + timedelta(hours=1), logged_at=NOON))
    assert _pull(shop, logs) == Pulled(("a.jsonl",), 1)


def test_of_line_noise_one_row_stands_for_all_after_a_thousand_and_none_waits_for_a_check(
    shop: Shop, logs: Logs
) -> None:
    logs.write("a.jsonl", b"noise\n" * 1500, b"42\n" * 10)
    logs.write("b.jsonl", b"noise\n" * 5)
    assert _pull(shop, logs) == Pulled(("a.jsonl", "b.jsonl"), 1515, set_aside=1515)
    assert shop.rows("(select expectation, sum(n_rows) from quarantine group by all)") == [
        ("line_is_json", 1505),
        ("line_is_record", 10),
    ]
    assert shop.rows("quarantine where n_rows > 1", "batch, row_number, byte_offset, reason") == [
        (
            "a.jsonl",
            1000,
            6000,
            "500 lines up to line 1499 are malformed; of the first: " + NO_JSON,
        ),
        ("a.jsonl", 1500, 9000, "10 lines up to line 1509 are malformed; of the first: " + OBJECT),
        ("b.jsonl", 0, 0, "5 lines up to line 4 are malformed; of the first: " + NO_JSON),
    ]
    assert unchecked(shop.connection, "served", "recommend") == ()
    logs.write("b.jsonl", logs.answer("r1"))
    _pull(shop, logs)
    assert unchecked(shop.connection, "served", "recommend") == ("b.jsonl",)


@pytest.mark.parametrize("length", [3000, 5000, 9000])
def test_a_line_longer_than_any_may_be_goes_to_quarantine_once_it_is_whole(
    shop: Shop, logs: Logs, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(log_reading, "_CHUNK_BYTES", 2500)
    first = logs.line(logs.answer("r1"))
    logs.write("a.jsonl", first, b"x" * length)
    assert _pull(shop, logs).lines == 1
    logs.write("a.jsonl", b"\n", logs.answer("r2"))
    assert _pull(shop, logs).lines == 2
    assert _requests(shop) == ["r1", "r2"]
    ((offset, text),) = shop.rows("quarantine", "byte_offset, row_json")
    assert offset == len(first)
    assert f"a line of {length + 1} bytes" in text
