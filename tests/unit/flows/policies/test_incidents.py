"""Incidents: findings of neighbouring days are told once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from flows.policies.incidents import DayFinding, group, severity

FIRST = date(2024, 3, 14)


def _day(n: int) -> date:
    return FIRST + timedelta(days=n)


def _finding(n: int, cause: str = "late", loss: float = 0.0, **values: str) -> DayFinding:
    told = {"clause": f"{n} were late", "metric": None}
    return DayFinding(day=_day(n), cause=cause, loss=loss, **(told | values))


def test_findings_of_neighbouring_days_are_one_incident() -> None:
    (incident,) = group("search", [_finding(0), _finding(1), _finding(4)], measured_to=_day(5))
    assert incident.incident_id == "search-20240314-late"
    assert (incident.first_day, incident.last_day) == (_day(0), _day(4))
    assert incident.ended_on is None


def test_after_three_quiet_days_an_incident_is_over_and_the_next_finding_is_another() -> None:
    first, second = group("search", [_finding(0), _finding(4)], measured_to=_day(5))
    assert first.ended_on == _day(4)
    assert (second.first_day, second.ended_on) == (_day(4), None)


def test_causes_are_incidents_of_their_own() -> None:
    incidents = group("search", [_finding(1, "late"), _finding(0, "bots")], measured_to=_day(1))
    assert [incident.cause for incident in incidents] == ["bots", "late"]


def test_an_incident_is_as_bad_as_its_worst_day_and_says_what_was_seen_on_it() -> None:
    bad = _finding(1, loss=0.06, metric="click_ndcg@10", clause="half were late")
    (incident,) = group("search", [_finding(0), bad, _finding(2)], measured_to=_day(2))
    assert incident.severity == "critical"
    assert incident.plain_sentence == (
        "click_ndcg@10 fell 6.0% since 14 March, where half were late"
    )


def test_an_incident_that_moved_no_metric_says_so() -> None:
    (incident,) = group("search", [_finding(0)], measured_to=_day(0))
    assert incident.plain_sentence == (
        "since 14 March 0 were late; no metric of quality has left its band"
    )


def test_an_incident_that_a_rollout_follows_was_ended_by_it() -> None:
    rollouts = [(_day(-3), "search:b"), (_day(1), "search:c")]
    (incident,) = group("search", [_finding(0)], _day(4), rollouts)
    assert incident.ended_by == "search:c began to serve on 15 March"


def test_an_incident_that_nothing_is_known_of_the_end_of_went_by_itself() -> None:
    (incident,) = group("search", [_finding(0)], _day(4))
    assert incident.ended_by == "its signals were as usual again"


@pytest.mark.parametrize("cause", ["unknown", "season"])
def test_one_day_of_what_nobody_knows_or_of_a_season_is_no_incident(cause: str) -> None:
    alone, loss = _finding(0, cause), _finding(0, cause, 0.01, metric="click_ndcg@10")
    assert group("search", [alone], _day(0)) == []
    assert len(group("search", [loss], _day(0))) == 1
    (incident,) = group("search", [alone, _finding(2, cause)], _day(2))
    assert incident.first_day == _day(0)


@pytest.mark.parametrize(
    ("cause", "loss", "expected"),
    [
        ("promotion", 0.0, "notice"),
        ("promotion", 0.05, "warning"),
        ("promotion", 0.2, "critical"),
        ("late", 0.0, "warning"),
        ("late", 0.05, "critical"),
        ("unknown", 0.3, "critical"),
    ],
)
def test_severity_is_that_of_the_cause_and_the_loss(cause: str, loss: float, expected: str) -> None:
    assert severity(cause, loss) == expected
