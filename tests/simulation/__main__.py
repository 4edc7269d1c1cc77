"""Writes a world: its logs to a home, or its requests to a service that runs, and its truth."""

import argparse
import sys
from datetime import date
from pathlib import Path

from flows.progress import track
from tests.simulation.clicks import DBN, PBM, Bias, Cascade, ClickModel, power_bias
from tests.simulation.dirt import Dirt
from tests.simulation.policies import Greedy, PlackettLuce, Policy, Swap
from tests.simulation.services import Driver, HttpServices, ServiceRefused, service_at
from tests.simulation.shop import Shop, chorus, complete_journey, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import Late, World
from tests.simulation.writing import WorldWriter
from warehouse.errors import WarehouseError

_POLICIES: dict[str, Policy] = {
    policy.name: policy for policy in (Greedy(), PlackettLuce(), Swap())
}
_DIRT = Dirt(duplicates=0.001, noise=0.001, restarts=2, old_services=1, skewed_services=1)
_LATE = Late(share=0.001)


def main() -> None:
    """Goes through a world's days."""
    arguments = _arguments()
    try:
        simulated = Simulated(_world(arguments), _shop(arguments))
        go = _drive(simulated, arguments) if arguments.url else _write(simulated, arguments)
    except (ServiceRefused, ValueError, WarehouseError) as error:
        sys.exit(f"tests.simulation: {error}")
    print(f"{go} requests", file=sys.stderr)  # noqa: T201


def _write(simulated: Simulated, arguments: argparse.Namespace) -> int:
    dirt = _DIRT if arguments.dirty else Dirt()
    writer = WorldWriter(simulated, arguments.home, arguments.truth, dirt)
    days = simulated.world.all_days
    return sum(writer.write_day(day) for day in track("Writing days")(days))


def _drive(simulated: Simulated, arguments: argparse.Namespace) -> int:
    services = HttpServices(simulated, service_at(arguments.url))
    driver = Driver(simulated, services, arguments.truth)
    days = simulated.world.all_days
    return sum(driver.drive_day(day) for day in track("Driving days")(days))


def _shop(arguments: argparse.Namespace) -> Shop:
    if arguments.shop == "chorus":
        return chorus(arguments.data)
    return complete_journey() if arguments.shop == "complete-journey" else synthetic()


def _world(arguments: argparse.Namespace) -> World:
    return World(
        seed=arguments.seed,
        start=arguments.start,
        days=arguments.days,
        requests_a_day=arguments.requests,
        shoppers=arguments.shoppers,
        services=arguments.services,
        limit=arguments.limit,
        pool=arguments.pool,
        clicks=_clicks(arguments.clicks, power_bias(arguments.eta, arguments.limit)),
        policy=_POLICIES[arguments.policy],
        late=_LATE if arguments.dirty else Late(),
    )


def _clicks(name: str, bias: Bias) -> ClickModel:
    if name == "cascade":
        return Cascade(bias)
    return DBN(bias) if name == "dbn" else PBM(bias)


def _arguments() -> argparse.Namespace:
    usual = World()
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("truth", type=Path, help="folder for the truth")
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--home", type=Path, help="folder for the logs, as SHOPKEEPER_HOME")
    to.add_argument("--url", help="a service to ask instead, such as http://127.0.0.1:3000")
    shops = ["synthetic", "complete-journey", "chorus"]
    parser.add_argument("--shop", choices=shops, default="synthetic", help="whose relevance")
    parser.add_argument("--data", type=Path, help="folder of Chorus' Parquet files")
    parser.add_argument("--start", type=date.fromisoformat, default=usual.start, help="first day")
    for name, value, says in (
        ("days", usual.days, "how many"),
        ("requests", usual.requests_a_day, "a day, of people"),
        ("shoppers", usual.shoppers, "people"),
        ("services", usual.services, "processes that log side by side"),
        ("limit", usual.limit, "products shown"),
        ("pool", usual.pool, "candidates logged"),
        ("seed", usual.seed, "same seed, same bytes"),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, help=says)
    clicks = ["pbm", "cascade", "dbn"]
    parser.add_argument("--clicks", choices=clicks, default="pbm", help="click model")
    parser.add_argument("--eta", type=float, default=1.0, help="position bias (1 / rank) ** eta")
    policies = list(_POLICIES)
    parser.add_argument("--policy", choices=policies, default="greedy", help="exploration")
    parser.add_argument(
        "--dirty", action="store_true", help="with lines that are late, torn, doubled or noise"
    )
    arguments = parser.parse_args()
    if arguments.shop == "chorus" and arguments.data is None:
        parser.error("--shop chorus needs --data, the folder of its Parquet files")
    return arguments


if __name__ == "__main__":
    main()
