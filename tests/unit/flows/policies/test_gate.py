"""The gate: a new model may lose a little, by chance or by 2%, but not more, anywhere."""

from __future__ import annotations

import pytest

from flows.policies.gate import Comparison, best_rival, judge_model


def _against(
    value: float, difference: float, standard_error: float = 0.0, segment: str = "all"
) -> Comparison:
    return Comparison("champion", segment, value, difference, standard_error, n=100)


def test_where_chance_is_small_two_percent_of_the_rival_may_be_lost() -> None:
    comparison = _against(value=0.5, difference=0.0, standard_error=0.004)
    assert comparison.tolerance == 0.01  # 2% of 0.5; two standard errors are 0.008


def test_where_chance_is_larger_two_standard_errors_may_be_lost() -> None:
    comparison = _against(value=0.5, difference=0.0, standard_error=0.0075)
    assert comparison.tolerance == 0.015


@pytest.mark.parametrize(
    ("difference", "lost"),
    [(0.1, False), (0.0, False), (-0.0099, False), (-0.01, False), (-0.0101, True), (-0.5, True)],
)
def test_exactly_the_tolerance_is_tolerated_and_more_is_lost(difference: float, lost: bool) -> None:
    assert _against(value=0.5, difference=difference).lost is lost


def test_against_a_rival_that_finds_nothing_any_loss_is_a_loss() -> None:
    assert not _against(value=0.0, difference=0.0).lost
    assert _against(value=0.0, difference=-1e-9).lost


def test_a_model_that_loses_nowhere_passes_and_says_how_it_stands_in_all() -> None:
    verdict = judge_model(
        "ndcg@10", [_against(0.3, -0.02, 0.02, segment="heavy"), _against(0.5, 0.025)]
    )
    assert verdict.passed
    assert verdict.reason == (
        "ndcg@10 on all is 0.0250 above champion's 0.5000 (tolerated: -0.0100, n=100)"
    )


def test_one_lost_segment_is_enough_to_fail_and_the_reason_names_only_it() -> None:
    verdict = judge_model(
        "ndcg@10", [_against(0.5, 0.1), _against(0.25, -0.0101, 0.005, segment="light")]
    )
    assert not verdict.passed
    assert verdict.reason == (
        "ndcg@10 on light is 0.0101 below champion's 0.2500 (tolerated: -0.0100, n=100)"
    )


def test_every_loss_is_named() -> None:
    verdict = judge_model("ndcg@10", [_against(0.5, -0.1), _against(0.5, -0.2, segment="tail")])
    assert not verdict.passed
    first, second = verdict.reason.split("; ")
    assert "on all is 0.1000 below" in first
    assert "on tail is 0.2000 below" in second


def test_without_a_comparison_in_all_the_segments_speak_for_themselves() -> None:
    verdict = judge_model("ndcg@10", [_against(0.5, 0.0, segment="tail")])
    assert verdict.passed
    assert "on tail is 0.0000 above" in verdict.reason


def test_with_two_rivals_both_are_named() -> None:
    other = Comparison("popularity", "all", 0.1, 0.4, 0.01, n=100)
    verdict = judge_model("ndcg@10", [_against(0.5, 0.0), other])
    assert "champion's 0.5000" in verdict.reason
    assert "popularity's 0.1000" in verdict.reason


def test_a_gate_with_nothing_to_compare_refuses_to_answer() -> None:
    with pytest.raises(ValueError, match="needs a champion or a baseline"):
        judge_model("ndcg@10", [])


def test_the_best_rival_has_the_greatest_mean() -> None:
    assert best_rival({"popularity": 0.1, "frequency": 0.3, "recency": 0.2}) == "frequency"


def test_of_equal_rivals_the_first_by_name_is_best() -> None:
    assert best_rival({"recency": 0.3, "frequency": 0.3, "popularity": 0.1}) == "frequency"
