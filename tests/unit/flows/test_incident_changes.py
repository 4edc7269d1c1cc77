"""Telling incidents of a warehouse: where their changes come from is kept with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.incidents.published import about
from flows.incidents.telling import tell_incidents
from warehouse.connection import Connection, open_warehouse
from warehouse.publish import publish

DAY = date(2024, 3, 15)

# A hundred clicks on a thousand products shown to each half of the answers; on the last day half as
# many for tail queries, and an alert of it.
_PARTIALS = """
    insert into cross_partials by name
    select
        'recommend' as scenario,
        $day::date - back::integer as served_date,
        segment,
        'all' as other_segment,
        'm:1' as model_tag,
        'champion' as variant,
        bucket::utinyint as bucket,
        100 as answers,
        size * 1000 as shown,
        case
            when back > 0 or segment = 'query=head' then size * 100
            when segment = 'query=tail' then 50
            else 150
        end as clicks,
        columns(* exclude (back, segment, size, bucket))
    from
        range(29) as days(back),
        range(16) as buckets(bucket),
        (values ('all', 2), ('query=head', 1), ('query=tail', 1)) as segments(segment, size),
        (
            select
                0 as zero_results, 0 as typed, 0 as reformulated, 0 as clicked, 0 as purchased,
                0 as revenue, 0 as click_judged, 0 as click_ndcg, 0 as judged, 0 as ndcg
        )
"""
_ALERT = """
    insert into alerts by name
    select
        'recommend' as scenario, $day::date as day, 'ctr@10' as metric, 'm:1' as model_tag,
        'champion' as variant, 'all' as segment, $day::date as as_of, 0.075 as value,
        0.001 as standard_error, 32000 as n, 0.1 as expected, 0.09 as low, 0.11 as high,
        'down' as direction
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Connection]:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        for statement in (_PARTIALS, _ALERT):
            connection.execute(statement, {"day": DAY})
        yield connection


def test_the_parts_of_an_incidents_change_are_kept_and_published(
    warehouse: Connection, tmp_path: Path
) -> None:
    (incident,) = tell_incidents(warehouse, "recommend", DAY)
    publish(warehouse, tmp_path / "published")
    found = about(tmp_path / "published", incident.incident_id)
    assert found.incident["sentence"] == incident.sentence
    assert incident.sentence.startswith("ctr@10 fell 25.0% (25.0-25.0): 100% from tail queries")
    tail, head = found.change
    assert (tail["segments"], tail["is_named"]) == (["query=tail"], True)
    assert (tail["before"], tail["now"]) == pytest.approx((0.1, 0.075))
    assert tail["mix"] + tail["rate"] == pytest.approx(1)
    assert head["mix"] + head["rate"] == pytest.approx(0)


def test_told_again_the_same_rows_are_kept(warehouse: Connection) -> None:
    tell_incidents(warehouse, "recommend", DAY)
    before = warehouse.execute("from incident_changes order by all").fetchall()
    assert len(before) == 2
    tell_incidents(warehouse, "recommend", DAY)
    assert warehouse.execute("from incident_changes order by all").fetchall() == before


def test_an_incident_that_is_found_no_more_leaves_no_parts(warehouse: Connection) -> None:
    tell_incidents(warehouse, "recommend", DAY)
    warehouse.execute("delete from alerts")
    assert tell_incidents(warehouse, "recommend", DAY) == []
    assert warehouse.table("incident_changes").fetchall() == []
    assert warehouse.table("incidents").fetchall() == []


def test_once_it_is_over_its_parts_are_not_published(warehouse: Connection, tmp_path: Path) -> None:
    tell_incidents(warehouse, "recommend", DAY)
    (incident,) = tell_incidents(warehouse, "recommend", DAY + timedelta(days=9))
    assert not incident.is_open
    publish(warehouse, tmp_path / "published")
    assert about(tmp_path / "published", incident.incident_id).change == []
