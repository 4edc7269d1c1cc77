"""A command's own Prefect server: there when a flow runs, gone with the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import temporary_server
from flows.environment import listens
from flows.errors import ServerMissing
from tests.unit.flows.conftest import ROOT, Run

_STARTED = """
from flows.environment import prepare
from flows.settings import Settings
from flows.temporary_server import server_for_a_command

prepare(Settings())
wait_for_server = server_for_a_command()
from prefect import flow
from prefect.client.orchestration import get_client

@flow
def asks():
    with get_client(sync_client=True) as client:
        return client.api_healthcheck()

wait_for_server()
print(asks(), os.environ["PREFECT_API_URL"], flush=True)
"""


def test_a_flow_finds_the_server_of_its_command_which_ends_with_it(python: Run) -> None:
    ran = python("-c", f"import os{_STARTED}")
    healthy, url = ran.stdout.split()
    assert healthy == "None", ran.stderr
    assert not listens("127.0.0.1", _port(url))


def test_the_server_of_a_killed_command_ends_as_well(tmp_path: Path, free_port: int) -> None:
    waits = f"import os{_STARTED}\nimport time; time.sleep(60)"
    home = {"SHOPKEEPER_HOME": f"{tmp_path}", "PYTHONPATH": f"{ROOT}"}
    home |= {"SHOPKEEPER_PREFECT_PORT": f"{free_port}"}  # that of no shop that is up
    command = subprocess.Popen(
        [sys.executable, "-c", waits], env=os.environ | home, stdout=subprocess.PIPE, text=True
    )
    assert command.stdout is not None
    port = _port(command.stdout.readline().split()[1])
    assert listens("127.0.0.1", port)
    command.send_signal(signal.SIGKILL)
    command.communicate()
    deadline = time.monotonic() + 20
    while listens("127.0.0.1", port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not listens("127.0.0.1", port)


def test_a_server_that_does_not_come_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary_server.sys, "executable", "/bin/false")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    wait_for_server = temporary_server.server_for_a_command()
    with pytest.raises(ServerMissing, match="no Prefect server came up"):
        wait_for_server()
    monkeypatch.delenv("PREFECT_API_URL")


def test_a_server_that_runs_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    temporary_server.server_for_a_command()()
    assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"


def _port(url: str) -> int:
    return int(url.removesuffix("/api").rpartition(":")[2])
