"""The whole round: what `shopkeeper demo` runs."""

from datetime import date, timedelta

from prefect import flow
from prefect.logging import get_run_logger

from bentos.registry import SCENARIOS
from flows.errors import NothingToJudge
from flows.ingest import ingest_flow
from flows.nightly import nightly_flow
from flows.replay import replay_day
from flows.retrain import retrain_flow
from flows.settings import Settings


@flow(name="round")
def round_flow(first: date, days: int) -> None:
    """Ingests, trains and deploys first models, then lives through ``days`` real days.

    Raises:
        NothingToJudge: the shop's data can prove no model of any scenario.
    """
    ingest_flow()
    _first_models(first)
    for day in (first + timedelta(days=n) for n in range(days)):
        replay_day(Settings(), day)
        nightly_flow(day)


def _first_models(first: date) -> None:
    """A model of each scenario that the shop's data can prove one of."""
    refusals = []
    for scenario in SCENARIOS:
        try:
            retrain_flow(scenario, as_of=first, why="the first model")
        except NothingToJudge as error:
            get_run_logger().warning("%s goes without a model: %s", scenario, error)
            refusals.append(error)
    if len(refusals) == len(SCENARIOS):
        raise refusals[0]
