"""Recommendation beside its peers: the week after each cut, the whole catalogue ranked.

Prints a row a ranker and segment, as `shopkeeper evaluate recommend --json` does, and then figures:
ndcg@10 and the seconds of each system at each cut, what separates us from the best other one, and
the mean relative gain over the cuts. Peers run in environments of their own, one after another at
each cut, and are measured by the same statements on the same queries.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from flows.environment import prepare
from flows.settings import Settings
from tests.benchmarks.environments import environment, peer_names
from tests.benchmarks.exchange import Ranking, export, rank_with
from tests.benchmarks.figures import say, show, show_object
from tests.benchmarks.gains import OURS, Measurement, figures
from warehouse.evaluation import Evaluation, best_half_life

SCENARIO = "recommend"


def main() -> None:
    """Runs the benchmark as the command line asks."""
    arguments = _arguments()
    settings = Settings()
    prepare(settings)  # before Prefect is imported

    from flows.evaluations import rows
    from flows.ingest import ingest_flow
    from flows.sources import configured_source

    if not settings.warehouse.exists():
        ingest_flow()
    cuts = arguments.cut or configured_source(settings).evaluation_cuts
    systems = arguments.only or [OURS, *peer_names()]
    home = settings.home / "bench"
    pythons = {name: environment(name, home) for name in systems if name != OURS}
    measured = []
    for place, cut in enumerate(cuts):
        turn = place % len(systems)  # nobody always goes first
        order = [*systems[turn:], *systems[:turn]]
        measured.append(_measure(settings, cut, order, pythons, arguments.seed))
        for row in rows(measured[-1].result):
            show_object(row)
    for figure in figures(SCENARIO, measured):
        show(figure)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.recommend",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    day = date.fromisoformat
    parser.add_argument("--cut", type=day, action="append", help="YYYY-MM-DD; may be repeated")
    parser.add_argument(
        "--only",
        choices=[OURS, *peer_names()],
        action="append",
        help="measure this one beside the baselines; may be repeated",
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _measure(
    settings: Settings,
    cut: date,
    systems: Sequence[str],
    pythons: Mapping[str, Path],
    seed: int,
) -> Measurement:
    """Every system on the days after a cut, in the order given."""
    from flows.evaluate import DAYS, Result
    from flows.slot import writable_warehouse

    folder = settings.home / "bench" / "data" / cut.isoformat()
    with writable_warehouse(settings, "bench-recommend") as connection:
        evaluation = Evaluation(connection, SCENARIO, cut, DAYS)
        half_life = best_half_life(connection, SCENARIO, cut - timedelta(days=DAYS), DAYS)
        export(connection, folder, cut, evaluation.queries)
    rankings: dict[str, Ranking] = {}
    for name in systems:
        say(f"{name} at {cut}")
        rankings[name] = (
            _ours(settings, cut, evaluation)
            if name == OURS
            else rank_with(name, pythons[name], folder, cut, seed)
        )
        evaluation.add_run(name, rankings[name].run)
    baselines = evaluation.add_baselines([half_life])
    others = [*baselines, *(name for name in systems if name != OURS)]
    result = Result(cut, evaluation.measure(), evaluation.per_query(), others)
    evaluation.close()
    return Measurement(result, baselines, rankings)


def _ours(settings: Settings, cut: date, evaluation: Evaluation) -> Ranking:
    from tests.benchmarks.shopkeeper import rank

    return rank(settings, cut, evaluation.queries, evaluation.product_segments)


if __name__ == "__main__":
    main()
