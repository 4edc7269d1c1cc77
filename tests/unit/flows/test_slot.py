"""The warehouse slot: one writer at a time, who says for whom others wait."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.settings import Settings
from flows.slot import who_writes, writable_warehouse
from flows.status import status
from tests.unit.flows.conftest import ROOT

# Another process that holds the slot until it is told to let go.
_HOLDER = """
import sys
from pathlib import Path
from flows.settings import Settings
from flows.slot import writable_warehouse
with writable_warehouse(Settings(home=Path(sys.argv[1])), "nightly 2024-03-15"):
    print("holds", flush=True)
    sys.stdin.readline()
"""

# One that waits for it, in a flow's stead, and says what it logs.
_WAITER = """
import logging, sys
from pathlib import Path
from prefect.logging import disable_run_logger
from flows import slot
from flows.settings import Settings
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
slot.get_run_logger = lambda: logging.getLogger("flow")
with slot.writable_warehouse(Settings(home=Path(sys.argv[1])), "retrain"):
    print("holds", flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def _start(code: str, settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    with _start(_HOLDER, settings) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        yield process
        process.kill()


def test_a_warehouse_is_made_where_there_is_none_and_can_be_written(settings: Settings) -> None:
    with writable_warehouse(settings, "ingest") as connection:
        connection.execute(
            "insert into raw_products by name select 's' as source, 'b' as batch, 0 as row_number, "
            "'p1' as product_id, 'Milk' as title"
        )
    with writable_warehouse(settings, "ingest") as connection:
        assert connection.execute("select title from raw_products").fetchall() == [("Milk",)]


def test_who_writes_is_known_while_they_write_and_nobody_afterwards(settings: Settings) -> None:
    holder = settings.home / "warehouse.holder"
    with writable_warehouse(settings, "ingest"):
        assert who_writes(holder) == f"ingest (process {os.getpid()})"
    assert not holder.exists()
    assert who_writes(holder) == "another flow"


def test_a_flow_that_fails_lets_go(settings: Settings) -> None:
    with pytest.raises(RuntimeError), writable_warehouse(settings, "ingest"):
        raise RuntimeError
    assert not (settings.home / "warehouse.holder").exists()
    with writable_warehouse(settings, "ingest") as connection:
        connection.execute("select 1")


def test_the_status_tells_who_writes_without_waiting(
    settings: Settings, holder: subprocess.Popen[str]
) -> None:
    assert status(settings).warehouse_written_by == f"nightly 2024-03-15 (process {holder.pid})"


def test_whoever_waits_says_for_whom_and_goes_on_when_they_are_done(
    settings: Settings, holder: subprocess.Popen[str]
) -> None:
    with _start(_WAITER, settings) as waiter:
        assert waiter.stdout is not None
        said = waiter.stdout.readline()
        assert said == (
            f"waits for the warehouse: nightly 2024-03-15 (process {holder.pid}) writes it\n"
        )
        holder.communicate("let go\n")
        assert waiter.stdout.readline() == "holds\n"
    assert waiter.returncode == 0


def test_a_process_that_died_holds_nobody_up(
    settings: Settings, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    with writable_warehouse(settings, "ingest") as connection:
        connection.execute("select 1")
