"""A disk without room: no answer leaves unlogged, nothing is lost, and service goes on after."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest

from tests.conftest import Installation, free_port
from tests.e2e.services import Service
from tests.shops import beside
from warehouse.connection import open_warehouse
from warehouse.pull import pull
from warehouse.raw import all_raw


@pytest.fixture
def here(installation: Installation, tmp_path: Path) -> Installation:
    port = {"SHOPKEEPER_SERVICE_PORT": str(free_port())}
    return beside(installation, tmp_path / "home", **port)


@pytest.fixture
def service(here: Installation) -> Iterator[Service]:
    served = Service(here)
    try:
        yield served
    finally:
        if served.process is not None and served.process.poll() is None:
            served.kill()


@pytest.fixture
def small_disk(here: Installation) -> Iterator[Path]:
    """The folder of the prediction log on a file system of its own, of 64 KiB."""
    folder = here.home / "serving_logs"
    folder.mkdir()
    if not _mount(folder, "size=64k"):
        pytest.skip("mounting a file system is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def test_a_full_disk_refuses_answers_until_there_is_room_again(
    service: Service, small_disk: Path
) -> None:
    service.start()

    def make_room() -> None:
        assert _mount(small_disk, "remount,size=16m")

    answered = [_ask(service.here)]
    _refuses_and_serves_after(service.here, answered, make_room, "No space left on device")


def test_a_log_that_may_not_grow_refuses_answers_until_it_may_again(service: Service) -> None:
    service.start()
    answered = [_ask(service.here)]
    (log,) = (service.here.home / "serving_logs" / "recommend").glob("*.jsonl")
    (writer,) = (p for p in service.processes() if str(log) in {f.path for f in p.open_files()})
    _limit_files(writer, 1_000)  # less than one answer takes

    def make_room() -> None:
        _limit_files(writer, resource.RLIM_INFINITY)

    _refuses_and_serves_after(service.here, answered, make_room, "File too large")


def _limit_files(process: psutil.Process, size: int) -> None:
    process.rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _refuses_and_serves_after(
    here: Installation, answered: list[str], make_room: Callable[[], None], reason: str
) -> None:
    while (refused := here.post("/recommend", {"user_id": "1"})).is_success:
        answered.append(refused.json()["request_id"])
        assert len(answered) < 200
    for _ in range(3):  # and stays so
        assert refused.status_code == 507
        for part in (reason, "Nothing was logged, so nothing is answered", "free space"):
            assert part in refused.text
        refused = here.post("/recommend", {"user_id": "1"})
    assert httpx.get(f"{here.service}/livez").is_success
    make_room()
    answered += [_ask(here) for _ in range(5)]

    lines = _lines(here)
    assert [line["request_id"] for line in lines if line["request_id"] in answered] == answered
    assert len(_pulled(here)) == len(lines)


def _ask(here: Installation) -> str:
    answer = here.post("/recommend", {"user_id": "1"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["request_id"])


def _lines(here: Installation) -> list[dict[str, Any]]:
    """Every line, and no torn one."""
    return [
        orjson.loads(line)
        for log in sorted((here.home / "serving_logs" / "recommend").glob("*.jsonl"))
        for line in log.read_bytes().splitlines()
    ]


def _pulled(here: Installation) -> list[Any]:
    with open_warehouse(here.home / "warehouse.duckdb") as connection:
        pull(connection, "served", here.home / "serving_logs" / "recommend", "recommend")
        assert connection.execute("from quarantine").fetchall() == []
        with all_raw(connection):
            return connection.execute("from served_lines").fetchall()
