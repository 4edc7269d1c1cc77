"""A night or a training that is killed can be begun again, and comes to the same end."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.conftest import COMMAND, DAY, Installation
from tests.shops import copy_of, fingerprints, in_own_home
from warehouse.connection import open_warehouse

NIGHT = "2017-11-21"
CUT = "2017-11-13"


@pytest.fixture
def nights(installation: Installation, tmp_path: Path) -> tuple[Installation, Installation]:
    """Two homes in the same state, with a day's traffic that no night has taken in yet."""
    whole = copy_of(installation, tmp_path / "whole")
    for folder in ("serving_logs/recommend", "feedback_logs"):
        _log_another_day(whole.home / folder)
    return whole, copy_of(whole, tmp_path / "killed")


def _log_another_day(folder: Path) -> None:
    """What was logged on the replayed day, as if it had happened again a day later."""
    lines = [
        orjson.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    later = [_a_day_later(line) for line in lines if line["occurred_at"].startswith(DAY)]
    assert len(later) > 300
    (folder / "later.jsonl").write_bytes(b"".join(orjson.dumps(x) + b"\n" for x in later))


def _a_day_later(line: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromisoformat(line["occurred_at"]) + timedelta(days=1)
    names = {name: f"later-{line[name]}" for name in ("request_id", "event_id") if line.get(name)}
    return line | names | {"occurred_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_a_night_killed_again_and_again_ends_as_one_that_was_left_alone(
    nights: tuple[Installation, Installation],
) -> None:
    whole, killed = nights
    _finish(whole, "nightly", "--day", NIGHT)
    moments = random.Random(7)
    n_killed = sum(
        _kill(killed, _holding_the_warehouse(killed, nth), moments.uniform(0, 0.3))
        for nth in (1, 2, 3)
    ) + _kill(killed, _committing(killed), 0)
    assert n_killed == 4

    said = _finish(killed, "nightly", "--day", NIGHT)

    assert "was killed while it wrote the warehouse" in said
    assert fingerprints(killed) == fingerprints(whole)
    assert _online_state(killed) == _online_state(whole)
    assert _slots_taken(killed) == 0


def test_the_slot_of_a_killed_writer_is_free_at_once_and_nobody_is_said_to_write(
    installation: Installation, tmp_path: Path
) -> None:
    here = in_own_home(installation, tmp_path / "home")
    here.home.mkdir()
    (here.home / "warehouse.holder").write_text("nightly 2017-11-20 (process 12345)")
    limit = f"{here.prefect_api}/v2/concurrency_limits/tag:warehouse"
    httpx.patch(limit, json={"active_slots": 1}).raise_for_status()
    try:
        assert json.loads(here.run("status", "--json").stdout)["warehouse_written_by"] is None
        refused = here.run("fine-tune", "recommend", "--cut", CUT)
        assert "nightly 2017-11-20 (process 12345) was killed" in refused.stdout + refused.stderr
        assert _slots_taken(here) == 0
        assert not (here.home / "warehouse.holder").exists()
    finally:
        httpx.patch(limit, json={"active_slots": 0}).raise_for_status()


def _slots_taken(here: Installation) -> int:
    limit = httpx.get(f"{here.prefect_api}/v2/concurrency_limits/tag:warehouse")
    return int(limit.json()["active_slots"])


def test_a_training_killed_between_epochs_goes_on_where_it_was(
    corner: Installation, tmp_path: Path
) -> None:
    training = {
        "SHOPKEEPER_RECOMMEND_EPOCHS": "3",
        "SHOPKEEPER_RECOMMEND_MEMBERS": "2",
        "SHOPKEEPER_RECOMMEND_WEEKS": "6",
    }
    whole = _copy(corner, tmp_path / "whole", **training)
    killed = _copy(corner, tmp_path / "killed", **training)
    arguments = ("fine-tune", "recommend", "--cut", CUT)
    tag = _finish(whole, *arguments).split()[-1]

    checkpoint = killed.home / "runs" / "recommend" / CUT.replace("-", "") / "checkpoint.pt"
    assert _kill(killed, checkpoint.exists, 0, *arguments)
    assert checkpoint.exists()
    again = _finish(killed, *arguments)

    assert again.split()[-1] == tag  # a digest of the weights
    assert _models(killed) == _models(whole)
    assert not checkpoint.exists()


def _finish(here: Installation, *arguments: str) -> str:
    outcome = here.run(*arguments)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stderr + outcome.stdout


def _kill(here: Installation, moment: Callable[[], bool], after: float, *arguments: str) -> bool:
    """Begins a command and kills it ``after`` seconds past the moment; false if it was faster."""
    process = subprocess.Popen(
        [COMMAND, *(arguments or ("nightly", "--day", NIGHT))],
        env=here.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not moment():
        time.sleep(0.002)
    time.sleep(after)
    process.kill()
    return process.wait() < 0


def _holding_the_warehouse(here: Installation, nth: int) -> Callable[[], bool]:
    """Whether a flow holds the warehouse for the ``nth`` time, not counting a killed one."""
    holder = here.home / "warehouse.holder"
    left_behind = _written_at(holder)
    held, times = False, 0

    def holds() -> bool:
        nonlocal held, times
        now = _written_at(holder) not in (None, left_behind)
        times += now and not held
        held = now
        return times == nth

    return holds


def _written_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _committing(here: Installation) -> Callable[[], bool]:
    """Whether DuckDB writes a transaction: its log grows beyond its first bytes."""
    log = here.home / "warehouse.duckdb.wal"
    return lambda: log.exists() and log.stat().st_size > 4096


def _online_state(here: Installation) -> str:
    return (here.home / "online_state" / "current").read_text()


def _copy(corner: Installation, home: Path, **changes: str) -> Installation:
    home.mkdir()
    shutil.copy(corner.home / "warehouse.duckdb", home)
    return in_own_home(corner, home, **changes)


def _models(here: Installation) -> list[tuple[Any, ...]]:
    with open_warehouse(here.home / "warehouse.duckdb", read_only=True) as connection:
        return connection.execute("from models").fetchall()
