"""Notices: what people are told of incidents, each thing once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.policies.incidents import SEVERITIES, Incident

_FRESH = timedelta(days=8)  # what is older nobody needs to be woken for
OPENED, WORSE, ENDED = "opened", "worse", "ended"


@dataclass(frozen=True)
class Notice:
    """A message about an incident."""

    incident_id: str
    what: str  # opened, worse or ended
    severity: str
    subject: str
    body: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What is told once."""
        return self.incident_id, self.what, self.severity


def due(
    incidents: Sequence[Incident], sent: Collection[tuple[str, str, str]], night: date
) -> list[Notice]:
    """What is to be told after a night, of what was not ``sent`` before: keys of notices.

    An incident is told when it opens, when it gets worse, and when it has ended. One that is
    already old when it is found first is told of on the page alone.
    """
    notices = [
        notice
        for incident in incidents
        if night - (incident.ended_on or incident.last_day) < _FRESH
        for notice in _of(incident, sent)
    ]
    return [notice for notice in notices if notice.key not in sent]


def _of(incident: Incident, sent: Collection[tuple[str, str, str]]) -> list[Notice]:
    told = [severity for name, _, severity in sent if name == incident.incident_id]
    if not incident.is_open:
        return [_notice(incident, ENDED)] if told else []
    if not told:
        return [_notice(incident, OPENED)]
    worse = SEVERITIES.index(incident.severity) > max(map(SEVERITIES.index, told))
    return [_notice(incident, WORSE)] if worse else []


def _notice(incident: Incident, what: str) -> Notice:
    body = f"{incident.sentence}."
    if what == ENDED:
        body += f" It was over on {incident.ended_on:%-d %B}: {incident.ended_by}."
    body += f"\n\nshopkeeper incident {incident.incident_id}"
    return Notice(
        incident.incident_id,
        what,
        incident.severity,
        subject=f"Shopkeeper: {incident.severity} for {incident.scenario} {what}: {incident.cause}",
        body=body,
    )
