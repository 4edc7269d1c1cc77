"""Staging: what passed its checks, each event once, each product as it was last described."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from warehouse.judgments import stage_judgments
from warehouse.marts import catalogue
from warehouse.staging import stage_events, stage_products
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop


def _event(event_id: str, at: str = "2024-03-15T12:00:00", **values: Any) -> dict[str, Any]:
    moment = datetime.fromisoformat(at)
    row = {
        "event_id": event_id,
        "event_type": "purchase",
        "occurred_at": moment,
        "logged_at": moment,
        "user_id": "u1",
        "product_id": "p1",
    }
    return row | values


def _product(product_id: str, title: str | None, **values: Any) -> dict[str, Any]:
    return {"product_id": product_id, "title": title, "recommendable": True} | values


def test_a_row_in_quarantine_is_left_out(shop: Shop) -> None:
    shop.add_raw("raw_events", _event("e0"), _event("e1"), _event("e2"))
    shop.quarantine("raw_events", 1)
    stage_events(shop.connection)
    assert shop.rows("stg_events", "event_id") == [("e0",), ("e2",)]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"table": "raw_products"},
        {"batch": "b2"},
        {"source": "feedback"},
    ],
)
def test_quarantine_of_another_row_does_not_touch_this_one(
    shop: Shop, elsewhere: dict[str, str]
) -> None:
    shop.add_raw("raw_events", _event("e0"))
    place = {"table": "raw_events", "row_number": 0} | elsewhere
    shop.quarantine(**place)  # type: ignore[arg-type]
    stage_events(shop.connection)
    assert shop.rows("stg_events", "event_id") == [("e0",)]


def test_a_quarantined_product_and_promotion_are_left_out(shop: Shop) -> None:
    shop.add_raw("raw_products", _product("p1", "Tea"), _product("p2", "Milk"))
    shop.quarantine("raw_products", 0)
    stage_products(shop.connection)
    assert shop.rows("stg_products", "product_id") == [("p2",)]

    shop.add_raw("raw_promotions", {"product_id": "p1"}, {"product_id": "p2"})
    shop.quarantine("raw_promotions", 1)
    assert shop.rows("stg_promotions", "product_id") == [("p1",)]


@pytest.mark.parametrize("feedback", ["a_feedback", "z_feedback"])
def test_an_event_of_the_shops_files_and_of_the_feedback_log_is_staged_once_with_its_request(
    shop: Shop, feedback: str
) -> None:
    shop.add_raw("raw_events", _event("e0"))
    shop.add_raw("raw_events", _event("e0", request_id="r1", source=feedback), batch="log")
    stage_events(shop.connection)
    assert shop.rows("stg_events", "event_id, request_id, source") == [("e0", "r1", feedback)]


def test_of_an_event_that_came_twice_the_first_row_is_staged(shop: Shop) -> None:
    shop.add_raw("raw_events", _event("e0", quantity=2), _event("e0", quantity=3))
    stage_events(shop.connection)
    assert shop.rows("stg_events", "event_id, quantity") == [("e0", 2.0)]


def test_the_newest_drop_that_names_a_product_describes_it(shop: Shop) -> None:
    shop.add_raw("raw_products", _product("p1", "Old", price=1), batch="2024-03-01")
    shop.add_raw("raw_products", _product("p1", "New", price=2), batch="2024-03-02")
    shop.add_raw("raw_products", _product("p1", None, price=3), batch="2024-03-03")
    stage_products(shop.connection)
    assert shop.rows("stg_products", "product_id, title, price") == [("p1", "New", 2.0)]


def test_of_two_lines_on_a_product_in_one_drop_the_first_describes_it(shop: Shop) -> None:
    lines = [_product("p1", f"line {n}") for n in range(50)]
    shop.add_raw("raw_products", *lines)
    stage_products(shop.connection)
    assert shop.rows("stg_products", "title") == [("line 0",)]


def test_a_products_text_is_what_is_known_of_it_in_lower_case(shop: Shop) -> None:
    shop.add_raw(
        "raw_products",
        _product("p1", None, brand="Private", department="GROCERY", category="TEA", size="20 CT"),
        _product("p2", None),
    )
    stage_products(shop.connection)
    assert shop.rows("stg_products", "text") == [("",), ("tea private 20 ct grocery",)]


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("A <b>soft</b><br/>chair", "A soft chair"),
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "one two"),
        ("R&amp;D at 90&deg;, &#1057;&nbsp;x", "R&D at 90°, С x"),
        ("&lt;p&gt;escaped twice&lt;/p&gt;", "escaped twice"),
        ("Mini PC (<= 3L), 5 > 4 & a<1", "Mini PC (<= 3L), 5 > 4 & a<1"),
        ("<script>alert('<b>')</script>Lamp<!-- a > comment -->", "Lamp"),
        ("<style>p {color: red}</style> <br />", None),
        (" ", None),
        (None, None),
    ],
)
def test_a_description_becomes_plain_text(shop: Shop, given: str | None, plain: str | None) -> None:
    shop.add_raw("raw_products", _product("p1", "Chair", description=given))
    stage_products(shop.connection)
    assert shop.rows("stg_products", "description") == [(plain,)]


def test_the_encoder_reads_title_and_description_where_there_is_a_description(
    shop: Shop,
) -> None:
    shop.add_raw(
        "raw_products",
        _product("p1", "Acme Chair", description="Soft.", brand="Acme"),
        _product("p2", None, description="Soft."),
    )
    stage_products(shop.connection)
    assert shop.rows("stg_products", "text") == [("Acme Chair Soft.",), ("Soft.",)]


def test_the_catalogue_holds_what_search_is_built_from(shop: Shop) -> None:
    known = {"size": "2 m", "in_stock": False, "attributes": [("colour", "red")]}
    shop.add_raw(
        "raw_products", _product("p2", "Chair"), _product("p1", "Cable", description="Red", **known)
    )
    stage_products(shop.connection)
    columns = ["product_id", "title", "description", "size", "in_stock", "attributes", "text"]
    assert catalogue(shop.connection).select(columns).to_pylist() == [
        dict(
            zip(
                columns,
                ["p1", "Cable", "Red", "2 m", False, [("colour", "red")], "Cable Red"],
                strict=True,
            )
        ),
        dict(zip(columns, ["p2", "Chair", None, None, None, [], "chair"], strict=True)),
    ]


def test_a_query_is_the_same_however_its_white_space_is_typed_and_judged_once(
    shop: Shop,
) -> None:
    judged = {"product_id": "p1", "locale": "us"}
    shop.add_raw(
        "raw_judgments",
        judged | {"query": " Red\t kettle ", "grade": 2.0, "gain": 3.0},
        judged | {"query": "Red kettle", "grade": 0.0, "gain": 0.0},
        judged | {"query": "red kettle", "grade": 1.0, "gain": 1.0},
        judged | {"query": "cup", "grade": 1.0, "gain": 1.0},
    )
    shop.quarantine("raw_judgments", 3)
    stage_judgments(shop.connection)
    assert shop.rows("stg_judgments") == [
        ("Red kettle", " Red\t kettle ", "p1", 2.0, 3.0, "shop", False, "us"),
        ("red kettle", "red kettle", "p1", 1.0, 1.0, "shop", False, "us"),
    ]


def test_staging_a_day_twice_changes_nothing(shop: Shop) -> None:
    shop.add_raw("raw_events", *(_event(f"e{n}") for n in range(3)))
    stage_events(shop.connection, date(2024, 3, 15))
    first = shop.rows("stg_events")
    stage_events(shop.connection, date(2024, 3, 15))
    assert len(first) == 3
    assert shop.rows("stg_events") == first


def test_staging_a_day_again_forgets_what_is_quarantined_by_now(shop: Shop) -> None:
    shop.add_raw("raw_events", _event("e0"), _event("e1"))
    stage_events(shop.connection)
    shop.quarantine("raw_events", 0)
    stage_events(shop.connection, date(2024, 3, 15))
    assert shop.rows("stg_events", "event_id") == [("e1",)]


@pytest.mark.parametrize(
    ("first", "last", "staged"),
    [
        (None, None, ["e1", "e2", "e3", "e4"]),
        (date(2024, 3, 15), None, ["e2", "e3"]),
        (date(2024, 3, 14), date(2024, 3, 15), ["e1", "e2", "e3"]),
    ],
)
def test_a_day_is_cut_at_midnight_utc(
    shop: Shop, first: date | None, last: date | None, staged: list[str]
) -> None:
    shop.add_raw(
        "raw_events",
        _event("e1", "2024-03-14T23:59:59.999999"),
        _event("e2", "2024-03-15T00:00:00"),
        _event("e3", "2024-03-15T23:59:59.999999"),
        _event("e4", "2024-03-16T00:00:00"),
    )
    stage_events(shop.connection, first, last)
    assert shop.rows("stg_events", "event_id") == [(event,) for event in staged]


def test_when_staging_fails_the_day_stays_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add_raw("raw_events", _event("e0"))
    stage_events(shop.connection)
    before = shop.rows("stg_events")

    def dies(connection: Any, name: str, **parameters: Any) -> Any:
        if name == "staging/stg_events":
            raise KeyboardInterrupt
        return run(connection, name, **parameters)

    monkeypatch.setattr("warehouse.staging.run", dies)
    with pytest.raises(KeyboardInterrupt):
        stage_events(shop.connection, date(2024, 3, 15))
    assert shop.rows("stg_events") == before
