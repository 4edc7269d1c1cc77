"""``python -m tests.simulation``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[3]


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_writes_a_world_to_folders(tmp_path: Path) -> None:
    home, truth = tmp_path / "home", tmp_path / "truth"
    figures = ["--days", 2, "--requests", 200, "--seed", 5, "--start", "2024-05-01"]
    run = _run(truth, "--home", home, *figures, "--clicks", "dbn", "--policy", "swap", "--dirty")
    assert run.returncode == 0, run.stderr
    assert len(list((home / "serving_logs" / "recommend").glob("*.jsonl"))) > 10
    assert len(list((home / "feedback_logs").glob("*.jsonl"))) > 10
    assert {path.name for path in (truth / "requests").iterdir()} == {
        "2024-05-01.parquet",
        "2024-05-02.parquet",
    }
    world = orjson.loads((truth / "world.json").read_bytes())
    assert (world["seed"], world["clicks"]["kind"], world["policy"]["kind"]) == (5, "DBN", "Swap")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["truth"], "--home --url"),
        (["truth", "--home", "home", "--shop", "chorus"], "needs --data"),
        (["home/truth", "--home", "home"], "where the platform may see it"),
        (["truth", "--home", "home", "--limit", "30"], "limit is 30, pool 20"),
    ],
)
def test_what_it_can_not_do_it_says(tmp_path: Path, arguments: list[str], says: str) -> None:
    placed = [
        str(tmp_path / a) if a.endswith(("truth", "home")) and a[0] != "-" else a for a in arguments
    ]
    run = _run(*placed)
    assert run.returncode != 0
    assert says in run.stderr
    assert "Traceback" not in run.stderr
