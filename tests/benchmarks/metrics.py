"""Ranking metrics of 1,000,000 queries with 20 ranked products each, beside ranx and pytrec_eval.

Each system reads the same two Parquet files and comes to the mean of the same metrics; it is a
process of its own each time, they take turns, and figures are medians. What a system compiles is
compiled before; loading counts, and is given by itself, too (we read while we measure). All must
agree to 1e-9. Peers put products in order by their scores. So do we, as in an offline evaluation;
and once more we take the ranks that the file has, as the night takes those of the log.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import duckdb

from flows.settings import Settings
from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.peers.ranking import FEW, JUDGMENTS, METRICS, RUN

BENCH = "metrics"
OURS = "shopkeeper"
METRICS_PEERS = ("pytrec_eval", "ranx")
N_RANKED = 20
AGREED = 1e-9
_FEW_QUERIES = 100

# A query has one to four judged products, the likelier the higher they stand. About 3 in 10 of them
# were not ranked; at least one is a positive. Grades are 0 to 3.
_RUN = """
copy (
    select
        query_id,
        unnest(ranked, recursive := true),
        unnest(range(1, {ranked} + 1))::integer as rank
    from (
        select
            'q' || query as query_id,
            list_reverse_sort([
                {{
                    'score': ({ranked} - nth) / {ranked}
                    + (hash(query, nth) % 1_000_000 * 100 + nth) / 2e8,
                    'product_id': 'p' || (hash(query) % 20_000 + nth * 901) % 20_000
                }}
                for nth in range({ranked})
            ]) as ranked
        from range({queries}) as queries(query)
    )
) to '{path}' (format parquet)
"""
_JUDGMENTS = """
copy (
    select
        'q' || query as query_id,
        case when hash(query, 'ranked', nth) % 10 < 7 then 'p' else 'x' end
        || (hash(query) % 20_000 + (5 * nth + hash(query, 'place', nth) % 5) * 901) % 20_000
            as product_id,
        (
            case
                when nth = 0 then 1 + hash(query, 'gain', nth) % 3
                else hash(query, 'gain', nth) % 4
            end
        )::integer as gain
    from range({queries}) as queries(query), range(4) as judged(nth)
    where nth <= hash(query, 'judged') % 4
) to '{path}' (format parquet)
"""


class System(NamedTuple):
    """What measures, and what puts the products in order for it: scores or ranks."""

    name: str
    order: str


def main() -> None:
    """Runs the benchmark as the command line asks."""
    arguments = _arguments()
    home = Settings().home.resolve() / "bench"
    data = _data(home / "data", arguments.queries)
    commands = _commands(arguments.peer or METRICS_PEERS, arguments.peers_home or home / "peers")
    runs: dict[System, list[dict[str, Any]]] = {system: [] for system in commands}
    for n in range(arguments.runs):
        for system, command in commands.items():
            say(f"run {n + 1} of {arguments.runs}: {system}")
            runs[system].append(_run(command, data))
    _check(runs)
    for system, taken in runs.items():
        for figure in _figures(system, taken, arguments.queries):
            show(figure)


def _commands(peers: Sequence[str], home: Path) -> dict[System, list[str]]:
    ours = [sys.executable, "-m", "tests.benchmarks.shopkeeper_metrics"]
    return {System(OURS, order): [*ours, order] for order in ("scores", "ranks")} | {
        System(peer, "scores"): [str(environment(peer, home)), str(PEERS / peer / "evaluate.py")]
        for peer in peers
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer", action="append", choices=METRICS_PEERS)
    parser.add_argument("--peers-home", type=Path, help="where their environments are installed")
    return parser.parse_args()


def _data(home: Path, queries: int) -> Path:
    folder = home / f"ranked-{queries}"
    if not folder.exists():
        say(f"ranks {N_RANKED} products for each of {queries:,} queries")
        unfinished = home / f"ranked-{queries}.unfinished"
        for place, n in ((unfinished, queries), (unfinished / FEW, _FEW_QUERIES)):
            place.mkdir(parents=True, exist_ok=True)
            for text, name in ((_RUN, RUN), (_JUDGMENTS, JUDGMENTS)):
                duckdb.execute(text.format(queries=n, ranked=N_RANKED, path=place / name))
        unfinished.rename(folder)
    return folder


def _run(command: Sequence[str], data: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*command, "--data", str(data)], check=True, stdout=subprocess.PIPE, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _check(runs: Mapping[System, Sequence[Mapping[str, Any]]]) -> None:
    """Refuses figures of systems that came to different means."""
    (first, *_), *_ = runs.values()
    for system, taken in runs.items():
        for metric in METRICS:
            for run in taken:
                ours, theirs = first["means"][metric], run["means"][metric]
                if abs(ours - theirs) > AGREED:
                    raise SystemExit(f"{metric} is {ours} as we measure it; {system}: {theirs}")


def _figures(system: System, taken: Sequence[Mapping[str, Any]], queries: int) -> Iterator[Figure]:
    settings = {"queries": queries, "ranked": N_RANKED, "order": system.order}
    for metric, unit, found in (
        ("ranking_metrics", "s", [run["load"] + run["evaluate"] for run in taken]),
        ("load", "s", [run["load"] for run in taken]),
        ("peak_memory", "MB", [run["peak_memory"] for run in taken]),
    ):
        yield Figure(BENCH, system.name, metric, median(found), unit, len(taken), settings)


if __name__ == "__main__":
    main()
