"""Incidents as nights publish them, each with what was seen on its days."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from flows.errors import IncidentUnknown
from flows.page.published import Row, read_rows
from flows.policies.causes import MEANINGS
from flows.policies.incidents import SEVERITIES

_FIELD = pc.field


@dataclass(frozen=True)
class Told:
    """An incident, and what was published of its days."""

    incident: Row
    meaning: str  # of its cause
    alerts: Sequence[Row]  # those that moved most first
    drifts: Sequence[Row]  # a row a subject, of the day it had most effect on; the greatest first
    change: Sequence[Row]  # parts of its metric's change, the greatest first; none once it is over
    decisions: Sequence[Row]  # that name it, oldest first

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def listed(folder: Path, scenario: str | None, *, ended: bool) -> list[Row]:
    """The incidents that are open, and those that have ended where asked: open and worst first."""
    of_scenario = None if scenario is None else _FIELD("scenario") == scenario
    found = read_rows(folder, "incidents", of_scenario)
    return sorted((row for row in found if ended or row["ended_on"] is None), key=_order)


def about(folder: Path, incident_id: str) -> Told:
    """All that is known of an incident.

    Raises:
        IncidentUnknown: none of that name was published.
    """
    known = {row["incident_id"]: row for row in listed(folder, None, ended=True)}
    if incident_id not in known:
        there_are = f"there are {', '.join(known)}" if known else "nights have told of none yet"
        raise IncidentUnknown(
            f"no incident of the last quarter is named {incident_id!r}; {there_are}"
        )
    return told(folder, known[incident_id])


def told(folder: Path, incident: Row) -> Told:
    """An incident with what was published of its days."""
    first, last = incident["first_day"], incident["last_day"]
    of_days = (
        (_FIELD("scenario") == incident["scenario"])
        & (_FIELD("day") >= first)
        & (_FIELD("day") <= last)
    )
    drifted = read_rows(folder, "drift_values", of_days & _FIELD("drifted"))
    own = _FIELD("incident_id") == incident["incident_id"]
    decided = _FIELD("scenario") == incident["scenario"]
    return Told(
        incident=incident,
        meaning=MEANINGS[incident["cause"]],
        alerts=sorted(read_rows(folder, "alerts", of_days), key=moved, reverse=True),
        drifts=_greatest(drifted),
        change=sorted(read_rows(folder, "incident_changes", own), key=part, reverse=True),
        decisions=[
            row
            for row in sorted(read_rows(folder, "decisions", decided), key=_decided_on)
            if incident["incident_id"] in row["reason"]
        ],
    )


def series(alerts: Sequence[Row]) -> list[Row]:
    """Of each series the alert that moved most; those of all traffic first."""
    first: dict[tuple[str, str], Row] = {}
    for alert in alerts:
        first.setdefault((alert["metric"], alert["segment"]), alert)
    return sorted(first.values(), key=lambda alert: bool(alert["segment"] != "all"))


def moved(alert: Row) -> float:
    """How far an alert is off, relative to what was expected."""
    return abs(alert["value"] / alert["expected"] - 1) if alert["expected"] else float("inf")


def part(segment: Row) -> float:
    """How much of the change is a segment's."""
    return abs(float(segment["mix"] + segment["rate"]))


def effect(drift: Row) -> float:
    """How much a drift is estimated to do; 0 where nobody knows."""
    return abs(float(drift["effect"] or 0.0))


def _greatest(drifted: Sequence[Row]) -> list[Row]:
    by_effect = sorted(
        drifted, key=lambda row: (effect(row), row["jensen_shannon"], row["day"]), reverse=True
    )
    first: dict[tuple[str, str], Row] = {}
    for row in by_effect:
        first.setdefault((row["subject"], row["reference"]), row)
    return list(first.values())


def _order(row: Row) -> tuple[bool, int, int, str]:
    return (
        row["ended_on"] is not None,
        -SEVERITIES.index(row["severity"]),
        -row["last_day"].toordinal(),
        row["incident_id"],
    )


def _decided_on(row: Row) -> date:
    day: date = row["as_of"]
    return day
