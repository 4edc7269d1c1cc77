"""Each expectation about rows finds exactly the rows that break it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from data_checks import CheckFailed, Scope

if TYPE_CHECKING:
    from tests.unit.data_checks.conftest import Tables

AS_OF = datetime.fromisoformat("2024-03-16")


# table, expectation, what is done to rows 3 and 4 of 1,000
ONE_BY_ONE = [
    ("raw_products", "product_id_given", {"product_id": "null"}),
    ("raw_products", "price_in_range", {"price": "-0.01"}),
    ("raw_products", "price_in_range", {"price": "'nan'::double"}),
    ("raw_products", "recommendable_given", {"recommendable": "null"}),
    ("raw_events", "event_id_given", {"event_id": "null"}),
    ("raw_events", "event_id_given", {"event_id": "''"}),
    ("raw_events", "occurred_at_given", {"occurred_at": "null"}),
    ("raw_events", "product_id_given", {"product_id": "null"}),
    ("raw_events", "product_known", {"product_id": "'p99'"}),
    ("raw_events", "quantity_in_range", {"quantity": "-1"}),
    ("raw_events", "quantity_in_range", {"quantity": "100001"}),
    ("raw_events", "quantity_in_range", {"quantity": "null"}),
    ("raw_events", "quantity_in_range", {"quantity": "'nan'::double"}),
    ("raw_events", "price_in_range", {"price": "-11062.06"}),
    ("raw_promotions", "product_id_given", {"product_id": "null"}),
    ("raw_promotions", "product_known", {"product_id": "'p99'"}),
    ("raw_promotions", "starts_before_it_ends", {"ends_at": "starts_at"}),
    ("raw_promotions", "starts_before_it_ends", {"starts_at": "null"}),
    ("raw_judgments", "query_in_range", {"query": "null"}),
    ("raw_judgments", "query_in_range", {"query": "' ' || chr(9)"}),
    ("raw_judgments", "query_in_range", {"query": "row_number || repeat('x', 10000)"}),
    ("raw_judgments", "product_id_given", {"product_id": "null"}),
    ("raw_judgments", "product_known", {"product_id": "'p99'"}),
    ("raw_judgments", "gain_in_range", {"gain": "null"}),
    ("raw_judgments", "gain_in_range", {"gain": "-0.1"}),
    ("raw_judgments", "gain_in_range", {"gain": "'inf'::double"}),
    ("raw_judgments", "grade_in_range", {"grade": "-1"}),
    ("raw_judgments", "grade_in_range", {"grade": "101"}),
    ("raw_judgments", "grade_in_range", {"grade": "'nan'::double"}),
]

ACCEPTED = [
    ("raw_products", {"price": "null"}),
    ("raw_products", {"price": "0", "recommendable": "false"}),
    ("raw_events", {"user_id": "null"}),
    ("raw_events", {"quantity": "0"}),
    ("raw_events", {"quantity": "89638"}),
    ("raw_events", {"price": "null"}),
    ("raw_events", {"event_type": "'click'", "quantity": "null", "price": "null"}),
    ("raw_events", {"event_type": "'return'"}),
    ("raw_events", {"occurred_at": "timestamp '2024-03-16 23:59:59'", "logged_at": "null"}),
    ("raw_judgments", {"grade": "null", "gain": "0"}),
    ("raw_judgments", {"query": "row_number || repeat('x', 9999)", "locale": "'us'"}),
    ("raw_judgments", {"query": "'the same query'", "gain": "1.5"}),
    ("raw_promotions", {"display_location": "null", "store_id": "'elsewhere' || row_number"}),
]


@pytest.mark.parametrize(("table", "expectation", "values"), ONE_BY_ONE)
def test_a_row_that_breaks_an_expectation_goes_to_quarantine(
    tables: Tables, table: str, expectation: str, values: dict[str, str]
) -> None:
    tables.connection.execute(f"delete from {table}")
    tables.add(table, 1000)
    tables.spoil(table, range(3, 5), **values)

    report = tables.check(table)

    assert report.n_rows == 1000
    assert report.n_quarantined == 2
    assert tables.quarantined() == [
        (table, "shop", "b1", 3, expectation),
        (table, "shop", "b1", 4, expectation),
    ]


@pytest.mark.parametrize(("table", "values"), ACCEPTED)
def test_what_occurs_in_a_real_shop_is_accepted(
    tables: Tables, table: str, values: dict[str, str]
) -> None:
    tables.connection.execute(f"delete from {table}")
    tables.add(table, 10)
    tables.spoil(table, range(3, 5), **values)

    report = tables.check(table)

    assert {result.status for result in report.results} == {"passed"}
    assert tables.quarantined() == []


def test_an_unknown_event_type_stops_sooner_than_a_missing_id(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(2), event_type="'wishlist'")
    with pytest.raises(CheckFailed, match="event_type to be one of impression, click"):
        tables.check("raw_events")


def test_events_from_the_future_tell_of_a_clock_that_is_ahead(tables: Tables) -> None:
    tables.add("raw_events", 100)
    ahead = "timestamp '2024-03-17 00:00:00'"
    tables.spoil("raw_events", range(1), occurred_at=ahead, logged_at=ahead)
    with pytest.raises(CheckFailed, match=r"occurred_at to be before 2024-03-17 00:00 UTC"):
        tables.check("raw_events")


def test_events_logged_before_they_happened_are_a_warning_and_kept_out(tables: Tables) -> None:
    tables.add("raw_events", 100)
    tables.spoil("raw_events", range(5), logged_at="occurred_at - interval 25 hours")

    report = tables.check("raw_events")

    warned = {result.name: result.n_unexpected for result in report.with_status("warned")}
    assert warned == {"logged_after_it_occurred": 5, "clocks_agree": 1}
    assert report.n_quarantined == 5


@pytest.mark.parametrize(("n", "minutes", "warns"), [(100, 61, 1), (2, 6, 1), (1, 6, 0), (9, 5, 0)])
def test_a_clock_that_is_ahead_is_a_warning_with_its_file_and_keeps_nothing_out(
    tables: Tables, n: int, minutes: int, warns: int
) -> None:
    tables.add("raw_events", 1000)
    late = f"occurred_at - interval {minutes} minutes"
    tables.spoil("raw_events", range(n), logged_at=late)
    report = tables.check("raw_events")
    found = [result.found for result in report.with_status("warned")]
    assert len(found) == warns
    assert all(f"in b1 they happen up to {minutes} minutes after" in each for each in found)
    assert report.n_quarantined == 0


def test_a_row_that_breaks_two_expectations_has_two_reasons_and_counts_once(
    tables: Tables,
) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(7, 8), quantity="-1", price="-1")

    assert tables.check("raw_events").n_quarantined == 1
    assert [(row, name) for *_, row, name in tables.quarantined()] == [
        (7, "price_in_range"),
        (7, "quantity_in_range"),
    ]


def test_a_product_in_quarantine_is_not_known(tables: Tables) -> None:
    tables.add("raw_products", 1000, batch="b2")
    tables.connection.execute("delete from raw_products where batch = 'b1'")
    tables.spoil("raw_products", range(3, 4), batch="b2", price="-1")
    tables.check("raw_products")
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(1000), product_id="'p5'")
    tables.spoil("raw_events", range(8), product_id="'p3'")

    assert tables.result("raw_events", "product_known").n_unexpected == 8


def test_products_of_another_source_are_known_only_where_the_scope_says_so(
    tables: Tables,
) -> None:
    tables.add("raw_events", 20, source="feedback")

    own = tables.result("raw_events", "product_known", Scope("feedback", AS_OF))
    shops = tables.result("raw_events", "product_known", Scope("feedback", AS_OF, catalogue="shop"))

    assert (own.status, own.n_unexpected) == ("failed", 20)
    assert shops.status == "passed"
