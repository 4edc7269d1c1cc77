"""Gaps: what is missing of a night, and what only looks so because few came."""

from __future__ import annotations

from flows.policies.findings import find
from flows.policies.signals import Measure, Night
from tests.unit.flows.policies.night_signals import alert, measure


def test_hours_without_anybody_are_no_gap_where_few_come_at_all_hours() -> None:
    few = [alert("requests", 150, 1500)]
    for silent, events, cause in ((0.3, 69, "gap"), (0.3, 10, "holiday"), (0.95, 1, "holiday")):
        hours = Measure("silent_share", "all", silent, usual=0.0, spread=0.0, n=50)
        (finding,) = find(Night(few, measures=[hours, measure("events", events, 100, "click")]))
        assert finding.cause == cause


def test_of_a_tenth_of_the_requests_chance_leaves_out_thrice_the_events() -> None:
    fewer = Measure("events_per_request", "click", 0.5, usual=1.0, spread=0.05, n=150)
    little = measure("events", 10, 100, "click")
    for requests, cause in (([], "gap"), ([alert("requests", 150, 1500)], "holiday")):
        (finding,) = find(Night(requests, measures=[fewer, little]))
        assert finding.cause == cause


def test_where_no_request_was_told_of_nothing_is_missing_of_what_they_bring() -> None:
    fewer = measure("events_per_request", 0.5, 1.0, "click")
    (finding,) = find(Night([alert("requests", 0, 1500)], measures=[fewer]))
    assert finding.cause == "holiday"
