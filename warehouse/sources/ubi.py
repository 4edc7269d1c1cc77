"""User Behavior Insights: logged queries and events, JSON lines in UBI's schema 1.3.

https://github.com/o19s/ubi
"""

from datetime import date
from pathlib import Path

from warehouse.sources.base import Load, existing

_QUERIES, _EVENTS = "ubi_queries.jsonl", "ubi_events.jsonl"


class Ubi:
    """What shoppers searched for, saw, clicked and bought. The products are those that they met."""

    name = "ubi"
    tables = ("raw_products", "raw_queries", "raw_events")
    files = (_QUERIES, _EVENTS)
    opening = None  # the logs don't say when the shop is open
    evaluation_cuts = ()

    def __init__(self, folder: Path) -> None:
        """Reads the two files of ``folder`` at the time of each load."""
        self._folder = folder

    def loads(self, day: date | None) -> list[Load]:
        """All of the logs, or one day's lines."""
        queries = existing(self._folder / _QUERIES, "UBI's queries")
        events = existing(self._folder / _EVENTS, "UBI's events")
        of_day = day.isoformat() if day else None
        parameters = {"queries": queries, "events": events, "day": of_day}
        return [
            Load("raw_products", "sources/ubi/raw_products", parameters),
            *log_loads(queries, events, of_day),
        ]


def log_loads(queries: str, events: str, day: str | None) -> list[Load]:
    """The statements that bring logged queries and events from files or globs of files."""
    return [
        Load("raw_queries", "sources/ubi/raw_queries", {"queries": queries, "day": day}),
        Load("raw_events", "sources/ubi/raw_events", {"events": events, "day": day}),
    ]
