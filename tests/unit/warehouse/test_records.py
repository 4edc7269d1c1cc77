"""Decisions, models and rollouts: one row a key, the newest word kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from warehouse.maturity import MATURE
from warehouse.records import (
    DailyMetric,
    examples,
    recent_metric,
    record_decision,
    record_model,
    record_rollout,
    training_cut,
)

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

DAY = date(2024, 3, 15)
CUT = date(2024, 3, 10)


def test_deciding_again_for_the_same_day_replaces_the_decision(shop: Shop) -> None:
    record_decision(shop.connection, "recommend", "retrain", DAY, "hold", "too few", '{"n": 1}')
    record_decision(shop.connection, "recommend", "retrain", DAY, "retrain", "old", '{"n": 2}')
    assert shop.rows("decisions") == [("recommend", "retrain", DAY, "retrain", "old", '{"n": 2}')]


def test_another_kind_day_or_scenario_is_another_decision(shop: Shop) -> None:
    for scenario, kind, day in (
        ("recommend", "retrain", DAY),
        ("recommend", "promote", DAY),
        ("recommend", "retrain", date(2024, 3, 16)),
        ("search", "retrain", DAY),
    ):
        record_decision(shop.connection, scenario, kind, day, "hold", "why", "{}")
    assert len(shop.rows("decisions")) == 4


def test_training_a_model_again_replaces_its_record(shop: Shop) -> None:
    record_model(shop.connection, "m:1", "recommend", date(2024, 1, 1), "a", "b")
    record_model(shop.connection, "m:1", "recommend", CUT, "{}", '{"ndcg@10": 0.1}')
    assert shop.rows("models") == [("m:1", "recommend", CUT, "{}", '{"ndcg@10": 0.1}')]
    assert training_cut(shop.connection, "m:1") == CUT


def test_the_cut_of_a_model_that_nobody_recorded_is_not_made_up(shop: Shop) -> None:
    with pytest.raises(KeyError, match="no model m:9 was recorded"):
        training_cut(shop.connection, "m:9")


def test_a_rollout_is_kept_by_version(shop: Shop) -> None:
    for version, champion in ((1, "m:1"), (2, "m:2"), (2, "m:3")):
        record_rollout(shop.connection, "recommend", version, champion, "b:1", CUT, "why")
    assert shop.rows("rollouts") == [
        ("recommend", 1, "m:1", "b:1", CUT, "why", None, None, None),
        ("recommend", 2, "m:3", "b:1", CUT, "why", None, None, None),
    ]


def test_a_rollout_keeps_what_stood_beside_the_champion(shop: Shop) -> None:
    for version, beside in ((1, ("m:2", "challenger", 0.1)), (2, ("m:2", "shadow", None))):
        record_rollout(shop.connection, "recommend", version, "m:1", "b:1", CUT, "why", beside)
    assert shop.rows("rollouts", "version, beside, role, share") == [
        (1, "m:2", "challenger", 0.1),
        (2, "m:2", "shadow", None),
    ]


def _metric(day: str, value: float, **values: Any) -> dict[str, Any]:
    row = {
        "scenario": "recommend",
        "metric": "ndcg@10",
        "window": "day",
        "window_start": date.fromisoformat(day),
        "segment": "all",
        "model_tag": "m:1",
        "variant": "champion",
        "as_of": date.fromisoformat(day),
        "value": value,
        "standard_error": 0.01,
        "n": 9,
        "maturity": 1.0,
    }
    return row | values


def _recent(shop: Shop, days: int = 3) -> list[DailyMetric]:
    return recent_metric(shop.connection, "recommend", "ndcg@10", DAY, days)


def test_the_last_three_days_are_today_and_the_two_before(shop: Shop) -> None:
    shop.add("metric_values", *(_metric(f"2024-03-{day}", day / 100) for day in range(11, 17)))
    assert _recent(shop) == [
        DailyMetric(date(2024, 3, day), "m:1", day / 100, 0.01, 9) for day in (13, 14, 15)
    ]


def test_a_day_that_was_measured_again_counts_as_last_measured(shop: Shop) -> None:
    shop.add(
        "metric_values",
        _metric("2024-03-13", 0.3, as_of=date(2024, 3, 15)),
        _metric("2024-03-13", 0.1),
        _metric("2024-03-13", 0.2, as_of=date(2024, 3, 14)),
        _metric("2024-03-14", 0.9, model_tag="m:2"),
    )
    assert [(m.model_tag, m.value) for m in _recent(shop)] == [("m:1", 0.3), ("m:2", 0.9)]


def test_what_was_measured_on_later_nights_was_not_known_yet(shop: Shop) -> None:
    shop.add(
        "metric_values",
        _metric("2024-03-14", 0.3, as_of=date(2024, 3, 16)),
        _metric("2024-03-14", 0.2),
    )
    assert [m.value for m in _recent(shop)] == [0.2]


@pytest.mark.parametrize(("maturity", "known"), [(MATURE, [0.1]), (MATURE - 0.01, []), (None, [])])
def test_a_day_whose_outcomes_have_not_come_is_not_judged(
    shop: Shop, maturity: float | None, known: list[float]
) -> None:
    shop.add("metric_values", _metric("2024-03-14", 0.1, maturity=maturity))
    assert [m.value for m in _recent(shop)] == known


@pytest.mark.parametrize(
    "other",
    [
        {"metric": "mrr"},
        {"window": "offline"},
        {"segment": "light"},
        {"variant": "challenger"},
        {"scenario": "search"},
    ],
)
def test_only_the_champions_whole_traffic_is_looked_at(shop: Shop, other: dict[str, str]) -> None:
    shop.add("metric_values", _metric("2024-03-14", 0.1, **other))
    assert _recent(shop) == []


def test_a_day_with_one_query_is_left_out_as_nobody_knows_how_sure_it_is(shop: Shop) -> None:
    shop.add("metric_values", _metric("2024-03-14", 0.1, standard_error=None, n=1))
    assert _recent(shop) == []


def test_purchases_since_a_models_cut_are_new_to_it(shop: Shop) -> None:
    record_model(shop.connection, "m:1", "recommend", CUT, "{}", "{}")
    shop.buys("u1", "p1", "2024-03-09T23:59:59")
    shop.buys("u1", "p1", "2024-03-10T00:00:00")
    shop.buys("u1", "p1", "2024-03-15T23:59:59")
    shop.buys("u1", "p1", "2024-03-16T00:00:00")
    shop.buys("u1", "p1", "2024-03-12T00:00:00", event_type="click")
    assert examples(shop.connection, "recommend", "m:1", DAY) == (3, 2)


def test_before_anything_is_staged_there_are_no_purchases(shop: Shop) -> None:
    record_model(shop.connection, "m:1", "recommend", CUT, "{}", "{}")
    assert examples(shop.connection, "recommend", "m:1", DAY) == (0, 0)


@pytest.mark.parametrize(("learnt", "unseen"), [(1, 2), (3, 0), (5, 0)])
def test_judged_pairs_beyond_those_a_model_learnt_from_are_new_to_it(
    shop: Shop, learnt: int, unseen: int
) -> None:
    record_model(shop.connection, "s:1", "search", CUT, "{}", f'{{"judgments": {learnt}}}')
    judged = [("lamp", "p1", "people"), ("lamp", "p1", "clicks"), ("lamp", "p2", "people")]
    held_out = "table"  # by its hash: nothing learns from it
    for query, product, source in [*judged, ("desk", "p1", "people"), (held_out, "p1", "people")]:
        shop.judge(query, product, 1.0, source=source)
    assert examples(shop.connection, "search", "s:1", DAY) == (3, unseen)
