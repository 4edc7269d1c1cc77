"""From ``raw_*`` to ``stg_*``: what passed its checks, renamed, typed, each event once."""

from datetime import date, datetime, timedelta

from warehouse.connection import Connection, transaction
from warehouse.statements import run

_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)


def stage_products(connection: Connection) -> None:
    """Stages the whole catalogue again: products are few."""
    run(connection, "staging/stg_products")


def stage_promotions(connection: Connection) -> None:
    """Counts what stores have in their mailers, after promotions were loaded."""
    run(connection, "staging/mailer_weeks")


def let_in(connection: Connection, source: str, batch: str | None = None) -> None:
    """Says that all of a source's events, or those of one batch, have passed their check."""
    run(connection, "staging/let_in", source=source, batch=batch)


def stage_events(
    connection: Connection, first: date | None = None, last: date | None = None
) -> None:
    """Stages the events of the days ``first`` to ``last`` again; of every day by default.

    With ``first`` alone, that one day.
    """
    last = last or first or _LAST_DAY
    span = {
        "from_at": datetime.combine(first or _FIRST_DAY, datetime.min.time()),
        "to_at": datetime.combine(last + timedelta(days=1), datetime.min.time()),
    }
    with transaction(connection):
        run(connection, "staging/forget_events", **span)
        run(connection, "staging/stg_events", **span)
