"""What a day adds to its metrics: by hand, by segment, and so that days add up to weeks."""

from __future__ import annotations

from datetime import date, timedelta
from math import log2
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse.added_up_days import DAY, add_up, at, follow, measured, show
from tests.unit.warehouse.answers_and_events import answer
from warehouse.partials import add_up_outcomes
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

MONDAY, SUNDAY = date(2024, 3, 11), date(2024, 3, 17)
PRODUCTS = {"a": "tea", "b": "tea", "c": "jam", "d": "jam"}


@pytest.fixture
def shown(shop: Shop) -> Shop:
    """r0 (u1, 9 h, from a phone): a b c; r1 (u2, 9 h): c a; r2 (u3, 20 h): nothing.

    Before the day a was bought twice and b once; of the same brand are a and c.
    """
    shop.add(
        "stg_products",
        *(
            {
                "product_id": product,
                "text": product,
                "category": category,
                "brand": "X" if product in "ac" else None,
                "recommendable": True,
                "attributes": [],
            }
            for product, category in PRODUCTS.items()
        ),
    )
    for product in "aab":
        shop.buys("u1", product, "2024-03-10T12:00:00")
    answer(shop, at(9), first=0, user_id="u1", device="phone")
    answer(shop, at(9, 30), first=1, user_id="u2")
    answer(shop, at(20), first=2, user_id="u3")
    show(shop, 0, "abc")
    show(shop, 1, "ca")
    return shop


def test_an_answer_with_only_what_comes_nearest_found_nothing(shown: Shop) -> None:
    show(shown, 2, "db", stage="nearest")
    add_up(shown)
    assert measured(shown)["all", "zero_results_share"] == (pytest.approx(1 / 3), 3)
    assert measured(shown)["all", "shown@10"] == (pytest.approx(7 / 3), 3)


def test_a_second_page_found_what_the_first_one_shows(shown: Shop) -> None:
    products = "abcdabcdabcd"
    rows = [
        {"request_id": "r2", "product_id": product, "rank": rank, "score": 1 / rank}
        | {"propensity": 1.0, "shown": rank > 10, "served_date": DAY}
        for rank, product in enumerate(products, start=1)
    ]
    shown.add("served_candidates", *rows)
    add_up(shown)
    assert measured(shown)["all", "zero_results_share"] == (0, 3)
    assert measured(shown)["all", "shown@10"] == (pytest.approx(5 / 2), 2)
    assert measured(shown)["all", "click_precision@10"] == (0, 2)


def test_what_was_shown_is_measured_as_worked_out_by_hand(shown: Shop) -> None:
    add_up(shown)
    # (1 + purchases) / 7: a 3, b 2, c 1, d 1.
    bits = {"a": log2(7 / 3), "b": log2(7 / 2), "c": log2(7)}
    usual = (9 + 4 + 1 + 1) / 49
    found = measured(shown)
    assert found["all", "zero_results_share"] == (pytest.approx(1 / 3), 3)
    assert found["all", "shown@10"] == (pytest.approx(5 / 3), 3)
    novelty = (sum(bits.values()) / 3 + (bits["c"] + bits["a"]) / 2) / 2
    assert found["all", "novelty@10"] == (pytest.approx(novelty), 2)
    # Of a b c two of three pairs are of two categories, of c a the one.
    assert found["all", "diversity@10"] == (pytest.approx((2 / 3 + 1) / 2), 2)
    lift = ((6 / 7 / 3 + 4 / 7 / 2) / 2) / usual - 1
    assert found["all", "popularity_lift@10"] == (pytest.approx(lift), 2)
    assert found["all", "new_product_share@10"] == (pytest.approx((1 / 3 + 1 / 2) / 2), 2)


