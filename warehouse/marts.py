"""Marts as Arrow tables: what models are trained on, and what the online state is made of."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from warehouse.connection import Connection
from warehouse.statements import run


def training_rows(connection: Connection, scenario: str, as_of: date) -> pa.Table:
    """What the scenario's model may learn from: all of it happened before ``as_of``."""
    return run(connection, f"marts/training_{scenario}", as_of=as_of).to_arrow_table()


def promotions_in_force(connection: Connection, as_of: date, weeks: int) -> pa.Table:
    """What stores promote on the day and on every seventh day before it, ``weeks`` in all."""
    return run(connection, "marts/promotions_in_force", as_of=as_of, weeks=weeks).to_arrow_table()


def mailer_shares(connection: Connection, as_of: date) -> pa.Table:
    """In which share of stores products are in the mailer, the same days, as far back as known."""
    return run(connection, "marts/mailer_shares", as_of=as_of).to_arrow_table()


def catalogue(connection: Connection) -> pa.Table:
    """Every product, in the order of their identifiers."""
    return run(connection, "marts/catalogue").to_arrow_table()


@dataclass(frozen=True)
class ShoppingTrip:
    """A user's purchases of a day, as feedback events, and when the first of them happened."""

    user_id: str
    arrived_at: datetime
    events: list[dict[str, Any]]


def shopping_trips(connection: Connection, day: date) -> list[ShoppingTrip]:
    """Everybody's purchases of a day, in the order of their arrival."""
    rows = run(connection, "marts/shopping_trips", day=day).fetchall()
    return [ShoppingTrip(*row) for row in rows]


@dataclass(frozen=True)
class Search:
    """Something typed into the search box, and the purchases (event ids) that came of it."""

    user_id: str | None
    query: str
    arrived_at: datetime
    events: list[str]


def searches(connection: Connection, day: date) -> list[Search]:
    """What a replay of a day searches for, in the order of arrival."""
    rows = run(connection, "marts/searches", day=day).to_arrow_table().to_pylist()
    return [Search(**row) for row in rows]
