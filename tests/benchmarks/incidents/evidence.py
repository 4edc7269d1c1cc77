"""On which night there is enough evidence of a fault: for a test that is told what to look for.

It knows the quantity that the fault changes, what that would have been without it, and the
direction. What it does not know is chance: that of the day's own rows, and how much days differ
anyway, as the clean stream's do once their weekdays are taken out. Over the nights since the fault
began its statistic is the sum of the differences by the root of the sum of the variances; its power
at a one-sided level of .01 is Phi(mean of the statistic - 2.33), and enough is 0.9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path
from statistics import NormalDist, fmean

from tests.benchmarks.incidents.faults import Fault, Injected
from tests.benchmarks.incidents.inputs import chance
from warehouse.connection import Connection

QUANTITIES = Path(__file__).parent / "quantities"
LEVEL, POWER = 0.01, 0.9
_ENOUGH = NormalDist().inv_cdf(1 - LEVEL) + NormalDist().inv_cdf(POWER)
_MACROS = "macros"


@dataclass(frozen=True)
class Told:
    """What a quantity came to on a day."""

    value: float
    standard_error: float  # of the day's own rows


def measured(
    connection: Connection, injected: Injected, scenario: str, days: Sequence[date]
) -> dict[date, Told]:
    """The quantity that a fault changes, on each of some days that it can be told of."""
    chance(connection, injected.seed)
    connection.execute(_text(_MACROS))
    query = _text(injected.fault.evidence)
    asked = {"scenario": scenario, "amount": injected.amount}
    found = {}
    for day in days:
        named = {
            name: (asked | {"day": day})[name]
            for name in connection.extract_statements(query)[0].named_parameters
        }
        (told,) = connection.execute(query, named).fetchone() or (None,)
        if told is not None and told["value"] is not None and told["standard_error"] is not None:
            found[day] = Told(**told)
    return found


def varies(fault: Fault) -> bool:
    """Whether its quantity is told otherwise for each run: of what is picked, or by the amount."""
    return any(word in _text(fault.evidence) for word in ("picked(", "$amount"))


def first_night(
    usual: Mapping[date, Told], nights: Mapping[date, Told], first: date, direction: int
) -> int | None:
    """The first night on which there is enough of it, ``first`` being 1; None: on none of them.

    ``usual`` are the clean stream's days, those of the ``nights`` among them.
    """
    if not usual:
        return None
    between = max(_variance(usual) - fmean(day.standard_error**2 for day in usual.values()), 0.0)
    difference = variance = 0.0
    for day, told in sorted(nights.items()):
        if day not in usual:
            continue
        difference += direction * (told.value - usual[day].value)
        variance += between + told.standard_error**2
        if difference >= _ENOUGH * sqrt(variance):
            return (day - first).days + 1
    return None


def _variance(days: Mapping[date, Told]) -> float:
    """Of a day, around the mean of its weekday."""
    by_weekday: dict[int, list[float]] = {}
    for day, told in days.items():
        by_weekday.setdefault(day.weekday(), []).append(told.value)
    squares = sum((value - fmean(mine)) ** 2 for mine in by_weekday.values() for value in mine)
    return squares / max(len(days) - len(by_weekday), 1)


def _text(name: str) -> str:
    return (QUANTITIES / f"{name}.sql").read_text(encoding="utf-8")
