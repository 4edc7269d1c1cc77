"""What workers say that are no more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bentos.serving.meters import forget_killed_workers


def test_gauges_of_killed_workers_are_forgotten_and_what_they_counted_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    kept = {
        f"gauge_livesum_{os.getpid()}.db",
        f"gauge_liveall_{os.getpid()}.db",
        f"counter_{killed.pid}.db",
        f"histogram_{killed.pid}.db",
    }
    gone = {f"gauge_livesum_{killed.pid}.db", f"gauge_liveall_{killed.pid}.db"}
    for name in kept | gone:
        (tmp_path / name).touch()
    forget_killed_workers()
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_one_process_alone_has_nothing_to_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    forget_killed_workers()
