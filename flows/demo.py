"""The demo: everything up, one round on real data, a summary, and where to look next."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import typer

from flows.settings import Settings
from flows.sources import configured_source, take_from
from flows.supervisor import is_up, start, stop
from warehouse.sources import CompleteJourney


def bring_up(data: Path | None) -> None:
    """Starts everything, before anybody imports Prefect: it then asks the server for its runs."""
    if data is not None:
        take_from(data)
    os.environ["SHOPKEEPER_ALLOW_REPLAY"] = "true"
    settings = Settings()
    configured_source(settings)  # says at once what is wrong with it
    if not is_up(settings):
        start(settings)


def run_demo(first: date | None, days: int, stop_after: bool) -> None:
    """Runs the round; the processes stay up afterwards unless ``stop_after``."""
    from flows.console import print_places, print_summary
    from flows.round import round_flow

    settings = Settings()
    began = time.monotonic()
    round_flow(first or _first_day(settings, days), days)
    print_summary(settings)
    typer.echo(f"The round took {time.monotonic() - began:.0f} s.")
    if stop_after:
        stop(settings)
    else:
        print_places(settings)
        typer.echo("`shopkeeper down` stops it.")


def _first_day(settings: Settings, days: int) -> date:
    """Complete Journey's middle cut, which its report is about; else the last days there are."""
    source = configured_source(settings)
    if isinstance(source, CompleteJourney):
        return source.evaluation_cuts[1]
    closes = source.opening.closes if source.opening else None
    return (closes or datetime.now(UTC).date()) - timedelta(days=days)
