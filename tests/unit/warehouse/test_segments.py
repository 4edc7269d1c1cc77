"""Segments of users, products and pairs on a hand-made catalogue, and metrics within them."""

from __future__ import annotations

from datetime import date
from math import log2
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from warehouse.evaluation import Evaluation
from warehouse.statements import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.warehouse.conftest import Shop

CUT = date(2024, 3, 10)
WEEK = 7

# Twelve trips before the cut: u1 and u2 made one, u3 and u4 two, u5 and u6 three.
TRIPS = {
    "u1": "a",
    "u2": "b",
    "u3": "ab",
    "u4": "ac",
    "u5": "abc",
    "u6": "bcd",
}


@pytest.fixture
def catalogue(shop: Shop) -> Shop:
    """Bought 4 times a and b each, 3 times c, once d; e and f are new, fuel is no product."""
    shop.sell(*"abcdef")
    shop.sell("fuel", recommendable=False)
    for user, products in TRIPS.items():
        for n, product in enumerate(products, start=1):
            shop.buys(user, product, f"2024-03-0{n}T12:00:00")
    return shop


def _segments(shop: Shop, cut: date = CUT) -> set[tuple[str, str | None, str | None, bool]]:
    run(shop.connection, "marts/segments_recommend", cut=cut)
    return set(shop.rows("segments"))


def _members(shop: Shop, *names: str) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {name: set() for name in names}
    for segment, query, product, _ in _segments(shop):
        if segment in members:
            members[segment].add(query or product or "")
    return members


def test_light_medium_and_heavy_are_thirds_of_the_users_by_their_trips(catalogue: Shop) -> None:
    assert _members(catalogue, "light", "medium", "heavy") == {
        "light": {"u1", "u2"},
        "medium": {"u3", "u4"},
        "heavy": {"u5", "u6"},
    }


def test_two_products_in_one_basket_are_one_trip(shop: Shop) -> None:
    shop.sell("a", "b")
    for product in "ab":
        shop.buys("u1", product, "2024-03-01T12:00:00", session_id="basket")
    shop.buys("u2", "a", "2024-03-01T12:00:00")
    shop.buys("u2", "a", "2024-03-02T12:00:00")
    shop.buys("u3", "a", "2024-03-01T12:00:00")
    assert _members(shop, "light", "medium", "heavy") == {
        "light": {"u1"},
        "medium": {"u3"},
        "heavy": {"u2"},
    }


def test_head_torso_and_tail_hold_a_third_of_all_purchases_each(catalogue: Shop) -> None:
    assert _members(catalogue, "head", "torso", "tail", "new") == {
        "head": {"a"},  # 4 of 12
        "torso": {"b"},  # 8 of 12
        "tail": {"c", "d"},
        "new": {"e", "f"},
    }


def test_repeat_names_the_pairs_that_were_bought_and_first_time_excepts_them(
    catalogue: Shop,
) -> None:
    pairs = {(user, product) for user, products in TRIPS.items() for product in products}
    segments = _segments(catalogue)
    assert {row for row in segments if row[0] == "repeat"} == {
        ("repeat", user, product, True) for user, product in pairs
    }
    assert {row for row in segments if row[0] == "first_time"} == {
        ("first_time", None, None, True)
    } | {("first_time", user, product, False) for user, product in pairs}


def test_what_happens_from_the_cut_on_or_is_no_purchase_of_a_known_user_changes_no_segment(
    catalogue: Shop,
) -> None:
    before = _segments(catalogue)
    catalogue.buys("u1", "e", "2024-03-10T00:00:00")
    catalogue.buys("u9", "e", "2024-03-11T12:00:00")
    catalogue.buys(None, "e", "2024-03-01T12:00:00")
    catalogue.buys("u1", "e", "2024-03-01T12:00:00", event_type="click")
    catalogue.buys("u1", "fuel", "2024-03-01T12:00:00")
    catalogue.buys("u1", "unheard of", "2024-03-01T12:00:00")
    assert _segments(catalogue) == before


