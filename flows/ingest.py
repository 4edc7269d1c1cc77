"""Ingest: the source's files to ``raw_*``, the checks, and from what passed to ``stg_*``."""

from datetime import UTC, date, datetime, timedelta

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from data_checks import Calendar, CheckReport, Scope
from flows.checks import run_checks
from flows.progress import track
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from flows.sources import configured_source
from warehouse.judgments import (
    derive_from_catalogue,
    derive_from_clicks,
    judged_by_people,
    stage_judgments,
)
from warehouse.sources.base import Opening, Source, ingest
from warehouse.staging import let_in, stage_events, stage_products, stage_promotions

CHECKED_TABLES = ("raw_products", "raw_events", "raw_promotions", "raw_judgments")
FEEDBACK = "feedback"  # the source under which events from the feedback log are kept


@flow(name="ingest", log_prints=False)
def ingest_flow(day: date | None = None) -> dict[str, int]:
    """Brings the configured source up to date: all of it, or one day's drop."""
    settings = Settings()
    counts = load_raw(settings, day)
    check_raw(settings, day)
    stage(settings, day)
    return counts


@flow(name="validate")
def validate_flow() -> list[CheckReport]:
    """Checks what ``raw_*`` hold of the configured source, and stages it again."""
    settings = Settings()
    reports = check_raw(settings, None)
    stage(settings, None)
    return reports


@task(tags=[TAG], cache_policy=NO_CACHE)
def load_raw(settings: Settings, day: date | None) -> dict[str, int]:
    """Replaces the source's raw rows, in one transaction."""
    source = configured_source(settings)
    with writable_warehouse(settings, "ingest") as connection:
        return ingest(connection, source, day, track(f"Loading {source.name}"))


@task(tags=[TAG], cache_policy=NO_CACHE)
def check_raw(settings: Settings, day: date | None) -> list[CheckReport]:
    """Runs the suites; what they tolerate goes to quarantine, what they don't stops the flow."""
    source = configured_source(settings)
    with writable_warehouse(settings, "validate") as connection:
        batch = None if day is None else day.isoformat()
        scope = Scope(
            source=source.name,
            as_of=_as_of(source.opening, day),
            calendar=_calendar(source.opening) if source.opening else None,
            batches=None if batch is None else (batch,),
        )
        checks = ((table, scope) for table in track("Checking")(checked_tables(source, day)))
        reports = run_checks(settings, connection, checks, "checks.html")
        let_in(connection, source.name, batch)
    return reports


@task(tags=[TAG], cache_policy=NO_CACHE)
def stage(settings: Settings, day: date | None) -> None:
    """Stages what is not in quarantine."""
    with writable_warehouse(settings, "stage") as connection:
        stage_products(connection)
        stage_events(connection, day)
        if day is None:
            stage_promotions(connection)
            stage_judgments(connection)
            if not judged_by_people(connection):
                derive_from_clicks(connection)
                derive_from_catalogue(connection)


def checked_tables(source: Source, day: date | None) -> list[str]:
    """What the source brings, of a day its events alone. None is no failure where none come."""
    tables = CHECKED_TABLES if day is None else ("raw_events",)
    return [table for table in tables if table in source.tables]


def _as_of(opening: Opening | None, day: date | None) -> datetime:
    last = day or (opening.closes if opening else None)
    if last is None:
        return datetime.now(UTC).replace(tzinfo=None)
    return datetime.combine(last + timedelta(days=1), datetime.min.time())


def _calendar(opening: Opening) -> Calendar:
    return Calendar(
        opens=opening.opens,
        closes=opening.closes,
        closed_weekdays=opening.closed_weekdays,
        closed_dates=opening.closed_dates,
    )
