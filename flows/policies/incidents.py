"""Incidents: findings of neighbouring days about the same cause, told once, from day one to end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.policies.causes import DATA, SERVING, TRAFFIC, UNKNOWN

QUIET_DAYS = 3  # without a finding, and an incident is over
NOTICE, WARNING, CRITICAL = "notice", "warning", "critical"
_SEVERITIES = (NOTICE, WARNING, CRITICAL)
_FAULTS = (*DATA, *TRAFFIC, *SERVING, UNKNOWN)


@dataclass(frozen=True)
class DayFinding:
    """What a day told of a cause."""

    day: date
    cause: str
    clause: str
    headline: str | None  # what it did to the metric that moved most; None: to none that is judged
    loss: float  # of that metric, relative; 0 where none fell


@dataclass(frozen=True)
class Incident:
    """A cause at work, from the first day that told of it to the last."""

    scenario: str
    cause: str
    severity: str
    first_day: date
    last_day: date
    ended_on: date | None  # the day it was over; None: open
    sentence: str

    @property
    def incident_id(self) -> str:
        """Stays the same while the incident goes on."""
        return f"{self.scenario}-{self.first_day:%Y%m%d}-{self.cause.replace('_', '-')}"


def group(scenario: str, findings: Sequence[DayFinding], measured_to: date) -> list[Incident]:
    """The incidents that findings up to a measured day make, oldest first."""
    causes = dict.fromkeys(finding.cause for finding in findings)
    incidents = [
        _incident(scenario, run, measured_to)
        for cause in causes
        for run in _runs([finding for finding in findings if finding.cause == cause])
    ]
    return sorted(incidents, key=lambda incident: (incident.first_day, incident.cause))


def _runs(findings: Sequence[DayFinding]) -> Iterator[list[DayFinding]]:
    """Findings of one cause, broken where it was quiet for long enough."""
    run: list[DayFinding] = []
    for finding in sorted(findings, key=lambda finding: finding.day):
        if run and (finding.day - run[-1].day).days > QUIET_DAYS:
            yield run
            run = []
        run.append(finding)
    if run:
        yield run


def _incident(scenario: str, run: Sequence[DayFinding], measured_to: date) -> Incident:
    first, last = run[0], run[-1]
    over = last.day + timedelta(days=QUIET_DAYS + 1)
    worst = max(run, key=lambda finding: (finding.loss, finding.day))
    return Incident(
        scenario=scenario,
        cause=first.cause,
        severity=severity(first.cause, worst.loss),
        first_day=first.day,
        last_day=last.day,
        ended_on=over if over <= measured_to else None,
        sentence=_sentence(worst, first.day),
    )


def severity(cause: str, loss: float) -> str:
    """A change of the world is worth a notice, a fault a warning; a loss makes either worse.

    ``loss`` is the relative fall of the metric that fell most.
    """
    level = int(cause in _FAULTS) + int(loss >= 0.05) + int(loss >= 0.2)
    return _SEVERITIES[min(level, len(_SEVERITIES) - 1)]


def _sentence(finding: DayFinding, since: date) -> str:
    if finding.headline is None:
        return f"since {since:%-d %B} {finding.clause}; no metric has left its band"
    return f"{finding.headline}, since {since:%-d %B}, where {finding.clause}"
