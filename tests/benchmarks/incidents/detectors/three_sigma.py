"""Three standard deviations of each metric: what anybody would build on a Friday."""

from datetime import date
from pathlib import Path

from tests.benchmarks.incidents.detectors.detector import Incident
from warehouse.connection import Connection

_OUTSIDE = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class ThreeSigma:
    """It knows no weekdays, no causes, and forgets what it said the night before."""

    def remember(self, connection: Connection, night: date) -> None:
        """Nothing: the warehouse does."""

    def detect(self, connection: Connection, scenario: str, night: date) -> list[Incident]:
        """See `Detector`: one incident a night."""
        outside = connection.execute(_OUTSIDE, {"scenario": scenario, "night": night}).fetchall()
        if not outside:
            return []
        told = [
            f"{metric} is {value:.4g}, usually {mean:.4g}" for metric, value, mean, _ in outside
        ]
        return [Incident(night, "", "warning", "; ".join(told))]
