"""False alerts: nights over a simulated world in which nothing goes wrong.

Traffic follows weekdays and the year, and grows; promotions change by the week. Every night is
measured as in the product, from staged days on; each alert of it is a false one. Said are the days
with one a month and the alerts a month, over all series that the nights judge, and what judging
costs a night in processor time.
"""

import argparse
import time
from dataclasses import replace
from datetime import date, timedelta

from tests.benchmarks.figures import Figure, say, show
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import stage_simulated, unstage, warehouse_for
from tests.simulation.world import World
from warehouse.alerts import judge_series
from warehouse.bands import LEAST_DAYS
from warehouse.connection import Connection
from warehouse.nights import measure_nights
from warehouse.served import looked_back

BENCH = "alerts"
MONTH = 30

# What followed becomes events, which nights give to requests again as it happens.
_EVENTS = """
    insert into stg_events by name
    select
        outcomes.*,
        outcomes.occurred_at as logged_at,
        user_id,
        user_id || requests.occurred_at::date as session_id,
        'simulated' as source
    from outcomes
    join served_requests as requests using (request_id)
    where requests.occurred_at >= $1::date
"""
_FORGET = "delete from outcomes where request_id in (from asked)"
_ASKED = """
    create or replace temp table asked as
    select request_id from served_requests where occurred_at >= $1::date
"""
_SUMMARY = """
    select
        count(distinct as_of) filter (where direction is not null),
        count(*) filter (where direction is not null),
        count(distinct as_of),
        count(*)
    from alerts
    where low is not null
"""
_SAID = """
    select "day", metric, segment, value, low, expected, high from alerts
    where as_of = $1 and direction is not null order by all
"""


def main() -> None:
    """A world of so many days, each of about so many requests."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--days", type=int, default=365 + LEAST_DAYS)
    parser.add_argument("--requests", type=int, default=2000, help="a day, on average")
    parser.add_argument("--growth", type=float, default=0.5, help="of traffic, in a year")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    shop = synthetic()
    world = World(
        days=arguments.days,
        requests_a_day=arguments.requests,
        shoppers=arguments.requests // 5,
        seed=arguments.seed,
    )
    connection = warehouse_for(shop)
    connection.execute(
        "update stg_products set category = 'c' || rowid % 7, brand = 'b' || rowid % 5"
    )
    seconds = []
    for number, day in enumerate(world.all_days):
        grown = round(world.requests_a_day * (1 + arguments.growth) ** (number / 365))
        _night(connection, Simulated(replace(world, requests_a_day=grown), shop), day)
        began = time.process_time()
        alerts = judge_series(connection, shop.scenario, day)  # again: the same rows
        seconds.append(time.process_time() - began)
        if alerts:
            for row in connection.execute(_SAID, [day]).fetchall():
                say(f"{day}: {row}")
        elif number % 10 == 0:
            say(f"{day}: nothing")
    settings = dict(vars(arguments))
    _show(connection, seconds, settings)


def _night(connection: Connection, simulated: Simulated, day: date) -> None:
    stage_simulated(connection, simulated, day)
    connection.execute(_ASKED, [day])
    connection.execute(_EVENTS, [day])
    connection.execute(_FORGET)
    measure_nights(connection, simulated.shop.scenario, day)
    unstage(connection, day - looked_back(connection) - timedelta(days=1))


def _show(connection: Connection, seconds: list[float], settings: dict[str, object]) -> None:
    ((days, alerts, nights, judged),) = connection.execute(_SUMMARY).fetchall()
    settings |= {"series": judged // nights}
    for metric, value, unit, n in (
        ("false_days_a_month", MONTH * days / nights, "days", nights),
        ("false_alerts_a_month", MONTH * alerts / nights, "alerts", nights),
        ("judging", sorted(seconds)[len(seconds) // 2], "CPU s", len(seconds)),
    ):
        show(Figure(BENCH, "shopkeeper", metric, value, unit, n, settings))


if __name__ == "__main__":
    main()
