"""What a detector is: it looks at a warehouse after a night, and says what is wrong."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from warehouse.connection import Connection


@dataclass(frozen=True)
class Incident:
    """Something that an engineer would be told of."""

    first_day: date
    cause: str  # a label, or none
    severity: str
    sentence: str


class Detector(Protocol):
    """A system that is measured."""

    def remember(self, connection: Connection, night: date) -> None:
        """Keeps what it needs of the night before the first one that it is asked about."""

    def detect(self, connection: Connection, scenario: str, night: date) -> list[Incident]:
        """What it says as of a night's end, the worst first; later nights are not looked at.

        Nights come one after another.
        """
