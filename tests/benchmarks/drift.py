"""Five drift statistics of ten columns and three models, beside Evidently, NannyML and whylogs.

Each system compares the same two files; it is a process of its own each time, they take turns, and
figures are medians. Peers are given loaded frames, in which numbers are in our bins already; we
read Parquet, with nothing kept from before. The floor is DuckDB adding up the same columns.
How far statistics of peers are from ours at most is said, where they are the same ones. Of the
larger files peers are not asked.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from flows.settings import Settings
from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.benchmarks.peers.drifting import FEW, NOW, STATISTICS, THEN

BENCH = "drift"
OURS = "shopkeeper"
DRIFT_PEERS = ("evidently", "nannyml", "whylogs")
_FEW_ROWS = 3_000
_LARGER = 10_000_000
# Scores, prices, ages, counts and hours, three of which shift.
_SIDE = """
copy (
    with normal as (
        select
            *,
            sqrt(-2 * ln(1 - u1)) * cos(2 * pi() * u2) as z1,
            sqrt(-2 * ln(1 - u1)) * sin(2 * pi() * u2) as z2
        from (
            select
                number,
                (hash(number, {seed}, 1) % 1_000_000_007) / 1_000_000_007 as u1,
                (hash(number, {seed}, 2) % 1_000_000_007) / 1_000_000_007 as u2,
                (hash(number, {seed}, 3) % 1_000_000_007) / 1_000_000_007 as u3
            from range({rows}) as numbers(number)
        )
    )
    select
        ['a', 'b', 'c'][1 + (hash(number) % 3)::integer] as model,
        exp(z1 + {shift}) as c0,
        z2 + {shift} as c1,
        u3 as c2,
        -ln(1 - u3) * (1 + {shift}) as c3,
        round(exp(2 + z1), 2) as c4,
        floor(u3 * 24) as c5,
        floor(-20 * ln(1 - u3)) as c6,
        3 + 5 * z2 as c7,
        u1 * u2 as c8,
        floor(-1000 * ln(1 - u1)) as c9
    from normal
) to '{path}' (format parquet)
"""

Answers = Mapping[str, Sequence[Mapping[str, Any]]]


def main() -> None:
    """Runs the benchmark as the command line asks."""
    arguments = _arguments()
    home = Settings().home.resolve() / "bench"
    peers_home = arguments.peers_home or home / "peers"
    own = {
        name: [sys.executable, "-m", f"tests.benchmarks.{module}"]
        for name, module in ((FLOOR, "bare_scan"), (OURS, "shopkeeper_drift"))
    }
    peers = {
        peer: [str(environment(peer, peers_home)), "-W", "ignore", str(PEERS / peer / "drift.py")]
        for peer in arguments.peer or DRIFT_PEERS
    }
    answers = _answers(own | peers, _data(home / "data", arguments.rows), arguments.runs)
    _tell_differences(answers)
    for figure in _figures(answers, "drift_1m", arguments.rows):
        show(figure)
    if arguments.larger:
        answers = _answers(own, _data(home / "data", arguments.larger), arguments.runs)
        for figure in _figures(answers, "drift_10m", arguments.larger):
            show(figure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="on each side")
    parser.add_argument("--larger", type=int, default=_LARGER, help="the same; 0 for none")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer", action="append", choices=DRIFT_PEERS)
    parser.add_argument("--peers-home", type=Path, help="where their environments are installed")
    return parser.parse_args()


def _data(home: Path, rows: int) -> Path:
    folder = home / f"drift-{rows}"
    if not folder.exists():
        say(f"makes two files of {rows:,} rows")
        duckdb.execute("set enable_progress_bar = false")  # figures alone are printed
        unfinished = home / f"drift-{rows}.unfinished"
        for place, n in ((unfinished, rows), (unfinished / FEW, _FEW_ROWS)):
            place.mkdir(parents=True, exist_ok=True)
            for seed, (name, shift) in enumerate(((THEN, 0), (NOW, 0.03))):
                path = place / name
                duckdb.execute(_SIDE.format(seed=seed, shift=shift, rows=n, path=path))
        unfinished.rename(folder)
    return folder


def _answers(commands: Mapping[str, Sequence[str]], data: Path, runs: int) -> Answers:
    answers: dict[str, list[dict[str, Any]]] = {system: [] for system in commands}
    for n in range(runs):
        for system, command in commands.items():
            say(f"run {n + 1} of {runs}: {system}")
            answers[system].append(_answer([*command, "--data", str(data)]))
    return answers


def _answer(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _tell_differences(answers: Answers) -> None:
    """How far peers' statistics are from ours at most."""
    ours = answers[OURS][0]["found"]
    for system, (first, *_) in answers.items():
        for name in STATISTICS:
            off = [
                abs(found[name] - ours[column][model][name])
                for column, models in first["found"].items()
                for model, found in models.items()
                if name in found
            ]
            if off and system != OURS:
                say(f"{name} of {system} is off ours by {max(off):.3g} at most")


def _figures(answers: Answers, name: str, rows: int) -> Iterator[Figure]:
    for system, taken in answers.items():
        has = {
            each for models in taken[0]["found"].values() for of in models.values() for each in of
        }
        settings = {"rows": rows, "statistics": sorted(has)}
        for metric, unit, key in (
            (f"{name}_s", "s", "compare"),
            (f"{name}_cpu_s", "s", "cpu"),
            (f"{name}_peak_memory", "MB", "peak_memory"),
        ):
            values = [answer[key] for answer in taken]
            yield Figure(BENCH, system, metric, median(values), unit, len(values), settings)


if __name__ == "__main__":
    main()
