"""What was served and what came of it: from the rows of the logs to tables by day.

Every step replaces what it made before for the same day, in one transaction, so that a night can
be run again, or again after it was killed, with the same result.
"""

from datetime import date, timedelta

from warehouse.connection import Connection, transaction
from warehouse.delays import attribution_days
from warehouse.raw import raw_to_stage
from warehouse.statements import run


def days_to_measure(connection: Connection, scenario: str, before: date) -> list[date]:
    """The days before a date that lines came for since they were measured, oldest first."""
    days = run(connection, "raw/days_to_measure", scenario=scenario, day=before)
    return [day for (day,) in days.fetchall()]


def stage_day(connection: Connection, scenario: str, day: date) -> None:
    """Stages a day's requests, what was ranked for them, and all that is known to have followed."""
    asked = {"scenario": scenario, "day": day}
    until = day + looked_back(connection)
    followed = {"first": day, "last": day, "from_day": day, "to_day": until}
    with raw_to_stage(connection, scenario, day), transaction(connection):
        run(connection, "served/forget_outcomes", scenario=scenario, **followed)
        for table in ("candidates", "requests"):
            run(connection, f"served/forget_{table}", **asked)
        for table in ("lines", "requests", "candidates"):
            run(connection, f"served/{table}", **asked)
        run(connection, "served/outcomes", scenario=scenario, **followed)


def stage_outcomes(connection: Connection, scenario: str, day: date) -> None:
    """Gives a day's events to the requests, of that day and before it, that they followed."""
    first = day - looked_back(connection)
    followed = {"first": first, "last": day, "from_day": day, "to_day": day}
    with transaction(connection):
        run(connection, "served/forget_outcomes", scenario=scenario, **followed)
        run(connection, "served/outcomes", scenario=scenario, **followed)


def looked_back(connection: Connection) -> timedelta:
    """How long after a request something may still count as an outcome of it."""
    return timedelta(days=max(attribution_days(connection).values()))
