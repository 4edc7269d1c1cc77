"""What a service wants people to look at: a line each, for the night and for whoever watches."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bentos.serving.errors import LogUnwritable
from bentos.serving.jsonl import JsonLinesWriter

_log = logging.getLogger("bentoml.shopkeeper")


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs a person."""

    alert_id: str
    scenario: str
    kind: str
    raised_at: datetime
    message: str


class Alerts:
    """The alerts of one service."""

    def __init__(self, folder: Path, scenario: str) -> None:
        """The first alert makes the first segment."""
        self._scenario = scenario
        self._writer = JsonLinesWriter(folder)

    def swap_failed(self, message: str) -> None:
        """A model or state could not be taken into service."""
        alert = Alert(str(uuid4()), self._scenario, "swap_failed", datetime.now(UTC), message)
        try:
            self._writer.append([alert])
        except LogUnwritable as error:
            _log.error("nobody else was told: %s", error)

    def close(self) -> None:
        """Closes the segment."""
        self._writer.close()
