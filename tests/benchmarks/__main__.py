"""Every benchmark, one after another: figures and plots to docs/benchmarks, figures to the screen.

A benchmark is a module beside this one that prints figures, and a line here that says what its plot
shows.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.figures import Figure, figures_in, say
from tests.benchmarks.plots import bars, curves, parts

ROOT = Path(__file__).parents[2]


class Plot(Protocol):
    """What is drawn of a benchmark's figures."""

    def draw(self, figures: Sequence[Figure], path: Path) -> None:
        """Writes the picture."""


@dataclass(frozen=True)
class Bars:
    """Which metric is drawn, and which setting groups its bars."""

    metric: str
    by: str

    def draw(self, figures: Sequence[Figure], path: Path) -> None:
        """See `Plot`."""
        bars(figures, self.metric, self.by, path)


@dataclass(frozen=True)
class Curves:
    """Which metrics are drawn along which setting, and which other setting names its places."""

    metrics: Sequence[str]
    over: str
    label: str

    def draw(self, figures: Sequence[Figure], path: Path) -> None:
        """See `Plot`."""
        curves(figures, self.metrics, self.over, self.label, path)


@dataclass(frozen=True)
class Parts:
    """Which setting names the parts of a whole, and which the whole."""

    part: str
    whole: str

    def draw(self, figures: Sequence[Figure], path: Path) -> None:
        """See `Plot`."""
        parts(figures, self.part, self.whole, path)


BENCHMARKS: Mapping[str, Plot] = {
    "recommend": Bars(metric="ndcg@10", by="cut"),
    "search": Bars(metric="queries/s", by="vectors"),
    "serving": Bars(metric="rerank50_rps_c8", by="precision"),
    "offline": Bars(metric="rerank_pairs_per_s", by="precision"),
    "nightly": Bars(metric="night_in_a_row", by="night"),
    "metrics": Bars(metric="ranking_metrics", by="order"),
    "incidents": Bars(metric="detected_in_time", by="strength"),
    "clicks": Bars(metric="position_error", by="policy and eta"),
    "drift": Bars(metric="drift_1m_s", by="bins"),
    "burst": Curves(metrics=("in_time", "degraded", "ndcg@10"), over="phase", label="load"),
    "profile": Parts(part="stage", whole="request"),
}


def main() -> None:
    """Runs them all, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "benchmarks")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    arguments.into.mkdir(parents=True, exist_ok=True)
    failed = [
        name
        for name in arguments.names or BENCHMARKS
        if not _run(name, BENCHMARKS[name], arguments.into)
    ]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _run(name: str, plot: Plot, into: Path) -> bool:
    """Runs a benchmark; only a whole result replaces the one before."""
    say(f"runs {name}")
    unfinished = into / f"{name}.jsonl.unfinished"
    command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
    with (
        unfinished.open("w", encoding="utf-8") as file,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
    ):
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            file.write(line)
    if process.returncode:
        unfinished.unlink()
        return False
    unfinished.replace(into / f"{name}.jsonl")
    lines = (into / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    plot.draw(figures_in(lines), into / f"{name}.svg")
    return True


if __name__ == "__main__":
    main()