def test_exposure_is_shared_out_among_the_segments_of_products(shown: Shop) -> None:
    add_up(shown)
    found = measured(shown)
    share = {key[0]: value for key, value in found.items() if key[1] == "exposure_share@10"}
    assert share == {
        "category=tea": (pytest.approx(3 / 5), 5),
        "category=jam": (pytest.approx(2 / 5), 5),
        "brand=X": (pytest.approx(4 / 5), 5),
        "new": (pytest.approx(2 / 5), 5),  # c
        "torso": (pytest.approx(2 / 5), 5),  # a has two thirds of the purchases, b the last one
        "tail": (pytest.approx(1 / 5), 5),
    }
    assert found["all", "catalogue_coverage@10"] == (pytest.approx(3 / 4), 5)
    # Shown 0, 1, 2 and 2 times: (2 * (1 * 0 + 2 * 1 + 3 * 2 + 4 * 2) / (4 * 5)) - 5 / 4
    assert found["all", "exposure_gini@10"] == (pytest.approx(2 * 16 / 20 - 5 / 4), 5)


def test_what_followed_is_held_against_all_answers(shown: Shop) -> None:
    follow(shown, 0, "click", "b", at(9, 1))
    follow(shown, 0, "click", "b", at(9, 2))
    follow(shown, 0, "purchase", "b", at(9, 5))
    follow(shown, 1, "click", "d", at(9, 31))  # was not shown
    add_up(shown)
    found = measured(shown)
    assert found["all", "click_share"] == (pytest.approx(2 / 3), 3)
    assert found["all", "purchase_share"] == (pytest.approx(1 / 3), 3)
    assert found["all", "return_share"] == (0, 3)
    assert found["all", "abandonment_share"] == (pytest.approx(1 / 3), 3)
    assert found["all", "revenue_per_answer"] == (pytest.approx(1.0), 3)
    assert found["all", "ctr@10"] == (pytest.approx(1 / 5), 5)
    assert found["category=tea", "ctr@10"] == (pytest.approx(1 / 3), 3)
    assert found["brand=X", "ctr@10"] == (0, 4)
    assert found["all", "mrr"] == (pytest.approx(1 / 2), 1)
    assert found["category=tea", "mrr"] == (pytest.approx(1 / 2), 1)
    assert found["all", "ndcg@10"] == (pytest.approx(1 / log2(3)), 1)


def test_answers_are_measured_by_hour_user_and_device(shown: Shop) -> None:
    follow(shown, 0, "click", "b", at(9, 1))
    add_up(shown)
    found = measured(shown)
    assert found["hour=09", "click_share"] == (pytest.approx(1 / 2), 2)
    assert found["hour=20", "zero_results_share"] == (1, 1)
    assert found["device=phone", "ctr@10"] == (pytest.approx(1 / 3), 3)
    assert found["light", "abandonment_share"] == (0, 1)


def test_the_next_thing_typed_within_minutes_is_a_reformulation(shop: Shop) -> None:
    for n, (minute, query) in enumerate([(0, "tea"), (3, "green tea"), (20, "jam")]):
        answer(shop, at(9, minute), first=n, user_id="u1", query=query)
    answer(shop, at(9), first=3, user_id="u2", query="jam")
    answer(shop, at(9, 2), first=4, user_id="u2", query="honey")
    follow(shop, 3, "click", "c", at(9, 1))  # so that jam was an answer
    add_up(shop)
    assert measured(shop)["all", "reformulation_share"] == (pytest.approx(1 / 5), 5)


def test_what_comes_later_is_counted_when_it_has_come(shown: Shop) -> None:
    follow(shown, 0, "click", "b", at(9, 1))
    follow(shown, 1, "purchase", "c", at(8, day=DAY + timedelta(days=2)))
    add_up(shown)
    before = measured(shown)
    assert before["all", "purchase_share"] == (0, 3)
    assert ("all", "mrr") not in before
    add_up_outcomes(shown.connection, "recommend", [DAY], DAY + timedelta(days=2))
    after = measured(shown)
    assert after["all", "purchase_share"] == (pytest.approx(1 / 3), 3)
    assert after["all", "mrr"] == (1, 1)
    assert after["all", "novelty@10"] == before["all", "novelty@10"]


