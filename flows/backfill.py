"""Backfill: days that were measured before, staged and measured again from what was pulled."""

from datetime import date

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from bentos.registry import SCENARIOS
from flows.days import days_between
from flows.embeddings import compare_embeddings
from flows.incidents.telling import RECENT_DAYS, tell_incidents
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.data_quality import SHOP
from warehouse.nights import mark_due, measure_nights, measure_shop_nights
from warehouse.publish import publish
from warehouse.served import stage_day
from warehouse.staging import stage_events


@flow(name="backfill")
def backfill_flow(first: date, last: date) -> int:
    """Stages and measures the days from ``first`` to ``last`` again, and every night since then.

    Where nothing was wrong before, the same tables come out. Nothing is pulled, decided or trained.
    Returns how many days that were.

    Raises:
        DaysBackwards: as `days_between` does.
    """
    days = days_between(first, last)
    measure_days(Settings(), days)
    return len(days)


@task(tags=[TAG], cache_policy=NO_CACHE)
def measure_days(settings: Settings, days: list[date]) -> None:
    """Stages days from the rows that were pulled, and has their nights measured."""
    with writable_warehouse(settings, f"backfill {days[0]} to {days[-1]}") as connection:
        for day in days:
            stage_events(connection, day)
            mark_due(connection, SHOP, day)
            for scenario in SCENARIOS:
                mark_due(connection, scenario, day)
                stage_day(connection, scenario, day)
            get_run_logger().info("staged %s", day)
        measure_shop_nights(connection, days[-1])
        for scenario in SCENARIOS:
            get_run_logger().info("measures %s", scenario)
            measure_nights(connection, scenario, days[-1])
            compare_embeddings(connection, settings, scenario, days[-1], get_run_logger())
            tell_incidents(connection, scenario, days[-1], len(days) + RECENT_DAYS)
        publish(connection, settings.published)
