"""What nights learn of clicks, against the truth of simulated worlds.

How far examination is from the true position bias over the first ten ranks, by policy and bias;
beside it what scores alone say, and clicks as they are. Then how often the estimates of open days
hold what came, and how wide they are: in a simulated world, and on real trips of Complete Journey
that a recommender answers which was trained before them. Beside them the floor: the mean of the
closed days, give or take two of their standard deviations.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from flows.environment import prepare
from flows.settings import Settings
from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.simulation.clicks import PBM, power_bias
from tests.simulation.policies import Greedy, PlackettLuce, Policy, Swap
from tests.simulation.shop import Shop, complete_journey, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import (
    Staged,
    estimating_night,
    simulated_day,
    stage,
    stage_simulated,
    unstage,
    warehouse_for,
    warehouse_of,
)
from tests.simulation.world import World
from warehouse.answers import know_day
from warehouse.clicks import clicks_of_late, count_day
from warehouse.connection import Connection
from warehouse.examination import by_score, learn

BENCH = "clicks"
POLICIES: tuple[Policy, ...] = (Greedy(), Swap(0.1), PlackettLuce())
BIASES = (0.5, 1.0, 2.0)

_REMEMBER = """
    insert or ignore into came
    select metric, day, value from closed_values where variant = 'champion'
"""
# Of each day what was said on its evening; the floor from the days that it was learnt from.
_HELD = """
    with said as (
        select metric, day, value, low, high, came
        from label_free_estimates
        where came is not null and variant = 'champion' and as_of = day
    ),
    of_days as (
        select
            said.metric,
            said.day,
            avg(closed.came) as value,
            avg(closed.came) - 2 * stddev(closed.came) as low,
            avg(closed.came) + 2 * stddev(closed.came) as high,
            any_value(said.came) as came
        from said
        join came as closed
            on said.metric = closed.metric
            and closed.day <= said.day - if(said.metric = 'ctr@10', 1, 7)
            and closed.day > said.day - 35
        group by said.metric, said.day
    ),
    systems as (
        select 'shopkeeper' as system, * from said
        union all by name
        select $floor as system, * from of_days
    )
    select
        system,
        metric,
        count(*),
        avg((came between low and high)::int),
        avg((high - low) / 2),
        avg((high - low) / 2 / came),
        avg(abs(value - came) / came)
    from systems
    group by system, metric
    order by metric, system desc
"""


def main() -> None:
    """All studies, or one."""
    arguments = _arguments()
    if arguments.study in (None, "position", "estimates"):
        _simulated(arguments)
    if arguments.study in (None, "trips"):
        _of_trips(arguments.cut, arguments.trip_days)


def _simulated(arguments: argparse.Namespace) -> None:
    shop = complete_journey() if arguments.shop == "complete-journey" else synthetic(1000, 300)
    world = World(requests_a_day=arguments.requests, shoppers=2 * len(shop.tastes))
    if arguments.study != "estimates":
        for policy in POLICIES:
            for eta in BIASES:
                of_policy = replace(world, policy=policy, clicks=PBM(power_bias(eta, 100)))
                name = f"{policy.name} {eta}"
                _recover(of_policy, shop, {"shop": arguments.shop, "policy and eta": name})
    if arguments.study != "position":
        _of_world(replace(world, days=arguments.days), shop, {"shop": arguments.shop})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    studies = ("position", "estimates", "trips")
    parser.add_argument("--study", choices=studies, help="only one of them")
    shops = ("complete-journey", "synthetic")
    parser.add_argument("--shop", choices=shops, default=shops[0])
    parser.add_argument("--requests", type=int, default=20_000, help="a day")
    parser.add_argument("--days", type=int, default=70, help="of estimates")
    cut = {"type": date.fromisoformat, "default": date(2017, 9, 4)}
    parser.add_argument("--cut", **cut, help="trips are answered from this day on: YYYY-MM-DD")
    parser.add_argument("--trip-days", type=int, default=119, help="of real trips")
    return parser.parse_args()


def _recover(world: World, shop: Shop, settings: dict[str, object]) -> None:
    """Four weeks of clicks, as known on the day after."""
    settings |= {"days": world.days, "requests": world.requests_a_day}
    say(f"examination: {settings}")
    connection, simulated = warehouse_for(shop), Simulated(world, shop)
    for day in world.all_days:
        stage_simulated(connection, simulated, day)
        know_day(connection, shop.scenario, day)
        count_day(connection, shop.scenario, day, day + timedelta(days=1))
        unstage(connection, day + timedelta(days=1))
    ranks, shown, contrasts = clicks_of_late(
        connection, shop.scenario, world.all_days[-1] + timedelta(days=1)
    )
    true = np.array(world.clicks.bias)[ranks - 1]
    clicks = shown.n_clicked.sum(axis=1)
    for system, found in {
        "shopkeeper": learn(shown, contrasts).probability,
        "scores alone": by_score(shown),
        FLOOR: clicks / clicks[0],
    }.items():
        error = np.abs(found / true - 1)
        n = int(clicks.sum())
        _show(system, "position_error", float(error.mean()), "share", n, settings)
        _show(system, "worst_position_error", float(error.max()), "share", n, settings)


def _of_world(world: World, shop: Shop, settings: dict[str, object]) -> None:
    settings |= {"days": world.days, "requests": world.requests_a_day}
    connection, simulated = warehouse_for(shop), Simulated(world, shop)
    days = ((day, simulated_day(simulated, day)) for day in world.all_days)
    _estimate(connection, shop.scenario, days, settings)


def _of_trips(cut: date, days: int) -> None:
    home = Settings()
    prepare(home)  # before Prefect is imported

    from tests.benchmarks import trips

    tag = trips.recommender(home, cut)
    connection = warehouse_of(trips.recommendable(home))
    answered = trips.answered(home, tag, cut, days)
    _estimate(connection, trips.SCENARIO, answered, {"trips from": f"{cut}", "days": days})


def _estimate(
    connection: Connection,
    scenario: str,
    days: Iterable[tuple[date, Iterable[Staged]]],
    settings: dict[str, object],
) -> None:
    """Night after night; of the champion, on the evening of the day itself."""
    say(f"estimates: {settings}")
    connection.execute(
        "create table came (metric text, day date, came double, primary key (metric, day))"
    )
    for day, parts in days:
        for part in parts:
            stage(connection, part)
        estimating_night(connection, scenario, day)
        connection.execute(_REMEMBER)
        unstage(connection, day - timedelta(days=7))
    held = connection.execute(_HELD, {"floor": FLOOR}).fetchall()
    for system, metric, n, share, half, relative, off in held:
        of_metric = settings | {"metric": metric}
        _show(system, "estimates_held", share, "share", n, of_metric)
        _show(system, "estimates_half_width", half, metric, n, of_metric)
        _show(system, "estimates_relative_half_width", relative, "share", n, of_metric)
        _show(system, "estimates_relative_error", off, "share", n, of_metric)


def _show(
    system: str, metric: str, value: float, unit: str, n: int, settings: dict[str, object]
) -> None:
    show(Figure(BENCH, system, metric, value, unit, n, settings))


if __name__ == "__main__":
    main()
