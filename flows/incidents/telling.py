"""Incidents: what a night's signals come to, told in sentences and kept until it is over."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from flows.policies.explanation import explanation
from flows.policies.findings import find
from flows.policies.incidents import QUIET_DAYS, DayFinding, Incident, group
from flows.policies.signals import Alert, Drift, MeaningDrift, Measure, Night
from warehouse.changes import EXPLAINED, Change, explain
from warehouse.connection import Connection
from warehouse.incidents import (
    Row,
    findings_to_tell,
    read_signals,
    rollouts_of,
    store_findings,
    store_incidents,
)

RECENT_DAYS = 8  # whose signals a night can have changed: purchases take a week
_EXPLAINED = timedelta(days=6)  # of its last days a long incident is told by
_PART = ("mix", "rate", "share_error", "weight_before", "weight_now")


def tell_incidents(
    connection: Connection, scenario: str, night: date, days: int = RECENT_DAYS
) -> list[Incident]:
    """Finds the causes of what the last ``days`` up to a measured night show, and tells them.

    Returns the incidents that these days can have changed, oldest first: others stay as they were
    told. Of the same tables the same incidents come, however often they are told.
    """
    first = night - timedelta(days=days - 1)
    found = [
        finding
        for day, shown in _nights(connection, scenario, first, night)
        for finding in _findings(day, shown)
    ]
    owner = {"scenario": scenario}
    store_findings(connection, scenario, first, night, [owner | asdict(each) for each in found])
    rows = findings_to_tell(connection, scenario, first, night, QUIET_DAYS)
    known = [DayFinding(**row) for row in rows]
    incidents: list[Incident] = []
    parts: list[Row] = []
    for incident in group(scenario, known, night, rollouts_of(connection, scenario)):
        change = _change(connection, incident)
        incidents.append(replace(incident, sentence=_sentence(incident, change)))
        parts += [] if change is None else _parts(incident, change)
    told = [incident.as_row() for incident in incidents]
    store_incidents(connection, scenario, told, parts)
    return incidents


def _change(connection: Connection, incident: Incident) -> Change | None:
    """Of the metric that lost most."""
    if incident.metric not in EXPLAINED:
        return None
    first = max(incident.first_day, incident.last_day - _EXPLAINED)
    return explain(connection, incident.scenario, incident.metric, first, incident.last_day)


def _sentence(incident: Incident, change: Change | None) -> str:
    """What it did to the metric that lost most, where from, and what was seen beside it."""
    if change is None or change.low <= 0 <= change.high:
        return incident.plain_sentence
    return explanation(change, incident.first_day, clause=incident.clause)


def _parts(incident: Incident, change: Change) -> Iterator[Row]:
    """In the columns of the table ``incident_changes``; none where it may be no change at all."""
    if change.low <= 0 <= change.high:
        return
    named = change.where.names if change.where else None
    for segment in change.segments:
        yield {
            "incident_id": incident.incident_id,
            "metric": change.metric,
            "first_day": change.first,
            "last_day": change.last,
            "before": change.before,
            "now": change.now,
            "low": change.low,
            "high": change.high,
            "segments": list(segment.names),
            "is_named": segment.names == named,
            **{name: getattr(segment, name) for name in _PART},
        }


def _nights(
    connection: Connection, scenario: str, first: date, last: date
) -> Iterator[tuple[date, Night]]:
    signals = read_signals(connection, scenario, first, last)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        yield (
            day,
            Night(
                alerts=[Alert(**row) for row in _of(day, signals.alerts)],
                drifts=[Drift(**row) for row in _of(day, signals.drifts)],
                meanings=[MeaningDrift(**row) for row in _of(day, signals.meanings)],
                measures=[Measure(**row) for row in _of(day, signals.measures)],
            ),
        )


def _of(day: date, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if row["day"] == day:
            yield {name: value for name, value in row.items() if name != "day"}


def _findings(day: date, night: Night) -> Iterator[DayFinding]:
    """What a day tells, and which metric lost most on it."""
    worst = min(night.losses, key=lambda alert: alert.change, default=None)
    for finding in find(night):
        yield DayFinding(
            day=day,
            cause=finding.cause,
            clause=finding.clause,
            metric=worst.metric if worst else None,
            loss=-worst.change if worst else 0.0,
        )
