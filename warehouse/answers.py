"""Answers of days: those of which metrics are made, whatever is then counted of them."""

from collections.abc import Mapping
from datetime import date, timedelta
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
    """``day_answers`` become the answers of a staged day, in their segments; see `take_counted`."""
    take_counted(connection, scenario, day)
    _with_segments(connection, scenario, Days(day, day))


def take_counted(connection: Connection, scenario: str, day: date) -> None:
    """``counted_answers`` become the answers of a staged day that is known (`know_day`)."""
    asked = {"scenario": scenario, "first": day, "last": day}
    run(connection, "answers/of_days", since=None, as_of=day, **asked)


def take_followed(
    connection: Connection, scenario: str, since: Mapping[date, date], as_of: date
) -> None:
    """The same tables become those of some days that something followed by the end of ``as_of``.

    Of a day that was counted up to the end of another one, ``since``, they are taken as they are,
    and, to be taken away again, as they were. Days between those are read, too.
    """
    days = Days(min(since), max(since))
    ends = [
        since.get(days.first + timedelta(days=n)) for n in range((days.last - days.first).days + 1)
    ]
    asked = {"scenario": scenario, "since": ends, "as_of": as_of}
    run(connection, "answers/of_days", **asked, **days._asdict())
    _with_segments(connection, scenario, days)


def _with_segments(connection: Connection, scenario: str, days: Days) -> None:
    run(connection, "answers/with_segments", scenario=scenario, **days._asdict())
