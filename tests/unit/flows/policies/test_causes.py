"""Causes: each from the signals that nothing else leaves."""

from __future__ import annotations

import pytest

from flows.policies.causes import CAUSES, find
from flows.policies.signals import Alert, Drift, Measure, Night


def _measure(measure: str, value: float, usual: float = 0.0, part: str = "all") -> Measure:
    return Measure(measure, part, value, usual, spread=0.0, n=10_000)


def _alert(metric: str, value: float, expected: float) -> Alert:
    half = abs(value - expected) / 2
    return Alert(
        metric, "all", "m:1", "champion", value, expected, expected - half, expected + half, 1_000
    )


def _drift(subject: str, psi: float = 0.3, **values: float) -> Drift:
    shares = {"new_share": 0.0, "missing_share": 0.0, "missing_before": 0.0, "effect": -0.01}
    return Drift(subject, "weekdays", psi, **(shares | values))


@pytest.mark.parametrize(
    ("night", "cause", "clause"),
    [
        (
            Night(measures=[_measure("price_jump_share", 0.12), _measure("price_jump", 99.0)]),
            "price_unit",
            "12% of purchases were at about 100 times their usual price",
        ),
        (
            Night(measures=[_measure("price_jump_share", 0.12), _measure("price_jump", 0.0101)]),
            "price_unit",
            "12% of purchases were at about 1/100 of their usual price",
        ),
        (
            Night(measures=[_measure("missing_share", 0.3, 0.01, "purchase.store_id")]),
            "missing_field",
            "30% of purchase events came without store_id (usually 1%)",
        ),
        (
            Night(drifts=[_drift("brand", missing_share=0.4, missing_before=0.1)]),
            "missing_field",
            "brand was missing of 40% (before 10%)",
        ),
        (
            Night(drifts=[_drift("product_category", new_share=0.25)]),
            "remapped_category",
            "25% had a product_category that was not there before",
        ),
        (
            Night(measures=[_measure("silent_store", 0.052, part="17")]),
            "store_gone",
            "nothing came of 17, which usually has 5.2% of the day",
        ),
        (
            Night(measures=[_measure("silent_share", 0.2)]),
            "gap",
            "hours that usually have 20% of the day's events had none",
        ),
        (
            Night(measures=[_measure("silent_share", 1.0)]),
            "holiday",
            "hardly anything was bought, at any hour and in any store",
        ),
        (
            Night(measures=[_measure("state_age", 2.5, 0.5)]),
            "stale_index",
            "the online state was 2.5 days old in the mean, usually 0.5",
        ),
        (
            Night(alerts=[_alert("error_share", 0.08, 0.002)]),
            "client_errors",
            "error_share was 8.0%, expected 0.2%",
        ),
        (
            Night(drifts=[_drift("score")]),
            "score_scale",
            "scores moved (PSI 0.30) and the order did not",
        ),
        (
            Night(drifts=[_drift("score")], alerts=[_alert("click_ndcg@10", 0.3, 0.5)]),
            "wrong_encoder",
            "score moved (PSI 0.30), and clicks fell",
        ),
    ],
)
def test_a_cause_is_found_by_what_it_leaves(night: Night, cause: str, clause: str) -> None:
    (finding,) = find(night)
    assert finding.cause == cause
    assert finding.clause == clause
    assert finding.cause in CAUSES


def test_an_ordinary_night_has_no_cause() -> None:
    usual = [_measure("late_share", 0.011, 0.01), _measure("silent_share", 0.0)]
    assert find(Night(measures=usual)) == []


def test_what_rises_within_the_spread_of_its_days_is_ordinary() -> None:
    calm = Measure("late_share", "all", 0.2, usual=0.1, spread=0.01, n=10_000)
    restless = Measure("late_share", "all", 0.2, usual=0.1, spread=0.02, n=10_000)
    few = Measure("late_share", "all", 0.2, usual=0.1, spread=0.01, n=100)
    assert calm.rises(0.02)
    assert not restless.rises(0.02)
    assert not few.rises(0.02)


def test_a_change_of_the_world_is_not_told_of_where_a_fault_explains_it() -> None:
    promotion = _measure("discounted_share", 0.6, 0.2)
    assert [each.cause for each in find(Night(measures=[promotion]))] == ["promotion"]
    jumps = [_measure("price_jump_share", 0.1), _measure("price_jump", 0.1)]
    assert [each.cause for each in find(Night(measures=[promotion, *jumps]))] == ["price_unit"]
