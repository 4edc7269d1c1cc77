"""What runs come to, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.benchmarks.figures import FLOOR, Figure
from tests.benchmarks.incidents.detectors import Incident
from tests.benchmarks.incidents.faults import FAULTS, Injected, Strength
from tests.benchmarks.incidents.report import distinct, false_alarms, figures, of_the_fault, row
from tests.benchmarks.incidents.runs import Found, Ran

FIRST = date(2024, 3, 11)


def ran(
    fault: str, evidence: int | None, detected: int | None, cause: str = "", to: Strength = "strong"
) -> Ran:
    """A run that one system said something of on a night."""
    told = {} if detected is None else {detected: [Incident(FIRST, cause, "warning", "odd")]}
    quantity = [(1.0, 2.0)]
    return Ran(Injected(FAULTS[fault], to, FIRST), quantity, evidence, 4, {"ours": Found(told)})


def by_metric(found: list[Figure], **settings: str) -> dict[str, Figure]:
    return {
        each.metric: each
        for each in found
        if all(each.settings.get(name) == value for name, value in settings.items())
    }


def test_a_fault_is_found_in_time_on_the_night_of_enough_evidence_or_the_next() -> None:
    """Of four, two are in time; one is never found, of one there never was enough evidence."""
    runs = [
        ran("feed in cents", 1, 1, "price_unit"),
        ran("feed in cents", 1, 2, "missing_field"),
        ran("feedback late", 1, 3, "late"),
        ran("feedback late", 1, None),
        ran("clock ahead", None, 1),
    ]
    found = by_metric([*figures(runs, {})], strength="strong")
    assert (found["detected_in_time"].value, found["detected_in_time"].n) == (0.5, 4)
    assert found["cause_named"].value == pytest.approx(2 / 3)
    assert found["nights_after_evidence"].value == 1.0
    assert (found["with_evidence"].value, found["with_evidence"].system) == (0.8, FLOOR)
    assert found["evidence_night"].value == 1.0


def test_what_is_said_of_untouched_days_too_is_not_of_the_fault() -> None:
    odd, gap = (Incident(FIRST, cause, "warning", "odd") for cause in ("late", "gap"))
    told = Found({1: [odd], 2: [gap, odd]})
    run = replace(ran("feedback late", 1, None), found={"ours": told})
    untouched = {"ours": {FIRST: [odd], FIRST + timedelta(days=1): [odd]}}
    assert of_the_fault(run, untouched).found["ours"] == Found({2: [gap]})
    assert of_the_fault(run, {"ours": {}}) == run


def test_each_fault_has_figures_of_its_own_by_strength() -> None:
    runs = [ran("feed in cents", 1, 1), ran("feed in cents", 2, None, to="weak")]
    found = [*figures(runs, {"starts": 1})]
    strong = by_metric(found, fault="feed in cents", strength="strong")
    weak = by_metric(found, fault="feed in cents", strength="weak")
    assert strong["fault_detected_in_time"].value == 1.0
    assert weak["fault_detected_in_time"].value == 0.0
    assert weak["fault_evidence_night"].value == 2.0


def test_what_is_benign_is_left_alone_or_told_as_the_worlds_way() -> None:
    runs = [
        ran("traffic doubles", 1, None),
        ran("traffic doubles", 1, 1, "season"),
        ran("holidays", 1, 1, "bots"),
        ran("closed", 1, 1, ""),
    ]
    found = by_metric([*figures(runs, {})], strength="strong")
    assert (found["benign_left_alone"].value, found["benign_left_alone"].n) == (0.5, 4)
    assert "detected_in_time" not in found


def test_alarms_of_days_that_follow_each_other_are_one_incident_a_cause() -> None:
    days = [0, 1, 2, 5, 6, 9]
    told = [Incident(FIRST + timedelta(days=n), "late", "warning", f"{n}") for n in days]
    told += [Incident(FIRST + timedelta(days=1), "gap", "warning", "gap"), told[0]]
    assert sorted(each.sentence for each in distinct(told)) == ["0", "5", "9", "gap"]
    said = {"ours": {each.first_day: [each] for each in told[:6]}, "quiet": {}}
    found = {each.system: each for each in false_alarms("small", said, 60)}
    assert (found["ours"].value, found["ours"].n) == (1.5, 3)
    assert found["quiet"].value == 0.0


def test_a_row_tells_all_of_a_run() -> None:
    told = row(ran("feed in cents", 1, 2, "price_unit"))
    assert told["changes"] == "100% of the catalogue's prices are a hundred times too high"
    assert (told["was"], told["would_have_been"]) == ([1.0], [2.0])
    assert told["found"]["ours"]["night"] == 2
    assert told["found"]["ours"]["said"][0]["first_day"] == "2024-03-11"
