"""Where a change comes from, on days of which it is known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.unit.warehouse.answers_and_events import insert
from warehouse.changes import Change, explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.warehouse.conftest import Shop

FIRST = date(2024, 3, 14)  # of the change
A_DAY = 4000
QUERIES = ["query=head", "query=torso", "query=tail"]
CATEGORIES = ["category=Beverages", "category=Bakery", "category=Garden", "category=Toys"]
STORES = ["store=1", "store=2"]
_SUM = """
    insert into cross_partials by name
    select
        'search' as scenario,
        day as served_date,
        pair.segment,
        pair.other_segment,
        'search:a' as model_tag,
        'champion' as variant,
        bucket,
        sum(n) as answers,
        0 as shown,
        0 as zero_results,
        0 as typed,
        0 as reformulated,
        sum(clicked) as clicked,
        0 as purchased,
        0 as revenue,
        0 as clicks,
        sum(clicked) as click_judged,
        sum(ndcg::decimal(38, 15)) as click_ndcg,
        0 as judged,
        0 as ndcg
    from (select *, unnest(crossed([query, category, store, 'all'])) as pair from answers)
    group by all
"""


def _days(
    shop: Shop,
    quality: Callable[[Any, Any, Any], Any],
    tail: float = 1 / 3,
    days: int = 2,
    seed: int = 1,
) -> None:
    """Four weeks of answers whose click_ndcg@10 is 0.6, and then days of another ``quality``."""
    rng = np.random.default_rng(seed)
    for number in range(-28, days):
        is_now = number >= 0
        shares = np.array([1 - tail, 1 - tail, 2 * tail]) / 2 if is_now else np.full(3, 1 / 3)
        query = rng.choice(QUERIES, A_DAY, p=shares).astype(object)
        category = rng.choice(CATEGORIES, A_DAY, p=[0.25, 0.25, 0.3, 0.2]).astype(object)
        store = rng.choice(STORES, A_DAY).astype(object)
        user = rng.integers(0, 800, A_DAY)
        of_user = np.random.default_rng(5).normal(0, 0.05, 800)[user]
        mean = 0.6 - 0.2 * (query == "query=tail")
        if is_now:
            mean = mean + quality(query, category, store)
        insert(
            shop,
            "answers",
            day=[FIRST + timedelta(days=number)] * A_DAY,
            query=query.tolist(),
            category=category.tolist(),
            store=store.tolist(),
            bucket=(user % 16).astype(np.uint8),
            n=1,
            clicked=1,
            ndcg=np.clip(mean + of_user + rng.normal(0, 0.2, A_DAY), 0, 1),
        )
    shop.connection.execute(_SUM)


@pytest.fixture
def world(shop: Shop) -> Shop:
    shop.connection.execute(
        "create table answers (day date, query text, category text, store text, bucket utinyint, "
        "n bigint, clicked bigint, ndcg double)"
    )
    return shop


def _explain(shop: Shop, metric: str = "click_ndcg@10") -> Change:
    found = explain(shop.connection, "search", metric, FIRST, FIRST + timedelta(days=1))
    assert found is not None
    return found


def test_a_fault_in_two_crossed_segments_is_found_there(world: Shop) -> None:
    _days(
        world, lambda query, category, _: -0.2 * (query == QUERIES[2]) * (category == CATEGORIES[0])
    )
    found = _explain(world)
    assert found.where is not None
    assert found.where.names == ("query=tail", "category=Beverages")
    assert found.where.share == pytest.approx(1, abs=3 * found.where.share_error)
    assert found.where.weight_now == pytest.approx(1 / 12, abs=0.01)
    assert abs(found.where.mix) < 0.1 * found.where.rate
    assert found.low < -0.2 / 12 / (0.6 - 0.2 / 3) < found.high < 0


def test_a_fault_in_one_segment_is_not_crossed_with_another(world: Shop) -> None:
    _days(world, lambda query, category, store: -0.1 * (category == CATEGORIES[2]))
    found = _explain(world)
    assert found.where is not None
    assert found.where.names == ("category=Garden",)
    assert {segment.names for segment in found.segments} == {(name,) for name in CATEGORIES}


def test_a_fault_everywhere_is_nowhere_in_particular(world: Shop) -> None:
    _days(world, lambda query, category, store: -0.1)
    assert _explain(world).where is None


def test_more_of_what_is_hard_is_the_mix_of_its_dimension(world: Shop) -> None:
    """Half of it is that there are more tail queries, the other half that others are fewer."""
    _days(world, lambda query, category, store: 0.0, tail=0.6)
    found = _explain(world)
    assert found.where is None
    assert found.dimensions == pytest.approx({"query": 1, "rate": 0}, abs=0.05)
    of_tail = next(segment for segment in found.segments if segment.names == ("query=tail",))
    assert of_tail.mix == pytest.approx(0.5, abs=0.1)
    assert abs(of_tail.rate) < 0.1
    assert sum(found.dimensions.values()) == pytest.approx(1, abs=1e-6)


def test_segments_and_dimensions_add_up_to_the_change(world: Shop) -> None:
    _days(
        world, lambda query, category, _: 0.2 * (query == QUERIES[2]) * (category == CATEGORIES[1])
    )
    found = _explain(world)
    assert found.relative > 0
    assert sum(segment.share for segment in found.segments) == pytest.approx(1, abs=1e-9)
    assert sum(segment.weight_now for segment in found.segments) == pytest.approx(1, abs=1e-9)
    assert set(found.dimensions) == {"query", "category", "together", "rate"}
    assert sum(found.dimensions.values()) == pytest.approx(1, abs=1e-6)


def test_the_interval_holds_the_true_change_as_often_as_it_says(world: Shop) -> None:
    held = []
    for seed in range(12):
        world.connection.execute("delete from answers; delete from cross_partials")
        _days(world, lambda query, category, store: -0.03, seed=seed, days=1)
        found = explain(world.connection, "search", "click_ndcg@10", FIRST, FIRST)
        assert found is not None
        held.append(found.low < -0.03 / (0.6 - 0.2 / 3) < found.high)
    assert sum(held) >= 9


def test_weeks_in_which_the_metric_was_an_alert_are_not_held_against(world: Shop) -> None:
    _days(world, lambda query, category, store: -0.1)
    alert = {"scenario": "search", "metric": "click_ndcg@10", "model_tag": "search:a", "n": 1}
    alert |= {"variant": "champion", "segment": "all", "value": 0.1, "direction": "down"}
    before = _explain(world).before
    world.connection.execute(
        "update cross_partials set click_ndcg = 0 where served_date = $1", [FIRST - timedelta(7)]
    )
    assert _explain(world).before < before - 0.05
    for day in (FIRST - timedelta(days=7), FIRST):
        world.add("alerts", alert | {"day": day, "as_of": day})
    assert _explain(world).before == pytest.approx(before, abs=0.01)


def test_of_what_nobody_knows_nothing_is_said(world: Shop) -> None:
    assert explain(world.connection, "search", "ndcg@10", FIRST, FIRST) is None
    _days(world, lambda query, category, store: -0.1)
    assert explain(world.connection, "search", "ndcg@10", FIRST, FIRST) is None
    assert explain(world.connection, "search", "click_share", FIRST, FIRST) is None
