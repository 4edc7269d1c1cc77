"""Data quality: what a day's events and requests show of themselves, whatever is made of them."""

from datetime import date

from warehouse.connection import Connection, transaction
from warehouse.statements import run

SHOP = "shop"  # whose the events are, as no scenario owns them

_OF_CATALOGUE = ("forget_catalogue", "remember_catalogue")
_OF_EVENTS = (
    *("remember_arrivals", "forget", "day_events", "event_volumes", "event_shares", "prices"),
    "new_products",
    *("take_catalogue", "catalogue", "event_hours", "silent_hours", "shifted_hours"),
    *("event_parts", "silent_parts", "quarantined"),
)
_OF_REQUESTS = (
    *("remember_versions", "forget_lists", "remember_lists", "forget"),
    *("request_shares", "lists", "events_per_request"),
    *("request_hours", "silent_hours", "request_parts", "silent_parts"),
)


def remember_catalogue(connection: Connection, day: date) -> None:
    """Remembers the catalogue as the night of a day finds it; of an earlier day what was found."""
    _measure(connection, _OF_CATALOGUE, SHOP, day)


def measure_events(connection: Connection, day: date) -> None:
    """Measures the staged events of a day anew, and its catalogue, against four weeks before."""
    _measure(connection, _OF_EVENTS, SHOP, day)


def measure_requests(connection: Connection, scenario: str, day: date) -> None:
    """Measures the requests of a day anew, whose metrics are stored and whose robots are known."""
    _measure(connection, _OF_REQUESTS, scenario, day)


def _measure(connection: Connection, steps: tuple[str, ...], scenario: str, day: date) -> None:
    with transaction(connection):
        for step in steps:
            run(connection, f"quality/{step}", scenario=scenario, day=day, shop=SHOP)
