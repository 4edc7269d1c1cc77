"""A fault in a fork of a warm warehouse: the nights that it takes to see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.incidents.detectors import Detector, Incident
from tests.benchmarks.incidents.evidence import Told, first_night, measured, varies
from tests.benchmarks.incidents.faults import STRENGTHS, Injected
from tests.benchmarks.incidents.nights import forked, opened
from tests.benchmarks.incidents.warm import MOST_NIGHTS, Warm
from warehouse.connection import open_warehouse

CHECKS = "checks"  # a night that they stop tells whoever waits for it
Untouched = dict[str, dict[date, list[Incident]]]
IN_TIME = 1  # nights after that of enough evidence, with which a run ends


@dataclass(frozen=True)
class Found:
    """What a detector said of a fault, by night, from 1."""

    nights: Mapping[int, list[Incident]] = field(default_factory=dict)

    @property
    def detected(self) -> int | None:
        """The night on which it said something first."""
        return min(self.nights, default=None)

    @property
    def cause(self) -> str | None:
        """What it named in the end, of what it says the worst."""
        return self.nights[max(self.nights)][0].cause if self.nights else None


@dataclass(frozen=True)
class Ran:
    """A fault that ran its nights."""

    injected: Injected
    quantity: list[tuple[float | None, float | None]]  # by night: as it was, as it would have been
    evidence: int | None  # the night on which there was enough
    nights: int
    found: Mapping[str, Found]

    def day(self, number: int) -> date:
        """The day of a night, from 1."""
        return _day(self.injected, number)


def run(injected: Injected, warm: Warm, detectors: Mapping[str, Detector]) -> Ran:
    """Runs nights until no more are in time, or are worth it."""
    usual = _usual(injected, warm)
    told: dict[date, Told] = {}
    said: dict[str, dict[int, list[Incident]]] = {name: {} for name in (CHECKS, *detectors)}
    evidence: int | None = None
    with TemporaryDirectory(dir=warm.folder) as folder:
        home = forked(warm.before(injected.first), Path(folder))
        scene = injected.set(warm.stream.scene)
        _remember(home, injected, detectors)
        for number in range(1, MOST_NIGHTS + 1):
            day = _day(injected, number)
            of_night, stopped, incidents = _night(home, warm, injected, scene, day, detectors)
            told |= of_night
            for name, found in (incidents | {CHECKS: stopped}).items():
                if new := [each for each in found if each.first_day >= injected.first]:
                    said[name][number] = new
            evidence = evidence or first_night(
                usual, told, injected.first, injected.fault.direction
            )
            if evidence is not None and number >= evidence + IN_TIME:
                break
    return Ran(
        injected,
        [(_value(told, day), _value(usual, day)) for day in _days(injected.first, number)],
        evidence,
        number,
        {name: Found(nights) for name, nights in said.items()},
    )


def _day(injected: Injected, number: int) -> date:
    return injected.first + timedelta(days=number - 1)


def _remember(folder: Path, injected: Injected, detectors: Mapping[str, Detector]) -> None:
    """Shows detectors what was there before the fault."""
    with open_warehouse(folder / "warehouse.duckdb", read_only=True) as connection:
        for detector in detectors.values():
            detector.remember(connection, injected.first - timedelta(days=1))


def _night(
    folder: Path,
    warm: Warm,
    injected: Injected,
    scene: object,
    day: date,
    detectors: Mapping[str, Detector],
) -> tuple[dict[date, Told], list[Incident], dict[str, list[Incident]]]:
    """What is told of the fault, what checks say, and what detectors say."""
    stream = warm.stream
    new = stream.inputs(day, scene)
    with opened(folder, stream.scenario, new) as home:
        inputs = home.come(day, new, lambda due: injected.change(due, day))
        stopped = home.night(day, inputs)
        told = measured(home.connection, injected, stream.scenario, [day])
        incidents = {
            name: detector.detect(home.connection, stream.scenario, day)
            for name, detector in detectors.items()
        }
    return told, [Incident(day, "", "critical", sentence) for sentence in stopped], incidents


def _usual(injected: Injected, warm: Warm) -> dict[date, Told]:
    """The quantity without the fault; most are told once a process for all runs of a fault."""
    if not varies(injected.fault):
        injected = Injected(injected.fault, STRENGTHS[0], warm.stream.first)
    return _of_clean(injected, warm)


@cache
def _of_clean(injected: Injected, warm: Warm) -> dict[date, Told]:
    with open_warehouse(warm.clean / "warehouse.duckdb", read_only=True) as connection:
        return measured(connection, injected, warm.stream.scenario, warm.known)


def untouched(warm: Warm, detectors: Mapping[str, Detector]) -> Untouched:
    """What each system says of the days that no fault came into, by night."""
    said: Untouched = {
        CHECKS: {
            day: [Incident(day, "", "critical", sentence) for sentence in sentences]
            for day, sentences in warm.stopped.items()
            if sentences
        }
    }
    with TemporaryDirectory(dir=warm.folder) as folder:
        home = forked(warm.clean, Path(folder))
        with open_warehouse(home / "warehouse.duckdb") as connection:
            for name, detector in detectors.items():
                said[name] = {
                    night: found
                    for night in warm.judged
                    if (found := detector.detect(connection, warm.stream.scenario, night))
                }
    return said


def _days(first: date, n: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(n)]


def _value(told: Mapping[date, Told], day: date) -> float | None:
    return told[day].value if day in told else None
