"""Open days of a simulated shop, estimated before their outcomes have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.simulation.policies import Swap
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import estimating_night, stage_simulated, warehouse_for
from tests.simulation.world import Model, World
from warehouse.answers import take_counted
from warehouse.clicks import measure_clicks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import duckdb

    from tests.unit.warehouse.conftest import Rows

SHOP = synthetic(tastes=100, products=150)
# Scores are no probabilities here: what they mean is learnt.
WORLD = World(
    days=30,
    requests_a_day=500,
    shoppers=200,
    policy=Swap(0.3),
    models=(Model("a", 1.0, slope=2.0, offset=1.0),),
)
TABLES = (
    "click_partials",
    "answer_partials",
    "rank_contrasts",
    "examination",
    "reliability",
    "label_free_estimates",
)


@dataclass(frozen=True)
class Month:
    """Thirty nights."""

    warehouse: duckdb.DuckDBPyConnection
    days: list[date]

    def ask(self, query: str, **values: Any) -> Rows:
        return self.warehouse.execute(query, values or None).fetchall()


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    warehouse, simulated = warehouse_for(SHOP), Simulated(WORLD, SHOP)
    for day in WORLD.all_days:
        stage_simulated(warehouse, simulated, day)
        estimating_night(warehouse, "recommend", day)
    yield Month(warehouse, WORLD.all_days)
    warehouse.close()


def test_nothing_is_said_before_seven_days_have_closed(month: Month) -> None:
    first = dict(month.ask("select metric, min(as_of) from label_free_estimates group by metric"))
    assert first == {"ctr@10": month.days[7], "ndcg@10": month.days[13]}


def test_each_open_day_is_estimated_each_night(month: Month) -> None:
    night = month.days[20]
    said = "select metric, day from label_free_estimates where as_of = $night order by metric, day"
    assert month.ask(said, night=night) == [
        ("ctr@10", night),
        *(("ndcg@10", night - timedelta(days=age)) for age in range(6, -1, -1)),
    ]


def test_what_came_is_written_beside_once_it_has(month: Month) -> None:
    last = (
        "select metric, max(day) from label_free_estimates where came is not null group by metric"
    )
    assert dict(month.ask(last)) == {"ctr@10": month.days[-2], "ndcg@10": month.days[-8]}
    day = month.days[20]
    (came,) = month.ask(
        "select came from label_free_estimates where metric = 'ctr@10' and day = $day", day=day
    )
    (counted,) = month.ask(
        "select sum(n_clicked) / sum(n_shown) from click_partials "
        'where served_date = $day and "rank" <= 10',
        day=day,
    )
    assert came == pytest.approx(counted)


def test_rankings_are_counted_as_they_are_measured(month: Month) -> None:
    counted = month.ask(
        "select served_date, sum(ndcg) / sum(n_followed), sum(hit_rate) / sum(n_followed) "
        "from answer_partials where served_date <= $last group by all order by all",
        last=month.days[-8],
    )
    measured = month.ask(
        "select window_start, last(value order by as_of) filter (where metric = 'ndcg@10'), "
        "last(value order by as_of) filter (where metric = 'hit_rate@10') from metric_values "
        "where segment = 'all' and window_start <= $last group by all order by all",
        last=month.days[-8],
    )
    assert len(counted) == len(measured) == 23
    for ours, theirs in zip(counted, measured, strict=True):
        assert ours[0] == theirs[0]
        assert ours[1:] == pytest.approx(theirs[1:])


def test_intervals_hold_what_comes(month: Month) -> None:
    held = month.ask(
        "select metric, avg((came between low and high)::int), avg((high - low) / came) "
        "from label_free_estimates where as_of = day and came is not null group by metric"
    )
    for _, share, width in held:
        assert share >= 0.9
        assert width < 0.5
    assert len(held) == 2


def test_how_far_off_estimates_were_is_a_metric(month: Month) -> None:
    errors = month.ask(
        "select metric, window_start, as_of, value from metric_values "
        "where metric like '%_estimate_error' order by all"
    )
    expected = month.ask(
        "select metric || '_estimate_error', day, day + if(metric = 'ctr@10', 1, 7), value - came "
        "from label_free_estimates where as_of = day and came is not null order by all"
    )
    assert errors == expected
    assert errors


def test_a_night_that_is_run_again_changes_nothing(month: Month) -> None:
    def tables() -> list[Rows]:
        of_clicks = [month.ask(f"select * from {name} order by all") for name in TABLES]
        measured = "select * from metric_values where metric like 'click_%' or metric like '%error'"
        return [*of_clicks, month.ask(f"{measured} order by all")]

    before = tables()
    for night in (month.days[20], month.days[29]):
        estimating_night(month.warehouse, "recommend", night)
    assert tables() == before


def test_the_corrected_precision_is_nearer_to_the_true_relevance(month: Month) -> None:
    day = month.days[-2]
    truth = []
    simulated = Simulated(WORLD, SHOP)
    for block in simulated.blocks(day, simulated.own_services()):
        people = ~np.isin(block.asked.user, simulated.people.bots)
        answered = people & block.answers.listed[:, 0]
        truth.append(block.outcomes.relevance[answered, :10].mean(axis=1))
    relevance = float(np.concatenate(truth).mean())
    take_counted(month.warehouse, "recommend", day)
    measure_clicks(month.warehouse, "recommend", day, month.days[-1])
    means = dict(
        month.ask(
            "select metric, sum(value) / (select count(*) from click_answers) "
            "from per_click group by metric"
        )
    )
    plain, corrected = means["click_precision@10"], means["debiased_click_precision@10"]
    assert plain < 0.5 * relevance
    assert corrected == pytest.approx(relevance, rel=0.1)


_BOUGHT_ELSEWHERE = """
    insert into outcomes by name
    select
        request_id, request_id || '-elsewhere' as event_id, 'purchase' as event_type,
        'p0' as product_id, occurred_at + interval 1 hour as occurred_at
    from served_requests
    where
        occurred_at >= $day and hash(request_id) % 4 = 0
        and request_id not in (select request_id from served_candidates where product_id = 'p0')
"""


def test_purchases_alone_tell_what_rankings_come_to() -> None:
    """Nobody clicks, and of what is bought much was not shown, as where trips are replayed."""
    warehouse, simulated = warehouse_for(SHOP), Simulated(WORLD, SHOP)
    for day in WORLD.all_days[:22]:
        stage_simulated(warehouse, simulated, day)
        warehouse.execute("delete from outcomes where event_type <> 'purchase'")
        warehouse.execute(_BOUGHT_ELSEWHERE, {"day": day})
        estimating_night(warehouse, "recommend", day)
    said = warehouse.execute(
        "select metric, count(*), avg((came between low and high)::int), avg(value), avg(came) "
        "from label_free_estimates where as_of = day and came is not null group by 1 order by 1"
    ).fetchall()
    warehouse.close()
    assert [metric for metric, *_ in said] == ["hit_rate@10", "ndcg@10"]
    for _, n, held, value, came in said:
        assert n == 2
        assert held == 1
        assert value == pytest.approx(came, rel=0.15)
        assert came < 0.5
