"""What the runs come to: how many faults were found, when, and what they were taken for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from statistics import median
from typing import Any

from scipy.stats import binomtest

from tests.benchmarks.figures import FLOOR, Figure
from tests.benchmarks.incidents.detectors import Incident
from tests.benchmarks.incidents.faults import FAULTS, STRENGTHS
from tests.benchmarks.incidents.runs import IN_TIME, Found, Ran, Untouched

BENCH = "incidents"
OF_THE_WORLD = {"season", "promotion", "holiday", "new_products", "taste"}
_MONTH = timedelta(days=30)


def in_time(found: Found, evidence: int) -> bool:
    """Whether it was found by the night of enough evidence, or the next."""
    return found.detected is not None and found.detected <= evidence + IN_TIME


def of_the_fault(ran: Ran, untouched: Untouched) -> Ran:
    """A run without what is said, word for word, on days that no fault came into."""
    return replace(
        ran,
        found={
            system: Found(
                {
                    number: new
                    for number, night in found.nights.items()
                    if (new := _new(night, untouched[system].get(ran.day(number), [])))
                }
            )
            for system, found in ran.found.items()
        },
    )


def _new(said: Sequence[Incident], known: Sequence[Incident]) -> list[Incident]:
    return [each for each in said if each not in known]


def figures(ran: Sequence[Ran], settings: Mapping[str, Any]) -> Iterator[Figure]:
    """Of all faults by strength, and of each fault."""
    for strength in STRENGTHS:
        mine = [each for each in ran if each.injected.strength == strength]
        yield from _of(mine, {"strength": strength} | settings, "")
    for name in FAULTS:
        for strength in STRENGTHS:
            mine = [
                each
                for each in ran
                if each.injected.fault.name == name and each.injected.strength == strength
            ]
            yield from _of(mine, {"fault": name, "strength": strength} | settings, "fault_")


def _of(ran: Sequence[Ran], settings: Mapping[str, Any], prefix: str) -> Iterator[Figure]:
    faults = [each for each in ran if not each.injected.fault.benign]
    benign = [each for each in ran if each.injected.fault.benign]
    yield from _share(
        FLOOR, f"{prefix}with_evidence", [each.evidence is not None for each in ran], settings
    )
    nights = [each.evidence for each in ran if each.evidence is not None]
    yield from _median(FLOOR, f"{prefix}evidence_night", nights, settings)
    for system in ran[0].found if ran else ():
        found = [
            (each, each.found[system], each.evidence)
            for each in faults
            if each.evidence is not None
        ]
        for metric, told in {
            "detected_in_time": [in_time(said, evidence) for _, said, evidence in found],
            "cause_named": [
                said.cause == each.injected.fault.cause
                for each, said, _ in found
                if said.detected is not None
            ],
            "benign_left_alone": [left_alone(each.found[system]) for each in benign],
        }.items():
            yield from _share(system, f"{prefix}{metric}", told, settings)
        late = [
            said.detected - evidence for _, said, evidence in found if said.detected is not None
        ]
        yield from _median(system, f"{prefix}nights_after_evidence", late, settings)


def left_alone(found: Found) -> bool:
    """Whether nothing was said to be wrong, or only that the world goes its way."""
    said = [incident.cause for night in found.nights.values() for incident in night]
    return all(cause in OF_THE_WORLD for cause in said)


def false_alarms(stream: str, said: Untouched, days: int) -> Iterator[Figure]:
    """Incidents a month on days that no fault came into."""
    for system, nights in said.items():
        n = len(distinct(each for found in nights.values() for each in found))
        value = n * _MONTH / timedelta(days=days)
        settings = {"stream": stream, "days": days}
        yield Figure(BENCH, system, "false_incidents_a_month", value, "incidents", n, settings)


def distinct(incidents: Iterable[Incident]) -> list[Incident]:
    """Incidents told once: of the same cause on days that follow each other the first."""
    days: dict[str, dict[date, Incident]] = defaultdict(dict)
    for each in incidents:
        days[each.cause].setdefault(each.first_day, each)
    return [
        each
        for mine in days.values()
        for day, each in sorted(mine.items())
        if day - timedelta(days=1) not in mine
    ]


def row(ran: Ran) -> dict[str, Any]:
    """A run as an object: all that it came to."""
    injected = ran.injected
    return {
        "fault": injected.fault.name,
        "cause": injected.fault.cause,
        "stream": injected.fault.stream,
        "strength": injected.strength,
        "changes": injected.fault.says.format(injected.amount),
        "first": f"{injected.first}",
        "nights": ran.nights,
        "evidence": ran.evidence,
        "quantity": injected.fault.evidence,
        "was": [was for was, _ in ran.quantity],
        "would_have_been": [usual for _, usual in ran.quantity],
        "found": {
            system: {
                "night": found.detected,
                "cause": found.cause,
                "said": [
                    asdict(each) | {"first_day": f"{each.first_day}"}
                    for each in found.nights.get(found.detected or 0, ())
                ],
            }
            for system, found in ran.found.items()
        },
    }


def _share(
    system: str, metric: str, told: Sequence[bool], settings: Mapping[str, Any]
) -> Iterator[Figure]:
    if told:
        interval = binomtest(sum(told), len(told)).proportion_ci(method="wilson")
        limits = {"low": round(interval.low, 4), "high": round(interval.high, 4)}
        share = sum(told) / len(told)
        yield Figure(BENCH, system, metric, share, "share", len(told), {**settings, **limits})


def _median(
    system: str, metric: str, values: Sequence[int], settings: Mapping[str, Any]
) -> Iterator[Figure]:
    if values:
        yield Figure(BENCH, system, metric, float(median(values)), "nights", len(values), settings)
