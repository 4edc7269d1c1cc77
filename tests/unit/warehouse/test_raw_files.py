"""Rows of the prediction logs as Parquet: each request once, whatever died, came twice or late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import fsspec
import pyarrow.parquet as pq
import pytest

from warehouse import logs as log_reading
from warehouse import pull as pulling
from warehouse import raw
from warehouse.connection import keep_raw_in
from warehouse.errors import RawUnwritable
from warehouse.pull import pull
from warehouse.statements import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.conftest import Logs, Shop

DAY = date(2024, 3, 15)
NEXT = DAY + timedelta(days=1)


def _at(hour: int, day: int = 15) -> datetime:
    return datetime(2024, 3, day, hour, tzinfo=UTC)


def _pull(shop: Shop, logs: Logs, source: str = "recommend") -> int:
    return pull(shop.connection, "served", logs.folder, source).lines


def _files(shop: Shop) -> list[str]:
    return [path for (path,) in shop.rows("raw_files", "path")]


def _folder(tmp_path: Path) -> list[str]:
    root = tmp_path / "raw" / "served"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


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


def test_small_segments_share_a_file(shop: Shop, logs: Logs) -> None:
    for n in range(50):
        logs.write(f"{n:02}.jsonl", logs.answer(f"r{n}"))
    assert _pull(shop, logs) == 50
    assert shop.rows("raw_files", "len(batches), n_rows") == [(50, 50)]
