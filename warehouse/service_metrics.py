"""How a service did: what is counted of its requests by hour, of which days and weeks are sums.

A day's requests are read once. What comes after reads the partials, which are small whatever the
traffic (docs/metrics.md).
"""

from datetime import date, timedelta

from warehouse.connection import Connection, transaction
from warehouse.statements import run

# model_tag, variant, segment, metric, value, standard_error, n
ServiceRow = tuple[str, str, str, str, float, float | None, int]

_TO_SUNDAY = timedelta(days=6)


def measure_service(connection: Connection, scenario: str, day: date) -> list[ServiceRow]:
    """Counts a staged day anew, and returns what comes of it: over the day, and by its hours."""
    with transaction(connection):
        for partials in ("counts", "latency", "peaks"):
            run(connection, f"service/forget_{partials}", scenario=scenario, day=day)
            run(connection, f"service/{partials}", scenario=scenario, day=day)
    return _measured(connection, scenario, day, day)


def service_of_week(connection: Connection, scenario: str, monday: date) -> list[ServiceRow]:
    """The same of the week that begins with ``monday``, as far as its days were counted."""
    return _measured(connection, scenario, monday, monday + _TO_SUNDAY)


def _measured(connection: Connection, scenario: str, first: date, last: date) -> list[ServiceRow]:
    return [
        row
        for kind in ("volumes", "shares", "quantiles")
        for row in run(
            connection, f"service/{kind}", scenario=scenario, first=first, last=last
        ).fetchall()
    ]
