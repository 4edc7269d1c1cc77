"""Incidents: findings of neighbouring days about the same cause, told once, from day one to end."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from flows.policies.causes import DATA, SERVING, TRAFFIC, UNKNOWN

QUIET_DAYS = 3  # without a finding, and an incident is over
NOTICE, WARNING, CRITICAL = "notice", "warning", "critical"
SEVERITIES = (NOTICE, WARNING, CRITICAL)
_LASTING = ("season", UNKNOWN)  # one day alone is none, unless a metric of quality fell
_FAULTS = (*DATA, *TRAFFIC, *SERVING, UNKNOWN)


@dataclass(frozen=True)
class DayFinding:
    """What a day told of a cause."""

    day: date
    cause: str
    clause: str
    metric: str | None  # that lost most on the day; None: none of quality left its band
    loss: float  # of that metric, relative; 0 where there is none


@dataclass(frozen=True)
class Incident:
    """A cause at work, from the first day that told of it to the last."""

    scenario: str
    cause: str
    severity: str
    first_day: date
    last_day: date
    ended_on: date | None  # the day it was over; None: open
    ended_by: str | None
    clause: str  # what was seen on the worst day, to stand after "where"
    metric: str | None  # that lost most on it
    loss: float
    sentence: str = ""

    @property
    def incident_id(self) -> str:
        """Stays the same while the incident goes on."""
        return f"{self.scenario}-{self.first_day:%Y%m%d}-{self.cause.replace('_', '-')}"

    @property
    def is_open(self) -> bool:
        """Whether it goes on, or has not been quiet for long enough."""
        return self.ended_on is None

    @property
    def plain_sentence(self) -> str:
        """What was seen, and how much a metric lost, where nobody knows more of it."""
        if self.metric is None:
            return (
                f"since {self.first_day:%-d %B} {self.clause}; no metric of quality has left its "
                "band"
            )
        return (
            f"{self.metric} fell {self.loss:.1%} since {self.first_day:%-d %B}, where {self.clause}"
        )

    def as_row(self) -> dict[str, Any]:
        """In the columns of the table ``incidents``."""
        return {"incident_id": self.incident_id} | asdict(self)


def group(
    scenario: str,
    findings: Sequence[DayFinding],
    measured_to: date,
    rollouts: Sequence[tuple[date, str]] = (),
) -> list[Incident]:
    """The incidents that findings up to a measured day make, oldest first.

    ``rollouts`` are the days on which another model began to serve, and which.
    """
    causes = dict.fromkeys(finding.cause for finding in findings)
    incidents = [
        _incident(scenario, run, measured_to, rollouts)
        for cause in causes
        for run in _runs([finding for finding in findings if finding.cause == cause])
        if cause not in _LASTING or len(run) > 1 or run[0].metric is not None
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


def _incident(
    scenario: str,
    run: Sequence[DayFinding],
    measured_to: date,
    rollouts: Sequence[tuple[date, str]],
) -> Incident:
    first, last = run[0], run[-1]
    over = last.day + timedelta(days=QUIET_DAYS + 1)
    has_ended = over <= measured_to
    worst = max(run, key=lambda finding: (finding.loss, finding.day))
    return Incident(
        scenario=scenario,
        cause=first.cause,
        severity=severity(first.cause, worst.loss),
        first_day=first.day,
        last_day=last.day,
        ended_on=over if has_ended else None,
        ended_by=_ended_by(last.day, rollouts) if has_ended else None,
        clause=worst.clause,
        metric=worst.metric,
        loss=worst.loss,
    )


def _ended_by(last: date, rollouts: Sequence[tuple[date, str]]) -> str:
    for starts_on, champion in rollouts:
        if starts_on == last + timedelta(days=1):
            return f"{champion} began to serve on {starts_on:%-d %B}"
    return "its signals were as usual again"


def severity(cause: str, loss: float) -> str:
    """A change of the world is worth a notice, a fault a warning; a loss makes either worse.

    ``loss`` is the relative fall of the metric that fell most.
    """
    level = int(cause in _FAULTS) + int(loss >= 0.05) + int(loss >= 0.2)
    return SEVERITIES[min(level, len(SEVERITIES) - 1)]
