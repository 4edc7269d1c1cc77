"""What was asked for and chosen as models see it: nights hold it against earlier weeks."""

from collections.abc import Sequence
from datetime import date
from logging import Logger, LoggerAdapter

from bentos.registry import scenario as scenario_named
from bentos.scenario import Embeds
from bentos.serving.errors import ModelUnloadable, StateMissing
from bentos.serving.state import current_version, read_state
from bentos.serving.store import model_folder
from flows.settings import Settings
from warehouse.connection import Connection
from warehouse.embedding_drift import Vectors
from warehouse.embedding_nights import LEAST
from warehouse.nights import measure_embedding_nights

Log = Logger | LoggerAdapter[Logger]


def compare_embeddings(
    connection: Connection, settings: Settings, scenario: str, day: date, log: Log
) -> None:
    """Compares those of the nights that were measured since this was last done.

    A night of which there is nothing to compare is told of in the log, and nothing more.
    """

    def embed(model_tag: str, asked: Sequence[str]) -> Vectors | None:
        model = scenario_named(scenario)
        if not isinstance(model, Embeds):
            log.info("models of %s have no embeddings to compare", scenario)
            return None
        states = settings.home / "online_state"
        try:
            state = read_state(states, current_version(states))
            return model.embeddings(asked, model_folder(model_tag), state)
        except (ModelUnloadable, StateMissing) as error:
            log.warning("the embeddings of %s are not compared: %s", scenario, error)
            return None

    for night, drifted in measure_embedding_nights(connection, scenario, day, embed).items():
        if drifted is None:
            log.info(
                "embeddings of %s on %s are not compared: it takes a champion, and %s that were "
                "asked for on the day and as many on that weekday before",
                *(scenario, night, LEAST),
            )