@pytest.fixture
def evaluation(catalogue: Shop) -> Iterator[Evaluation]:
    """In the week after: u1 buys a again and e, u5 buys d."""
    catalogue.buys("u1", "a", "2024-03-10T00:00:00")
    catalogue.buys("u1", "e", "2024-03-12T12:00:00")
    catalogue.buys("u5", "d", "2024-03-16T23:59:59")
    catalogue.buys("u5", "a", "2024-03-17T00:00:00")  # a week later
    catalogue.buys("u9", "a", "2024-03-11T12:00:00")  # no history
    catalogue.buys("u2", "fuel", "2024-03-11T12:00:00")
    evaluation = Evaluation(catalogue.connection, "recommend", CUT, WEEK)
    yield evaluation
    evaluation.close()


def _ranking(**products: str) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"query_id": query, "product_id": product, "score": -float(place)}
            for query, of_query in products.items()
            for place, product in enumerate(of_query)
        ]
    )


def _ndcg(evaluation: Evaluation) -> dict[str, tuple[float, int]]:
    return {
        m.segment: (pytest.approx(m.value), m.n)
        for m in evaluation.measure()
        if m.metric == "ndcg@10"
    }


def test_queries_are_the_users_with_a_history_who_bought_something_that_week(
    evaluation: Evaluation,
) -> None:
    assert evaluation.queries == ["u1", "u5"]
    assert {
        name: products.to_pylist() for name, products in evaluation.product_segments.items()
    } == {
        "head": ["a"],
        "torso": ["b"],
        "tail": ["c", "d"],
        "new": ["e", "f"],
    }


def test_a_segment_of_products_is_ranked_by_itself(evaluation: Evaluation) -> None:
    evaluation.add_run("m", _ranking(u1="bface", u5="abcdef"))
    third = 1 / log2(4)
    u1 = (third + 1 / log2(6)) / (1 + 1 / log2(3))  # a at rank 3, e at rank 5
    u5 = 1 / log2(5)  # d at rank 4
    assert _ndcg(evaluation) == {
        "all": ((u1 + u5) / 2, 2),
        "light": (u1, 1),
        "heavy": (u5, 1),
        "head": (1, 1),  # u1: a is the only one ranked
        "tail": (1 / log2(3), 1),  # u5: c before d
        "new": (1 / log2(3), 1),  # u1: f before e
        "repeat": (1, 1),  # u1 had bought nothing but a
        "first_time": ((1 / log2(5) + 1) / 2, 2),  # u1: b, f, c, e; u5: d, e, f
    }


def test_a_run_that_is_added_again_replaces_the_first(evaluation: Evaluation) -> None:
    evaluation.add_run("m", _ranking(u1="bcd", u5="abc"))
    evaluation.add_run("m", _ranking(u1="ae", u5="d"))
    assert _ndcg(evaluation)["all"] == (1, 2)


def test_dropping_the_segments_leaves_the_whole_as_it_was(evaluation: Evaluation) -> None:
    evaluation.add_run("m", _ranking(u1="bface", u5="abcdef"))
    whole = [m for m in evaluation.measure() if m.segment == "all"]
    evaluation.only_whole()
    assert evaluation.measure() == whole


def test_values_behind_the_means_are_in_the_order_of_the_queries_for_every_ranker(
    evaluation: Evaluation,
) -> None:
    evaluation.add_run("m", _ranking(u1="ae", u5="abcd"))
    evaluation.add_run("other", _ranking(u5="d", u1="bcdae"))
    evaluation.measure()
    values = evaluation.per_query()
    assert values["all", "mrr", "m"].tolist() == [1, 1 / 4]
    assert values["all", "mrr", "other"].tolist() == [1 / 4, 1]


def test_measuring_again_comes_to_the_same_numbers(evaluation: Evaluation) -> None:
    evaluation.add_run("m", _ranking(u1="bface", u5="abcdef"))
    evaluation.add_baselines([30])
    assert evaluation.measure() == evaluation.measure()


def test_a_week_in_which_nobody_bought_anything_has_no_queries_and_no_values(shop: Shop) -> None:
    shop.sell("a")
    evaluation = Evaluation(shop.connection, "recommend", CUT, WEEK)
    assert evaluation.queries == []
    assert evaluation.measure() == []
    assert evaluation.per_query() == {}
    evaluation.close()
