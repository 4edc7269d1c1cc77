"""How a service did: what is counted of its requests by hour, of which days and weeks are sums.

A day's requests are read once. What comes after reads the partials, which are small whatever the
traffic (docs/metrics.md).
"""

from datetime import date

from warehouse.connection import Connection, transaction
from warehouse.metric_values import MetricRow
from warehouse.statements import run


def measure_service(connection: Connection, scenario: str, day: date) -> list[MetricRow]:
    """Counts a staged day anew, and returns what comes of it: over the day, and by its hours."""
    with transaction(connection):
        for partials in ("counts", "latency", "peaks"):
            run(connection, f"service/forget_{partials}", scenario=scenario, day=day)
            run(connection, f"service/{partials}", scenario=scenario, day=day)
    return service_values(connection, scenario, day, day)


def service_values(
    connection: Connection, scenario: str, first: date, last: date
) -> list[MetricRow]:
    """The same of several days together, as far as they were counted."""
    window = {"scenario": scenario, "first": first, "last": last}
    return [
        MetricRow(*row)
        for kind in ("volumes", "shares", "quantiles")
        for row in run(connection, f"service/{kind}", **window).fetchall()
    ]
