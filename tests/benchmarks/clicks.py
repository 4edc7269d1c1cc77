"""What nights learn of clicks, against the truth of simulated worlds.

How far examination is from the true position bias over the first ten ranks, by policy and bias;
beside it what scores alone say, and clicks as they are. Then how often the estimates of open days
hold what came, and how wide they are.
"""

import argparse
from dataclasses import replace
from datetime import timedelta

import numpy as np

from tests.benchmarks.figures import FLOOR, Figure, say, show
from tests.simulation.clicks import PBM, power_bias
from tests.simulation.policies import Greedy, PlackettLuce, Policy, Swap
from tests.simulation.shop import Shop, complete_journey, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import estimating_night, stage_simulated, unstage, warehouse_for
from tests.simulation.world import World
from warehouse.clicks import clicks_of_late, count_day
from warehouse.examination import by_score, learn

BENCH = "clicks"
POLICIES: tuple[Policy, ...] = (Greedy(), Swap(0.1), PlackettLuce())
BIASES = (0.5, 1.0, 2.0)

_HELD = """
    select
        metric,
        count(*),
        avg((came between low and high)::int),
        avg((high - low) / 2),
        avg((high - low) / 2 / came),
        avg(abs(value - came) / came)
    from label_free_estimates
    where came is not null and variant = 'champion' and as_of = day
    group by metric
    order by metric
"""


def main() -> None:
    """Both studies, or one."""
    arguments = _arguments()
    shop = complete_journey() if arguments.shop == "complete-journey" else synthetic(1000, 300)
    world = World(requests_a_day=arguments.requests, shoppers=2 * len(shop.tastes))
    if arguments.study != "estimates":
        for policy in POLICIES:
            for eta in BIASES:
                of_policy = replace(world, policy=policy, clicks=PBM(power_bias(eta, 100)))
                name = f"{policy.name} {eta}"
                _recover(of_policy, shop, {"shop": arguments.shop, "policy and eta": name})
    if arguments.study != "position":
        _estimate(replace(world, days=arguments.days), shop, {"shop": arguments.shop})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--study", choices=("position", "estimates"), help="only one of them")
    shops = ("complete-journey", "synthetic")
    parser.add_argument("--shop", choices=shops, default=shops[0])
    parser.add_argument("--requests", type=int, default=20_000, help="a day")
    parser.add_argument("--days", type=int, default=70, help="of estimates")
    return parser.parse_args()


def _recover(world: World, shop: Shop, settings: dict[str, object]) -> None:
    """Four weeks of clicks, as known on the day after."""
    settings |= {"days": world.days, "requests": world.requests_a_day}
    say(f"examination: {settings}")
    connection, simulated = warehouse_for(shop), Simulated(world, shop)
    for day in world.all_days:
        stage_simulated(connection, simulated, day)
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


def _estimate(world: World, shop: Shop, settings: dict[str, object]) -> None:
    """Night after night; of the champion, on the evening of the day itself."""
    settings |= {"days": world.days, "requests": world.requests_a_day}
    say(f"estimates: {settings}")
    connection, simulated = warehouse_for(shop), Simulated(world, shop)
    for day in world.all_days:
        stage_simulated(connection, simulated, day)
        estimating_night(connection, shop.scenario, day)
        unstage(connection, day - timedelta(days=7))
    for metric, n, held, half, relative, off in connection.execute(_HELD).fetchall():
        of_metric = settings | {"metric": metric}
        _show("shopkeeper", "estimates_held", held, "share", n, of_metric)
        _show("shopkeeper", "estimates_half_width", half, metric, n, of_metric)
        _show("shopkeeper", "estimates_relative_half_width", relative, "share", n, of_metric)
        _show("shopkeeper", "estimates_relative_error", off, "share", n, of_metric)


def _show(
    system: str, metric: str, value: float, unit: str, n: int, settings: dict[str, object]
) -> None:
    show(Figure(BENCH, system, metric, value, unit, n, settings))


if __name__ == "__main__":
    main()
