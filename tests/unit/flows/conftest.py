"""Commands and Python in processes of their own: our dependencies read their environment once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def python(tmp_path: Path, free_port: int) -> Run:
    """Runs Python in the test's folder, which is also its home, under a bare environment."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SHOPKEEPER_", "PREFECT_", "BENTOML_", "GX_", "HF_"))
        and name not in ("DO_NOT_TRACK", "TOKENIZERS_PARALLELISM")
    } | {
        "PYTHONPATH": str(ROOT),
        "SHOPKEEPER_HOME": str(tmp_path / "home"),
        "SHOPKEEPER_PREFECT_PORT": str(free_port),
        "COLUMNS": "200",
    }

    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env=bare | changes,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def free_port() -> int:
    """A port on which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
