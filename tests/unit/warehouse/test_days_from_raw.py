"""Days staged from the raw rows: each request once, whatever came twice or late."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from data_checks import Scope, check_table
from warehouse.answers import know_day
from warehouse.connection import keep_raw_in
from warehouse.nights import mark_measured, measure_day
from warehouse.pull import mark_checked, pull, unchecked
from warehouse.raw import SERVED_LINES, all_raw, raw_to_check
from warehouse.served import days_to_measure, stage_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.warehouse.conftest import Logs, Rows, Shop

DAY = date(2024, 3, 15)
NEXT = DAY + timedelta(days=1)
TABLES = ("served_requests", "served_candidates", "outcomes", "metric_values", "quarantine")


def _at(hour: int, day: int = 15) -> datetime:
    return datetime(2024, 3, day, hour, tzinfo=UTC)


def _pull(shop: Shop, logs: Logs, source: str = "recommend") -> int:
    return pull(shop.connection, "served", logs.folder, source).lines


def _files(shop: Shop) -> list[str]:
    return [path for (path,) in shop.rows("raw_files", "path")]


def _stage(shop: Shop, *days: date) -> dict[str, Rows]:
    for day in days:
        stage_day(shop.connection, "recommend", day)
        know_day(shop.connection, "recommend", day)
        measure_day(shop.connection, "recommend", day, day)
    return {table: shop.rows(table) for table in TABLES}


def test_a_day_is_staged_again_from_its_files_when_the_logs_are_gone(
    shop: Shop, logs: Logs
) -> None:
    logs.write("a.jsonl", *(logs.answer(f"r{n}", at=_at(n)) for n in range(9)))
    _pull(shop, logs)
    before = _stage(shop, DAY)
    assert len(before["served_requests"]) == 9
    shutil.rmtree(logs.folder)
    for table in ("served_requests", "served_candidates"):
        shop.connection.execute(f"delete from {table}")
    assert _stage(shop, DAY) == before


def test_staging_a_day_reads_no_files_of_other_weeks(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    logs.write("a.jsonl", logs.answer("old", at=_at(9, day=1)), logs.answer("r1", at=_at(9)))
    _pull(shop, logs)
    (old,) = (path for path in _files(shop) if "day=2024-03-01" in path)
    (tmp_path / "raw" / "served" / old).write_bytes(b"nobody reads this")
    assert [row[0] for row in _stage(shop, DAY)["served_requests"]] == ["r1"]


def test_rows_that_were_pulled_before_there_were_files_are_staged_with_those_of_files(
    shop: Shop, logs: Logs
) -> None:
    logs.write("a.jsonl", logs.answer("r1", at=_at(9)))
    _pull(shop, logs)
    with all_raw(shop.connection):
        shop.connection.execute("create table before as from served_lines")
    shop.connection.execute("insert into raw_served by name from before")
    shop.connection.execute("update raw_served set request_id = 'older', batch = 'older.jsonl'")
    assert [row[0] for row in _stage(shop, DAY)["served_requests"]] == ["older", "r1"]


@pytest.mark.parametrize(
    "again",
    [
        lambda logs, line: logs.write("a.jsonl", line),
        lambda logs, line: logs.write("z.jsonl", line),
        lambda logs, line: logs.write("0.jsonl", line),
        lambda logs, line: shutil.copy(logs.folder / "a.jsonl", logs.folder / "copy.jsonl"),
        lambda logs, line: logs.write("z.jsonl", line.replace(b"-15T", b"-16T")),
        lambda logs, line: logs.write("0.jsonl", line.replace(b"-15T", b"-16T")),
    ],
    ids=["same file", "later file", "earlier file", "whole file", "next day", "next day, earlier"],
)
def test_a_request_that_was_logged_twice_counts_once(
    shop: Shop, logs: Logs, again: Callable[[Logs, bytes], Any]
) -> None:
    logs.write("a.jsonl", *(logs.answer(f"r{n}", at=_at(n)) for n in range(5)))
    _pull(shop, logs)
    before = _stage(shop, DAY, NEXT)
    assert len(before["served_requests"]) == 5
    again(logs, logs.line(logs.answer("r3", at=_at(3))))
    assert _pull(shop, logs) > 0
    assert _stage(shop, NEXT, DAY) == before


def test_ten_services_at_once_one_of_which_was_restarted_and_two_versions_of_the_log(
    shop: Shop, logs: Logs
) -> None:
    rng = random.Random(7)
    expected = []
    for n in range(400):
        service, version = n % 10, 3 if n % 10 < 4 else 4
        line = orjson.loads(logs.line(logs.answer(f"r{n}", at=_at(n % 24))))
        line["log_version"] = version
        if version == 3:
            for added in ("pinned", "shadow_of", "interleaved_with"):
                del line[added]
        data = orjson.dumps(line) + b"\n"
        restarted = service == 5 and n > 200
        logs.write(f"{'later' if restarted else 'first'}-{service}.jsonl", data)
        expected.append(f"r{n}")
        if rng.random() < 0.1:
            logs.write(f"first-{(service + 1) % 10}.jsonl", data)
        if n % 50 == 0:
            _pull(shop, logs)
    _pull(shop, logs)
    staged = _stage(shop, DAY)
    assert [row[0] for row in staged["served_requests"]] == sorted(expected)
    assert len(staged["served_candidates"]) == 3 * 400


def test_a_late_day_waits_until_it_and_the_day_beside_it_are_measured(
    shop: Shop, logs: Logs
) -> None:
    for day in (15, 16, 20):
        logs.write("a.jsonl", logs.answer(f"r{day}", at=_at(9, day=day)))
    _pull(shop, logs)
    mark_measured(shop.connection, "recommend", date(2024, 3, 20))
    logs.write("late.jsonl", logs.answer("r2", at=_at(14)))
    _pull(shop, logs)
    for _ in range(2):  # a night that is killed after the first of them leaves both
        assert days_to_measure(shop.connection, "recommend", date(2024, 3, 20)) == [DAY, NEXT]
        _stage(shop, DAY)
    mark_measured(shop.connection, "recommend", date(2024, 3, 20))
    assert days_to_measure(shop.connection, "recommend", date(2024, 3, 20)) == []


def test_a_day_that_is_measured_after_the_one_beside_it_waits_on_with_that(
    shop: Shop, logs: Logs
) -> None:
    logs.write("a.jsonl", logs.answer("r1", at=_at(9)), logs.answer("r2", at=_at(9, day=16)))
    _pull(shop, logs)
    _stage(shop, DAY, NEXT)
    mark_measured(shop.connection, "recommend", NEXT)
    logs.write("late.jsonl", logs.answer("r2", at=_at(14)))
    _pull(shop, logs)
    _stage(shop, DAY)
    mark_measured(shop.connection, "recommend", DAY)
    late = days_to_measure(shop.connection, "recommend", date(2024, 3, 17))
    assert late == [DAY, NEXT]
    requests = _stage(shop, *late)["served_requests"]
    assert [(row[0], row[2].date()) for row in requests] == [("r1", DAY), ("r2", DAY)]
    mark_measured(shop.connection, "recommend", date(2024, 3, 17))
    assert days_to_measure(shop.connection, "recommend", date(2024, 3, 17)) == []


def test_lines_that_come_a_week_late_leave_what_one_clean_run_does(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    shop.sell("p1", "p2", "p3")
    shop.buys("u1", "p2", "2024-03-15T15:00:00")
    logs.write("a.jsonl", logs.answer("r1", at=_at(9)))
    logs.write("a.jsonl", logs.answer("r9", at=_at(9, day=22)))
    _pull(shop, logs)
    _stage(shop, DAY, date(2024, 3, 22))
    mark_measured(shop.connection, "recommend", date(2024, 3, 22))
    assert days_to_measure(shop.connection, "recommend", date(2024, 3, 23)) == []
    logs.write("late.jsonl", logs.answer("r2", at=_at(14)), b"noise\n")
    _pull(shop, logs)
    late = days_to_measure(shop.connection, "recommend", date(2024, 3, 23))
    assert late == [DAY]
    after = _stage(shop, *late)
    assert days_to_measure(shop.connection, "recommend", date(2024, 3, 23)) == late
    mark_measured(shop.connection, "recommend", date(2024, 3, 23))
    assert days_to_measure(shop.connection, "recommend", date(2024, 3, 23)) == []
    assert days_to_measure(shop.connection, "recommend", DAY) == []
    assert [row[0] for row in after["outcomes"]] == ["r2"]

    for table in (*TABLES, "raw_files", "pulled_files"):
        shop.connection.execute(f"delete from {table}")
    keep_raw_in(shop.connection, tmp_path / "clean")
    _pull(shop, logs)
    assert _stage(shop, DAY, date(2024, 3, 22)) == after


def test_rows_of_files_are_checked_and_what_an_open_segment_had_in_quarantine_stays(
    shop: Shop, logs: Logs
) -> None:
    def check() -> int:
        batches = unchecked(shop.connection, "served", "recommend")
        scope = Scope(
            "recommend",
            datetime.fromisoformat("2024-03-16"),
            batches=batches,
            relation=SERVED_LINES,
        )
        with raw_to_check(shop.connection):
            n_rows = check_table(shop.connection, "raw_served", scope).n_rows
        mark_checked(shop.connection, "served", "recommend")
        return n_rows

    logs.write("a.jsonl", logs.answer("bad", limit=101))
    logs.write("a.jsonl", *(logs.answer(f"r{n:03}") for n in range(199)))
    logs.write("done.jsonl", logs.answer("done"))
    _pull(shop, logs)
    assert check() == 201
    logs.write("a.jsonl", logs.answer("more"))
    _pull(shop, logs)
    assert check() == 201  # the segment as a whole, and not the other one
    assert shop.rows("quarantine", "batch, row_number, expectation") == [
        ("a.jsonl", 0, "limit_in_range")
    ]
    assert len(_stage(shop, DAY)["served_requests"]) == 201
