"""What incidents are told from, and where they are kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from warehouse.connection import Connection, replace_rows, rows_for
from warehouse.data_quality import SHOP
from warehouse.statements import run

LEAST_DAYS = 14  # before a day, to know what is usual

Row = Mapping[str, Any]


class Signals(NamedTuple):
    """Rows of days, each with its ``day``; in the columns of the statements of ``sql/signals``."""

    alerts: list[Row]
    drifts: list[Row]
    meanings: list[Row]
    measures: list[Row]


def read_signals(connection: Connection, scenario: str, first: date, last: date) -> Signals:
    """What left its band, drifted and was measured in the days from ``first`` to ``last``."""
    asked = {
        "scenario": scenario,
        "shop": SHOP,
        "first": first,
        "last": last,
        "least_days": LEAST_DAYS,
    }

    def rows(name: str) -> list[Row]:
        found: list[Row] = run(connection, f"signals/{name}", **asked).to_arrow_table().to_pylist()
        return found

    return Signals(
        rows("alerts"), rows("drifts"), rows("meanings"), rows("measures") + rows("came_late")
    )


def store_findings(
    connection: Connection, scenario: str, first: date, last: date, found: Sequence[Row]
) -> None:
    """Replaces what the days from ``first`` to ``last`` told of causes."""
    asked = {"scenario": scenario, "first": first, "last": last}
    findings = rows_for(connection, "day_findings", found)
    steps = ("incidents/forget_findings", "incidents/store_findings")
    replace_rows(connection, steps, {"findings": findings}, **asked)


def findings_to_tell(
    connection: Connection, scenario: str, first: date, as_of: date, quiet_days: int
) -> list[dict[str, Any]]:
    """What days told of causes, in the columns of the table: from ``first`` to ``as_of``.

    And those at most ``quiet_days`` before, which may be one incident with them, and all of those
    that are open or were last seen in these days: `store_incidents` replaces these.
    """
    asked = {"scenario": scenario, "first": first, "as_of": as_of, "quiet_days": quiet_days}
    run(connection, "incidents/changing", **asked)
    found: list[dict[str, Any]] = (
        run(connection, "incidents/findings", **asked).to_arrow_table().to_pylist()
    )
    return found


def rollouts_of(connection: Connection, scenario: str) -> list[tuple[date, str]]:
    """The days on which another model began to serve, and which."""
    return run(connection, "incidents/rollouts", scenario=scenario).fetchall()


def store_incidents(
    connection: Connection, scenario: str, told: Sequence[Row], changes: Sequence[Row]
) -> None:
    """Replaces the incidents of `findings_to_tell`, and where their changes come from."""
    new = {
        "told": rows_for(connection, "incidents", told),
        "changes": rows_for(connection, "incident_changes", changes),
    }
    steps = ("forget_changes", "forget", "store", "store_changes")
    replace_rows(connection, [f"incidents/{step}" for step in steps], new, scenario=scenario)


def notices_sent(connection: Connection, scenario: str) -> set[tuple[str, str, str]]:
    """What people were told of a scenario's incidents: incident, what, and severity."""
    return set(run(connection, "incidents/sent", scenario=scenario).fetchall())


def remember_sent(connection: Connection, key: tuple[str, str, str], told_at: datetime) -> None:
    """Remembers that people were told."""
    incident_id, what, severity = key
    run(
        connection,
        "incidents/remember_sent",
        incident_id=incident_id,
        what=what,
        severity=severity,
        told_at=told_at.replace(tzinfo=None),
    )
