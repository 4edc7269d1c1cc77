"""Shopkeeper: the incidents that a night tells."""

from datetime import date

from flows.incidents.telling import tell_incidents
from flows.policies.incidents import SEVERITIES
from tests.benchmarks.incidents.detectors.detector import Incident
from warehouse.connection import Connection


class Shopkeeper:
    """What `flows.nightly` does once a scenario is measured."""

    def remember(self, connection: Connection, night: date) -> None:
        """Nothing: the warehouse does."""

    def detect(self, connection: Connection, scenario: str, night: date) -> list[Incident]:
        """See `Detector`: the incidents that are open."""
        told = [each for each in tell_incidents(connection, scenario, night) if each.is_open]
        return [
            Incident(each.first_day, each.cause, each.severity, each.sentence)
            for each in sorted(told, key=lambda each: SEVERITIES.index(each.severity), reverse=True)
        ]
