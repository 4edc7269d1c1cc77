"""Answers of days: those of which metrics are made, whatever is then counted of them."""

from datetime import date
from typing import NamedTuple

from warehouse.connection import Connection, transaction
from warehouse.statements import run


class Days(NamedTuple):
    """Days that follow each other, both ends among them."""

    first: date
    last: date


def know_day(connection: Connection, scenario: str, day: date) -> None:
    """Remembers what a day's metrics ask of those who asked, once the day is over.

    Who was a robot, what users had bought before, and which callers' contexts are segments: so it
    stays while the day matures.
    """
    with transaction(connection):
        for known in ("robots", "contexts", "activities"):
            for step in ("forget", "add"):
                run(connection, f"answers/{step}_{known}", scenario=scenario, day=day)


def take_answers(connection: Connection, scenario: str, day: date) -> None:
    """``day_answers`` become the answers of a staged day that is known (`know_day`)."""
    _take(connection, scenario, Days(day, day), since=None, as_of=None)


def take_followed(
    connection: Connection, scenario: str, days: Days, since: date, as_of: date
) -> None:
    """``day_answers`` become those that something followed after ``since``, by ``as_of``."""
    _take(connection, scenario, days, since, as_of)


def _take(
    connection: Connection, scenario: str, days: Days, since: date | None, as_of: date | None
) -> None:
    asked = {"scenario": scenario, "since": since, "as_of": as_of} | days._asdict()
    run(connection, "answers/of_days", **asked)
