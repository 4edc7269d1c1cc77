"""Crossed segments of days, against the partials that are counted beside them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import stage_simulated, warehouse_for
from tests.simulation.world import World
from warehouse.answers import know_day
from warehouse.nights import measure_again, measure_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.warehouse.conftest import Rows
    from warehouse.connection import Connection

WORLD = World(days=1, requests_a_day=1500, shoppers=300)
(DAY,) = WORLD.all_days
SCENARIO = "recommend"


@pytest.fixture(scope="module")
def measured() -> Iterator[Connection]:
    """A day as of a week later, counted night after night."""
    with _day() as connection:
        for age in range(8):
            _night(connection, age)
        yield connection


def _day() -> Connection:
    shop = synthetic()
    connection = warehouse_for(shop)
    connection.execute(
        "update stg_products set category = 'c' || rowid % 3, brand = 'b' || rowid % 2"
    )
    stage_simulated(connection, Simulated(WORLD, shop), DAY)
    connection.execute(
        "update served_requests set device = ['phone', 'desk'][1 + (hash(request_id) % 2)::int]"
    )
    know_day(connection, SCENARIO, DAY)
    return connection


def _night(connection: Connection, age: int) -> None:
    as_of = DAY + timedelta(days=age)
    if age == 0:
        measure_day(connection, SCENARIO, DAY, as_of)
    else:
        measure_again(connection, SCENARIO, [DAY], as_of)


def _sums(connection: Connection, **where: Any) -> dict[str, float]:
    names = " and ".join(f"{name} = ${name}" for name in where) or "true"
    (row,) = connection.execute(
        f"select sum(columns(* exclude (scenario, served_date, segment, other_segment, model_tag, "
        f"variant, bucket, as_of))) from cross_partials where {names}",
        where,
    ).fetchall()
    return dict(zip([name for name, *_ in connection.description], map(float, row), strict=True))


@pytest.mark.parametrize("segment", ["all", "device=phone", "device=desk"])
def test_a_segment_has_the_sums_of_its_partials(measured: Connection, segment: str) -> None:
    found = _sums(measured, segment=segment, other_segment="all", variant="champion")
    partials = {
        metric: (float(weight), float(total))
        for metric, weight, total in measured.execute(
            "select metric, sum(weight), sum(total) from metric_partials "
            "where segment = $1 and variant = 'champion' group by metric",
            [segment],
        ).fetchall()
    }
    assert partials["purchase_share"] == (found["answers"], found["purchased"])
    assert partials["click_share"] == (found["answers"], found["clicked"])
    assert partials["zero_results_share"] == (found["answers"], found["zero_results"])
    assert partials["revenue_per_answer"] == (found["answers"], found["revenue"])
    assert partials["ctr@10"] == (found["shown"], found["clicks"])
    assert partials["click_ndcg@10"] == (found["click_judged"], found["click_ndcg"])
    assert partials["ndcg@10"] == (found["judged"], found["ndcg"])
    assert found["judged"] > 50


def test_the_product_that_stood_first_names_segments_of_the_answer(measured: Connection) -> None:
    ((expected,),) = measured.execute(
        """
        select count(*)
        from served_requests as requests
        join served_candidates as candidates using (request_id)
        join stg_products using (product_id)
        where
            rank = 1
            and device = 'phone'
            and category = 'c1'
            and error is null
            and not client_gone
            and user_id not in (select user_id from robots)
        """
    ).fetchall()
    found = _sums(measured, segment="device=phone", other_segment="category=c1")
    assert found["answers"] == expected > 0


def test_each_dimension_adds_up_to_all(measured: Connection) -> None:
    whole = _sums(measured, segment="all", other_segment="all")
    parts = [
        _sums(measured, segment=segment, other_segment="all")
        for segment in ("category=c0", "category=c1", "category=c2")
    ]
    for name, value in whole.items():
        assert sum(part[name] for part in parts) == pytest.approx(value, rel=1e-12)


def test_nights_that_go_on_leave_what_one_that_counts_all_does(measured: Connection) -> None:
    with _day() as connection:
        _night(connection, 0)
        connection.execute("update metric_partials set as_of = as_of + 30 where as_of is not null")
        _night(connection, 7)  # what is known of later is counted anew
        assert _rows(connection) == _rows(measured)


def _rows(connection: Connection) -> Rows:
    return connection.execute("from cross_partials order by all").fetchall()


def test_what_few_answers_have_is_not_kept(measured: Connection) -> None:
    (least,) = measured.execute(
        "select min(n) from (select sum(answers) as n from cross_partials "
        "group by segment, other_segment)"
    ).fetchone() or (0,)
    assert least >= 0.005 * _sums(measured, segment="all", other_segment="all")["answers"]
