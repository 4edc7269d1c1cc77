"""The whole round: what `shopkeeper demo` runs."""

from datetime import date, timedelta

from prefect import flow

from bentos.registry import SCENARIOS
from flows.ingest import ingest_flow
from flows.nightly import nightly_flow
from flows.replay import replay_day
from flows.report import report_flow
from flows.retrain import retrain_flow
from flows.settings import Settings


@flow(name="round")
def round_flow(first: date, days: int) -> None:
    """Ingests, trains and deploys a first model, then lives through ``days`` real days."""
    ingest_flow()
    for scenario in SCENARIOS:
        retrain_flow(scenario, as_of=first, why="the first model")
    for day in (first + timedelta(days=n) for n in range(days)):
        replay_day(Settings(), day)
        nightly_flow(day)
    report_flow()
