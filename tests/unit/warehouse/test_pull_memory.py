"""How much memory a pull takes, whatever the logs hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.conftest import OtherProcess

PULL = """
import json
from pathlib import Path
from warehouse.connection import open_warehouse
from warehouse.pull import pull

with open_warehouse(Path(sys.argv[1]) / "warehouse.duckdb") as connection:
    pulled = pull(connection, "served", sys.argv[2], "recommend")
    kept = connection.execute("select count(*), sum(n_rows) from quarantine").fetchone()
size = (Path(sys.argv[1]) / "warehouse.duckdb").stat().st_size
status = Path("/proc/self/status").read_text()  # getrusage's peak is that of the parent at first
(peak,) = (int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)
print(json.dumps([pulled.lines, pulled.set_aside, *map(int, kept), size, peak]))
"""


def test_line_noise_of_200_mb_takes_bounded_memory_and_little_of_the_warehouse(
    tmp_path: Path, other_process: OtherProcess
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    line = bytes(range(32, 127)) * 2 + b"\n"
    n = 1_000_000
    with (logs / "a.jsonl").open("wb") as file:
        for _ in range(100):
            file.write(line * (n // 100))
    done = other_process(PULL, tmp_path / "home", logs)
    assert done.returncode == 0, done.stderr
    lines, set_aside, rows, counted, size, peak = json.loads(done.stdout.splitlines()[-1])
    assert lines == set_aside == counted == n
    assert rows < 5000
    assert size < 20 * 2**20
    assert peak < 2**30


def test_a_line_of_200_mb_takes_bounded_memory(tmp_path: Path, other_process: OtherProcess) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with (logs / "a.jsonl").open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 2**20)
        file.write(b"\n")
    done = other_process(PULL, tmp_path / "home", logs)
    assert done.returncode == 0, done.stderr
    lines, set_aside, _, _, _, peak = json.loads(done.stdout.splitlines()[-1])
    assert lines == set_aside == 1
    assert peak < 2**30
