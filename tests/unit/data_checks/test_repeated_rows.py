"""Of n rows with the same key, n - 1 are surplus, whichever batches are looked at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from data_checks import Scope

if TYPE_CHECKING:
    from tests.unit.data_checks.conftest import Tables

AS_OF = datetime.fromisoformat("2024-03-16")


B1 = Scope("shop", AS_OF, batches=("b1",))
B2 = Scope("shop", AS_OF, batches=("b2",))


def _surplus(tables: Tables, expectation: str) -> list[tuple[str, int]]:
    return [(batch, row) for *_, batch, row, name in tables.quarantined() if name == expectation]


def test_the_first_of_three_equal_lines_is_kept(tables: Tables) -> None:
    tables.add("raw_events", 100)
    tables.spoil(
        "raw_events",
        range(10, 13),
        session_id="'s'",
        product_id="'p1'",
        occurred_at="timestamp '2024-03-15 10:00:00'",
        user_id="null",
    )
    tables.check("raw_events")
    assert _surplus(tables, "line_not_repeated") == [("b1", 11), ("b1", 12)]


@pytest.mark.parametrize("column", ["event_type", "quantity", "price", "user_id", "request_id"])
def test_lines_that_differ_in_one_column_are_no_repeats(tables: Tables, column: str) -> None:
    tables.add("raw_events", 20)
    other = {"event_type": "'return'", "quantity": "2", "price": "3"}.get(column, "'other'")
    same = {"session_id": "'s'", "product_id": "'p1'", "occurred_at": "timestamp '2024-03-15'"}
    tables.spoil("raw_events", range(2), logged_at="timestamp '2024-03-15'", **same)
    tables.spoil("raw_events", range(1), **{column: other})
    assert tables.result("raw_events", "line_not_repeated").n_unexpected == 0


def test_an_event_delivered_again_is_surplus_in_the_later_batch(tables: Tables) -> None:
    tables.add("raw_events", 300, batch="b1")
    tables.add("raw_events", 300, batch="b2")
    tables.spoil(
        "raw_events", range(300), batch="b2", event_id="'f' || row_number", session_id="'t'"
    )
    tables.spoil("raw_events", range(2), batch="b2", event_id="'e' || row_number")

    tables.check("raw_events")
    at_once = tables.quarantined()
    tables.connection.execute("delete from quarantine")
    tables.check("raw_events", B2)
    tables.check("raw_events", B1)

    assert _surplus(tables, "event_not_repeated") == [("b2", 0), ("b2", 1)]
    assert tables.quarantined() == at_once


def test_missing_ids_repeat_nothing(tables: Tables) -> None:
    tables.add("raw_events", 300)
    tables.spoil("raw_events", range(3), event_id="null")
    assert tables.result("raw_events", "event_not_repeated").n_unexpected == 0


def test_a_product_may_come_again_in_the_next_batch_but_not_in_the_same(tables: Tables) -> None:
    tables.add("raw_products", 200, batch="b2")
    tables.add("raw_products", 200, batch="b3")
    tables.spoil("raw_products", range(5, 6), batch="b3", product_id="'p4'")
    tables.check("raw_products")
    assert _surplus(tables, "product_not_repeated") == [("b3", 5)]


def test_a_promotion_repeats_only_for_the_same_store_and_start(tables: Tables) -> None:
    tables.add("raw_promotions", 200)
    tables.spoil("raw_promotions", range(20, 22), product_id="'p1'", store_id="'here'")
    tables.spoil("raw_promotions", range(30, 32), product_id="'p1'", store_id="'there'")
    tables.spoil("raw_promotions", range(30, 31), starts_at="timestamp '2024-03-10 05:00:00'")
    tables.check("raw_promotions")
    assert _surplus(tables, "promotion_not_repeated") == [("b1", 21)]


def test_an_answer_that_was_logged_twice_is_no_fault(tables: Tables) -> None:
    tables.add("raw_served", 200)
    tables.spoil("raw_served", range(8, 9), request_id="'r7'")
    assert tables.check("raw_served").passed
    assert tables.quarantined() == []


def test_a_query_with_other_white_space_is_the_same_query(tables: Tables) -> None:
    tables.add("raw_judgments", 300)
    tables.spoil("raw_judgments", range(1), query="'red  kettle'", product_id="'p1'")
    tables.spoil("raw_judgments", range(1, 2), query="' red kettle '", product_id="'p1'")
    tables.spoil("raw_judgments", range(2, 3), query="'Red kettle'", product_id="'p1'")
    tables.spoil("raw_judgments", range(3, 4), query="'red kettle'", product_id="'p2'")
    tables.check("raw_judgments")
    assert _surplus(tables, "judgment_not_repeated") == [("b1", 1)]
