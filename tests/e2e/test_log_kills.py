"""A process killed while it logs at full rate has logged what it told its clients."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.figures import figures_in

KILLS = 40


def test_forty_kills_of_a_writing_process_lose_and_double_no_answer() -> None:
    bench = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.log_kills", "--kills", f"{KILLS}"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert bench.returncode == 0, bench.stderr
    figures = {figure.metric: figure.value for figure in figures_in(bench.stdout.splitlines())}
    assert (figures["lost"], figures["doubled"]) == (0, 0)
    assert figures["told"] > 2 * KILLS
    assert figures["segments"] > KILLS  # kills met some that were not the first
