"""Crossed segments: a day's sums by each segment of its answers, and each two of them.

Counted beside the day's partials (`warehouse/partials.py`), from the same answers and what followed
them; where a change comes from is told from them (`warehouse/changes.py`).
"""

from datetime import date

from warehouse.connection import Connection
from warehouse.statements import run

KEEP_CROSSES = ("crosses/forget", "crosses/keep")


def add_crosses(connection: Connection, scenario: str, day: date) -> None:
    """Adds up anew what is known of a day's answers as soon as it is over."""
    run(connection, "crosses/forget", scenario=scenario, first=day, last=day)
    run(connection, "crosses/add_day", scenario=scenario, day=day)


def cross_followed(connection: Connection, sign: int) -> None:
    """Adds what followed answers to what is renewed, or with a ``sign`` of -1 takes it away."""
    run(connection, "crosses/count_followed", sign=sign)
    run(connection, "crosses/add")


def cross_clicks(connection: Connection) -> None:
    """Adds what was measured of each answer's clicks."""
    run(connection, "crosses/count_clicks")
    run(connection, "crosses/add")
