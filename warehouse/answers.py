"""A day's answers: those of which metrics are made, whatever is then counted of them."""

from datetime import date

from warehouse.connection import Connection
from warehouse.statements import run


def take_answers(connection: Connection, scenario: str, day: date) -> None:
    """``day_answers`` become the answers of a staged day."""
    run(connection, "answers/of_day", scenario=scenario, day=day, since=None, as_of=None)


def take_followed(
    connection: Connection, scenario: str, day: date, since: date, as_of: date
) -> None:
    """``day_answers`` become those that something followed after ``since``, by ``as_of``."""
    run(connection, "answers/of_day", scenario=scenario, day=day, since=since, as_of=as_of)