def test_what_follows_in_a_segment_that_a_day_did_not_show_has_nothing_to_be_divided_by(
    shown: Shop,
) -> None:
    add_up(shown)
    shown.connection.execute("update stg_products set category = 'new' where product_id = 'b'")
    follow(shown, 0, "click", "b", at(1, day=DAY + timedelta(days=1)))
    for days in (1, 2, 3):  # while all is counted anew, and from then on
        add_up_outcomes(shown.connection, "recommend", [DAY], DAY + timedelta(days=days))
        assert shown.rows("metric_partials where n <= 0") == []
    follow(shown, 1, "purchase", "a", at(1, day=DAY + timedelta(days=4)))
    follow(shown, 1, "click", "b", at(1, day=DAY + timedelta(days=4)))
    add_up_outcomes(shown.connection, "recommend", [DAY], DAY + timedelta(days=4))
    assert shown.rows("metric_partials where n <= 0") == []


def test_days_add_up_to_the_week_that_one_pass_over_it_gives(shown: Shop) -> None:
    follow(shown, 0, "click", "b", at(9, 1))
    other = DAY + timedelta(days=1)
    answer(shown, at(9, day=other), first=3, user_id="u1")
    show(shown, 3, "dcb", day=other)
    follow(shown, 3, "click", "d", at(9, 1, day=other))
    for day in (DAY, other):
        add_up(shown, day, as_of=SUNDAY)
    week = measured(shown, MONDAY, SUNDAY)
    assert week["all", "click_share"] == (pytest.approx(2 / 4), 4)
    assert week["all", "ctr@10"] == (pytest.approx(2 / 8), 8)
    assert week["all", "catalogue_coverage@10"] == (1, 8)  # 3/4 on each of the two days
    assert week["hour=09", "click_share"] == (pytest.approx(2 / 3), 3)


def test_who_clicks_all_that_it_is_shown_is_no_shopper(shown: Shop) -> None:
    for n in range(10, 30):
        answer(shown, at(3), first=n, user_id="robot")
        show(shown, n, "abc")
        for product in "abc" if n < 29 else "ab":
            follow(shown, n, "click", product, at(3, 1))
    add_up(shown)
    assert measured(shown)["all", "click_share"] == (0, 3)
    assert ("hour=03", "ctr@10") not in measured(shown)


def test_adding_up_twice_adds_nothing(shown: Shop) -> None:
    follow(shown, 0, "purchase", "b", at(9, 5))
    tables = ("metric_partials", "exposure_partials")
    add_up(shown)
    once = [shown.rows(table) for table in tables]
    add_up(shown)
    assert [shown.rows(table) for table in tables] == once


def test_what_a_shadow_ranks_is_judged_and_was_not_seen(shown: Shop) -> None:
    shadow: dict[str, Any] = {"variant": "shadow", "shadow_of": "r0", "user_id": "u1"}
    answer(shown, at(9), first=9, **shadow)
    show(shown, 9, "bca", shown=0)
    follow(shown, 0, "purchase", "b", at(9, 5))
    add_up(shown)
    found = measured(shown, variant="shadow")
    assert found["all", "mrr"] == (1, 1)
    assert not {"click_share", "novelty@10", "catalogue_coverage@10"} & {m for _, m in found}
    assert measured(shown)["all", "mrr"] == (pytest.approx(1 / 2), 1)


def test_the_twenty_categories_with_the_most_products_are_segments_of_their_own(
    shop: Shop,
) -> None:
    """Of twenty-one the last has two products, so the twentieth is one of the others."""
    categories = [*(f"c{n:02}" for n in range(21)), "c20"]
    shop.add(
        "stg_products",
        *(
            {"product_id": f"p{n:02}", "text": "", "category": category, "recommendable": True}
            | {"attributes": []}
            for n, category in enumerate(categories)
        ),
    )
    run(shop.connection, "partials/catalogue_segments")
    own = [category if category != "c19" else "other" for category in categories]
    assert shop.rows("catalogue_segments", "product_id, segments") == [
        (f"p{n:02}", [f"category={category}"]) for n, category in enumerate(own)
    ]
