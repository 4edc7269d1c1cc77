"""What `deploy/prefect.yaml` declares can be run: each entrypoint is loaded as a worker would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
_LOAD = """
import sys
from prefect.flows import load_flow_from_entrypoint
print(load_flow_from_entrypoint(sys.argv[1], use_placeholder_flow=False).name)
"""


def _deployments() -> list[dict[str, Any]]:
    declared = yaml.safe_load((ROOT / "deploy" / "prefect.yaml").read_text())
    deployments: list[dict[str, Any]] = declared["deployments"]
    return deployments


@pytest.mark.parametrize("deployment", _deployments(), ids=lambda deployment: deployment["name"])
def test_a_worker_finds_the_flow_of_the_same_name(
    deployment: dict[str, Any], tmp_path: Path
) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", _LOAD, deployment["entrypoint"]],
        cwd=ROOT,
        env={"PREFECT_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    assert loaded.stdout.split() == [deployment["name"]]
