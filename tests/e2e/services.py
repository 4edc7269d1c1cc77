"""Services started directly, beside the supervised one, to be killed or starved."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.conftest import Installation, free_port

_ROOT = Path(__file__).parents[2]


def bare(home: Path, **changes: str) -> Installation:
    """A home whose recommender ranks by a constant, and does all else that a service does."""
    (home / "bentoml").mkdir(parents=True)
    environment = os.environ | {
        "SHOPKEEPER_HOME": str(home),
        "SHOPKEEPER_SERVICE_PORT": str(free_port()),
        "BENTOML_HOME": str(home / "bentoml"),
        "PYTHONPATH": str(_ROOT),
    }
    command = [sys.executable, "-m", "tests.benchmarks.bare_service"]
    subprocess.run(command, env=environment, check=True)
    return Installation(home, environment | changes)


@dataclass
class Service:
    """What the rollout record names, served as supervisord would."""

    here: Installation
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.here.home / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.serve", "recommend"],
                env=self.here.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 180
        while not self._is_ready():
            assert time.monotonic() < deadline, "the service did not come up"
            time.sleep(0.05)

    def kill(self) -> None:
        """Kills every process of it at once, with no chance to say goodbye."""
        for process in self.processes():
            process.kill()
        assert self.process is not None
        self.process.wait()

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.here.service}/readyz", timeout=2).is_success
        except httpx.TransportError:
            return False
