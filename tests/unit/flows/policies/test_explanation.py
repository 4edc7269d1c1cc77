"""Changes in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flows.policies.explanation import explanation, segment_in_words
from warehouse.changes import Change, Segment

SINCE = date(2024, 3, 14)


def _change(where: Segment | None = None, **values: Any) -> Change:
    fell = {
        "metric": "click_ndcg@10",
        "first": SINCE,
        "last": SINCE,
        "before": 0.5,
        "now": 0.4695,
        "relative": -0.061,
        "low": -0.08,
        "high": -0.042,
        "segments": (),
        "dimensions": {"query": 0.1, "rate": 0.9},
    }
    return Change(where=where, **fell | values)


def _segment(*names: str, mix: float = 0.0, rate: float = 0.71, **weights: float) -> Segment:
    before_and_now = {"weight_before": 0.05, "weight_now": 0.05}
    return Segment(names, mix, rate, 0.05, **before_and_now | weights)


def test_a_fall_with_its_segments_its_model_and_what_was_seen() -> None:
    found = explanation(
        _change(_segment("query=tail", "category=Beverages")),
        SINCE,
        model="X",
        clause="brand went missing in the feed",
    )
    assert found == (
        "click_ndcg@10 fell 6.1% (4.2-8.0): 71% from tail queries in Beverages on model X since "
        "14 March, where brand went missing in the feed"
    )


def test_a_rise_alone() -> None:
    risen = _change(
        _segment("store=12"), metric="revenue_per_answer", relative=0.2, low=0.1, high=0.3
    )
    assert explanation(risen, SINCE) == (
        "revenue_per_answer rose 20.0% (10.0-30.0): 71% from answers in store 12 since 14 March"
    )


def test_more_of_what_is_hard() -> None:
    more = _segment("query=tail", mix=0.6, rate=0.1, weight_now=0.2)
    assert explanation(_change(more), SINCE) == (
        "click_ndcg@10 fell 6.1% (4.2-8.0): 70% from more tail queries since 14 March"
    )


def test_fewer_of_what_is_easy() -> None:
    fewer = _segment("heavy", "device=phone", mix=0.6, rate=0.1, weight_now=0.01)
    assert explanation(_change(fewer), SINCE) == (
        "click_ndcg@10 fell 6.1% (4.2-8.0): 70% from fewer heavy users on phone since 14 March"
    )


def test_another_mix() -> None:
    mixed = _change(dimensions={"category": 0.83, "rate": 0.17})
    assert explanation(mixed, SINCE) == (
        "click_ndcg@10 fell 6.1% (4.2-8.0): 83% from another mix of categories since 14 March"
    )


def test_nowhere_in_particular() -> None:
    assert explanation(_change(), SINCE, model="b") == (
        "click_ndcg@10 fell 6.1% (4.2-8.0), everywhere alike, on model b since 14 March"
    )


def test_an_interval_that_holds_no_change_at_all() -> None:
    assert explanation(_change(high=0.01), SINCE).startswith(
        "click_ndcg@10 fell 6.1% (-1.0 to 8.0)"
    )


def test_what_explains_more_than_all_is_all() -> None:
    assert ": 100% from" in explanation(_change(_segment("new", rate=1.2)), SINCE)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("light", "query=head"), "light users with head queries"),
        (("query=head", "new"), "head queries with new products"),
        (("country=DE", "brand=Acme"), "answers in DE of Acme"),
        (("category=other",), "answers in other categories"),
    ],
)
def test_segments_in_words(names: tuple[str, ...], words: str) -> None:
    assert segment_in_words(names) == words
