"""Data quality: what a day's events and requests show of themselves, whatever is made of them."""

from datetime import date

from warehouse.connection import Connection, transaction
from warehouse.statements import run

SHOP = "shop"  # whose the events are, as no scenario owns them

_OF_EVENTS = (
    "event_volumes",
    "event_shares",
    "prices",
    "new_products",
    "silent_hours",
    "silent_stores",
)
_OF_REQUESTS = ("request_shares", "silent_request_hours", "silent_segments")


def measure_events(connection: Connection, day: date) -> None:
    """Measures the staged events of a day anew, against those of the four weeks before it."""
    _measure(connection, _OF_EVENTS, SHOP, day)


def measure_requests(connection: Connection, scenario: str, day: date) -> None:
    """Measures the requests of a day anew, whose metrics are stored and whose robots are known."""
    _measure(connection, _OF_REQUESTS, scenario, day)


def _measure(connection: Connection, measures: tuple[str, ...], scenario: str, day: date) -> None:
    with transaction(connection):
        for step in ("forget", *measures):
            run(connection, f"quality/{step}", scenario=scenario, day=day)
