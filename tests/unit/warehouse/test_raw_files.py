"""Rows of the prediction logs as Parquet: each request once, whatever died, came twice or late."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import fsspec
import orjson
import pyarrow.parquet as pq
import pytest

from data_checks import Scope, check_table
from warehouse import logs as log_reading
from warehouse import pull as pulling
from warehouse import raw
from warehouse.connection import keep_raw_in
from warehouse.errors import RawUnwritable
from warehouse.pull import mark_checked, pull, unchecked
from warehouse.raw import SERVED_LINES, all_raw, raw_to_check
from warehouse.served import days_to_stage, measure_day, stage_day
from warehouse.statements import run

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


def _folder(tmp_path: Path) -> list[str]:
    root = tmp_path / "raw" / "served"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _stage(shop: Shop, *days: date) -> dict[str, Rows]:
    for day in days:
        stage_day(shop.connection, "recommend", day)
        measure_day(shop.connection, "recommend", day, day)
    return {table: shop.rows(table) for table in TABLES}


def test_rows_lie_as_zstd_parquet_by_scenario_and_day_of_what_happened(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    logs.write(
        "a.jsonl",
        logs.answer("r1", at=_at(23), logged_at=_at(0, day=16)),
        logs.answer("r2", at=_at(0, day=16)),
        logs.answer("s1", at=_at(9), scenario="search"),
        b"noise\n",
    )
    _pull(shop, logs)
    folders = [path.rpartition("/")[0] for path in _folder(tmp_path)]
    assert folders == [
        "scenario=recommend/day=2024-03-15",
        "scenario=recommend/day=2024-03-16",
        "scenario=search/day=2024-03-15",
    ]
    assert _files(shop) == _folder(tmp_path)
    written = pq.ParquetFile(tmp_path / "raw" / "served" / _files(shop)[0])
    assert written.metadata.num_rows == 1
    assert written.metadata.row_group(0).column(0).compression == "ZSTD"
    assert shop.rows("served_lines", "request_id, scenario, occurred_at::date") == [
        ("r1", "recommend", DAY),
        ("r2", "recommend", NEXT),
        ("s1", "search", DAY),
    ]


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


def test_a_file_of_fewer_columns_is_read_with_the_others_as_null(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    logs.write("a.jsonl", logs.answer("r1"))
    _pull(shop, logs)
    path = tmp_path / "raw" / "served" / _files(shop)[0]
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["interleaved_with"]), path)
    logs.write("a.jsonl", logs.answer("r2", interleaved_with="recommend:b"))
    _pull(shop, logs)
    assert shop.rows("served_lines", "request_id, interleaved_with") == [
        ("r1", None),
        ("r2", "recommend:b"),
    ]


STEPS: dict[str, tuple[Any, str]] = {
    "the copy": (raw, "_copy"),
    "a move": (raw, "_put"),
    "the catalogue": (raw, "run raw/add"),
    "the quarantine": (pulling, "run pull/set_aside"),
    "the place": (pulling, "run pull/advance"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("finished", [False, True], ids=["before it", "after it"])
def test_a_pull_killed_at_any_step_and_run_again_leaves_what_one_clean_run_does(
    shop: Shop,
    logs: Logs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    times: int,
    finished: bool,
) -> None:
    monkeypatch.setattr(log_reading, "_CHUNK_BYTES", 3000)
    for name in ("a.jsonl", "b.jsonl"):
        for n in range(6):
            day = 15 + n % 2
            logs.write(name, logs.answer(f"{name}{n}", at=_at(n, day)), b"noise\n")
    module, name = STEPS[step]
    kind, _, statement = name.partition(" ")
    done = getattr(module, kind)
    seen = 0

    def dies(*arguments: Any, **named: Any) -> Any:
        nonlocal seen
        met = not statement or statement in arguments
        seen += met
        if met and seen == times:
            if finished:
                done(*arguments, **named)
            raise KeyboardInterrupt
        return done(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(module, kind, dies)
        with pytest.raises(KeyboardInterrupt):
            _pull(shop, logs)
    _pull(shop, logs)
    killed = {table: shop.rows(table) for table in ("served_lines", "raw_files", "quarantine")}
    places = shop.rows("pulled_files")
    assert _folder(tmp_path) == _files(shop)

    for table in ("raw_files", "pulled_files", "quarantine"):
        shop.connection.execute(f"delete from {table}")
    keep_raw_in(shop.connection, tmp_path / "clean")
    _pull(shop, logs)
    assert {table: shop.rows(table) for table in killed} == killed
    assert shop.rows("pulled_files") == places
    assert len(killed["served_lines"]) == len(killed["quarantine"]) == 12


def test_what_a_killed_pull_left_does_not_count_and_goes_when_it_is_written_again(
    shop: Shop, logs: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.write("a.jsonl", logs.answer("r1"))

    def dies(connection: Any, name: str, **parameters: Any) -> Any:
        if name == "pull/advance":
            raise KeyboardInterrupt
        return run(connection, name, **parameters)

    with monkeypatch.context() as patch:
        patch.setattr(pulling, "run", dies)
        with pytest.raises(KeyboardInterrupt):
            _pull(shop, logs)
    assert len(_folder(tmp_path)) == 1
    assert shop.rows("served_lines") == []
    logs.write("a.jsonl", logs.answer("r2"))
    _pull(shop, logs)
    assert len(_folder(tmp_path)) == 1
    assert shop.rows("served_lines", "request_id") == [("r1",), ("r2",)]


def test_where_the_files_cannot_be_written_nothing_is_taken_in_and_the_message_says_so(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    logs.write("a.jsonl", logs.answer("r1"))
    (tmp_path / "raw").write_text("a file is in the way")
    with pytest.raises(RawUnwritable, match=r"can't be written: .* goes on where it stopped"):
        _pull(shop, logs)
    assert shop.rows("pulled_files") == []
    (tmp_path / "raw").unlink()
    assert _pull(shop, logs) == 1


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


def test_lines_that_come_a_week_late_leave_what_one_clean_run_does(
    shop: Shop, logs: Logs, tmp_path: Path
) -> None:
    shop.sell("p1", "p2", "p3")
    shop.buys("u1", "p2", "2024-03-15T15:00:00")
    logs.write("a.jsonl", logs.answer("r1", at=_at(9)))
    logs.write("a.jsonl", logs.answer("r9", at=_at(9, day=22)))
    _pull(shop, logs)
    _stage(shop, DAY, date(2024, 3, 22))
    assert days_to_stage(shop.connection, "recommend", date(2024, 3, 23)) == []
    logs.write("late.jsonl", logs.answer("r2", at=_at(14)), b"noise\n")
    _pull(shop, logs)
    late = days_to_stage(shop.connection, "recommend", date(2024, 3, 23))
    assert late == [DAY]
    after = _stage(shop, *late)
    assert days_to_stage(shop.connection, "recommend", date(2024, 3, 23)) == []
    assert days_to_stage(shop.connection, "recommend", DAY) == []
    assert [row[0] for row in after["outcomes"]] == ["r2"]

    for table in (*TABLES, "raw_files", "pulled_files"):
        shop.connection.execute(f"delete from {table}")
    keep_raw_in(shop.connection, tmp_path / "clean")
    _pull(shop, logs)
    assert _stage(shop, DAY, date(2024, 3, 22)) == after


def test_logs_are_pulled_from_any_place_that_fsspec_knows_and_from_folders_below(
    shop: Shop, logs: Logs
) -> None:
    files = fsspec.filesystem("memory")
    try:
        for host in ("one", "two"):
            files.pipe_file(f"/logs/{host}/a.jsonl", logs.line(logs.answer(f"{host}'s")))
        pulled = pull(shop.connection, "served", "memory://logs", "recommend")
        assert pulled.batches == ("one/a.jsonl", "two/a.jsonl")
        files.pipe_file(
            "/logs/two/a.jsonl",
            files.cat_file("/logs/two/a.jsonl") + logs.line(logs.answer("more")),
        )
        assert pull(shop.connection, "served", "memory://logs", "recommend").lines == 1
    finally:
        files.rm("/logs", recursive=True)
    assert shop.rows("served_lines", "batch, row_number, request_id") == [
        ("one/a.jsonl", 0, "one's"),
        ("two/a.jsonl", 0, "two's"),
        ("two/a.jsonl", 1, "more"),
    ]


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


def test_small_segments_share_a_file(shop: Shop, logs: Logs) -> None:
    for n in range(50):
        logs.write(f"{n:02}.jsonl", logs.answer(f"r{n}"))
    assert _pull(shop, logs) == 50
    assert shop.rows("raw_files", "len(batches), n_rows") == [(50, 50)]
