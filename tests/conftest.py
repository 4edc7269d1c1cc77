"""One small installation for all tests that need a running one: real server, Bento and data."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

DAY = "2017-11-20"
WHENEVER = {"X-Deadline-Ms": "off"}  # a crowded machine must not make answers other ones
COMMAND = str(Path(sys.executable).parent / "shopkeeper")


@dataclass(frozen=True)
class Installation:
    """A home after one round of one day, everything still up."""

    home: Path
    environment: dict[str, str]

    @property
    def service(self) -> str:
        return f"http://127.0.0.1:{self.environment['SHOPKEEPER_SERVICE_PORT']}"

    @property
    def prefect_api(self) -> str:
        return f"http://127.0.0.1:{self.environment['SHOPKEEPER_PREFECT_PORT']}/api"

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment | changes,
            capture_output=True,
            text=True,
            timeout=900,
        )

    @property
    def search_service(self) -> str:
        return f"http://127.0.0.1:{int(self.environment['SHOPKEEPER_SERVICE_PORT']) + 1}"

    def post(self, path: str, body: Any) -> httpx.Response:
        return httpx.post(f"{self.service}{path}", json=body, headers=WHENEVER, timeout=30)

    def post_to_search(self, path: str, body: Any) -> httpx.Response:
        return httpx.post(f"{self.search_service}{path}", json=body, headers=WHENEVER, timeout=60)

    def served(self, scenario: str = "recommend") -> list[dict[str, Any]]:
        """Every complete line of a service's prediction log."""
        lines: list[dict[str, Any]] = []
        for path in sorted((self.home / "serving_logs" / scenario).glob("*.jsonl")):
            complete, _, _ = path.read_bytes().rpartition(b"\n")  # the last may be half written
            lines += [orjson.loads(line) for line in complete.splitlines()]
        return lines


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("shop") / "home"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")
    } | {
        "SHOPKEEPER_HOME": str(home),
        "SHOPKEEPER_PREFECT_PORT": str(free_port()),
        "SHOPKEEPER_SERVICE_PORT": str(two_free_ports()),
        "SHOPKEEPER_ALLOW_REPLAY": "true",
        "SHOPKEEPER_RECOMMEND_WEEKS": "6",
        "SHOPKEEPER_RECOMMEND_EPOCHS": "1",
        "SHOPKEEPER_RECOMMEND_MEMBERS": "2",
        "SHOPKEEPER_SEARCH_PRODUCTS": "12",
        "SHOPKEEPER_SEARCH_EPOCHS": "1",
        "SHOPKEEPER_TAGGER_EXAMPLES": "6000",
        "SHOPKEEPER_TAGGER_EPOCHS": "2",
    }
    shop = Installation(home, environment)
    try:
        demo = shop.run("demo", "--first", DAY, "--days", "1")
        assert demo.returncode == 0, demo.stdout[-3000:] + demo.stderr[-6000:]
        yield shop
    finally:
        shop.run("down")


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], bool]], None]:
    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, "it did not come to hold within 60 s"
            time.sleep(0.2)

    return wait


def two_free_ports() -> int:
    """The first of two that follow each other: a scenario's service listens at each."""
    while True:
        first = free_port()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", first + 1)):
                return first


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
