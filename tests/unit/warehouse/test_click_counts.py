"""What is counted of a day's clicks, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.clicked_answers import DAY, NOON, follow, later, serve
from warehouse.answers import know_day
from warehouse.clicks import count_day, learn_from_clicks

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Rows, Shop

COUNTS = '"rank", n_shown, n_clicked'
ANSWERS = "n, n_followed, as_of"


def _night(shop: Shop, days: int = 0) -> None:
    know_day(shop.connection, "recommend", later(days))
    learn_from_clicks(shop.connection, "recommend", later(days))


def _counts(shop: Shop, columns: str = COUNTS) -> Rows:
    return shop.rows("click_partials", columns)


def _all_counted(shop: Shop) -> list[Rows]:
    tables = ("click_partials", "answer_partials", "rank_contrasts", "examination")
    return [shop.rows(table) for table in tables]


def test_each_product_counts_once_an_answer_however_often_it_is_clicked(shop: Shop) -> None:
    shop.sell("p1", "p2")
    serve(shop, "r1", ["p1", "p2"])
    serve(shop, "r2", ["p1", "p3"])
    follow(shop, "r1", "p1", "p1", "p2")
    follow(shop, "r2", "p1", "elsewhere")
    follow(shop, "r1", "p1", event_type="purchase", at=NOON + timedelta(hours=3))
    follow(shop, "r1", "p2", event_type="add_to_cart")
    _night(shop)
    assert _counts(shop) == [(1, 2, 2), (2, 2, 1)]
    assert shop.rows("answer_partials", "sum(n), sum(n_followed)") == [(2, 1)]


def test_scores_of_a_kind_count_together_and_others_apart(shop: Shop) -> None:
    serve(shop, "r1", ["p1", "p2"], [0.5, 0.2])
    serve(shop, "r2", ["p1", "p2"], [0.503, -4.0])
    _night(shop)
    bins = _counts(shop, '"rank", n_shown, score_of_bin(score_bin)')
    assert [row[:2] for row in bins] == [(1, 2), (2, 1), (2, 1)]
    assert sorted(row[2] for row in bins) == pytest.approx([-4.0, 0.2, 0.5], rel=0.025)


@pytest.mark.parametrize(
    "values",
    [
        {"pinned": True},
        {"client_gone": True},
        {"error": "Overloaded"},
        {"shadow_of": "r1", "variant": "shadow"},
        {"scenario": "search"},
        {"occurred_at": NOON + timedelta(days=1)},
        {"first_rank": 11},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_nobody_chose_from_the_top_of_does_not_count(
    shop: Shop, values: dict[str, object]
) -> None:
    serve(shop, "r1", ["p1"])
    serve(shop, "r2", ["p1"], **values)  # type: ignore[arg-type]
    _night(shop)
    assert _counts(shop) == [(1, 1, 0)]


def test_who_clicks_all_is_no_person(shop: Shop) -> None:
    for n in range(5):
        products = [f"p{n}-{place}" for place in range(10)]
        serve(shop, f"robot{n}", products, user_id="robot")
        follow(shop, f"robot{n}", *products[: 10 if n else 5])  # 45 of 50
        serve(shop, f"eager{n}", products, user_id="eager")
        follow(shop, f"eager{n}", *products[: 10 if n else 4])
    _night(shop)
    assert _counts(shop, "distinct n_shown") == [(5,)]


def test_a_score_is_that_of_the_ranking_that_picked_it(shop: Shop) -> None:
    serve(shop, "r1", ["p1"], degraded=True)
    serve(
        shop,
        "r2",
        ["p1", "p2", "p3"],
        picked_by=["champion", "interleaved", ""],
        model_tag="recommend:b",
        variant="interleaved",
        interleaved_with="recommend:a",
    )
    _night(shop)
    assert _counts(shop, 'model_tag, "rank", scored_by') == [
        ("recommend:a", 1, ""),
        ("recommend:b", 1, "recommend:a"),
        ("recommend:b", 2, "recommend:b"),
        ("recommend:b", 3, "recommend:b"),
    ]


def test_a_click_counts_by_how_often_its_product_stood_elsewhere(shop: Shop) -> None:
    for n, products in enumerate((["p1", "p2"], ["p1", "p2"], ["p1", "p2"], ["p2", "p1"])):
        serve(shop, f"r{n}", products)
    follow(shop, "r0", "p1")
    follow(shop, "r1", "p1")
    follow(shop, "r3", "p1", "p2")
    serve(shop, "other", ["p1"], user_id="u2")  # once: it tells nothing
    follow(shop, "other", "p1")
    for days in (0, 1):
        _night(shop, days)
    # p1 stood three times first and once second, p2 the other way round.
    first = 2 * 1 / 4 + 1 * 3 / 4
    second = 1 * 3 / 4
    assert shop.rows("rank_contrasts", '"rank", other_rank, clicks') == [
        (1, 2, pytest.approx(first)),
        (2, 1, pytest.approx(second)),
    ]


def test_a_click_on_what_stood_at_three_ranks_is_shared_among_the_others(shop: Shop) -> None:
    for n, products in enumerate((["p", "x", "y"], ["x2", "p", "y2"], ["x3", "y3", "p"])):
        serve(shop, f"r{n}", products)
    follow(shop, "r2", "p")
    for days in (0, 1):
        _night(shop, days)
    assert shop.rows("rank_contrasts", '"rank", other_rank, clicks') == [
        (3, 1, 0.25),
        (3, 2, 0.25),
    ]


def test_where_something_is_typed_everybody_who_typed_it_is_one_asker(shop: Shop) -> None:
    serve(shop, "r1", ["p1", "p2"], user_id="u1", query="kettle")
    serve(shop, "r2", ["p2", "p1"], user_id="u2", query="kettle")
    follow(shop, "r1", "p1")
    _night(shop)
    assert shop.rows("rank_contrasts") == []  # the day's clicks are still to come
    _night(shop, 1)
    assert shop.rows("rank_contrasts", '"rank", other_rank, clicks') == [(1, 2, 0.5)]


def test_clicks_and_purchases_are_counted_again_when_they_have_come(shop: Shop) -> None:
    shop.sell("p1")
    serve(shop, "r1", ["p1"])
    _night(shop)
    follow(shop, "r1", "p1", at=NOON + timedelta(hours=20))
    _night(shop, 1)
    assert _counts(shop, "n_clicked, as_of") == [(1, later(1))]
    follow(shop, "r1", "p1", event_type="purchase", at=NOON + timedelta(days=2))
    _night(shop, 6)
    assert shop.rows("answer_partials", ANSWERS) == [(1, 0, DAY)]
    _night(shop, 7)
    assert shop.rows("answer_partials", ANSWERS) == [(1, 1, later(7))]
    assert _counts(shop, "n_clicked, as_of") == [(1, later(1))]


def test_a_night_that_was_left_out_is_made_up_for(shop: Shop) -> None:
    shop.sell("p1")
    serve(shop, "r1", ["p1"])
    _night(shop)
    follow(shop, "r1", "p1", at=NOON + timedelta(hours=20))
    follow(shop, "r1", "p1", event_type="purchase", at=NOON + timedelta(days=3))
    _night(shop, 4)
    assert _counts(shop, "n_clicked, as_of") == [(1, later(4))]
    _night(shop, 9)
    assert shop.rows("answer_partials", ANSWERS) == [(1, 1, later(9))]


def test_purchases_that_were_never_counted_are_when_they_have_come(shop: Shop) -> None:
    shop.sell("p1")
    serve(shop, "r1", ["p1"])
    _night(shop)
    shop.connection.execute("delete from answer_partials")  # as a warehouse of before them
    follow(shop, "r1", "p1", event_type="purchase", at=NOON + timedelta(days=3))
    _night(shop, 7)
    assert shop.rows("answer_partials", ANSWERS) == [(1, 1, later(7))]


def test_a_night_that_is_run_again_forgets_nothing_of_what_came_after_it(shop: Shop) -> None:
    shop.sell("p1")
    serve(shop, "r1", ["p1", "p2"])
    serve(shop, "r2", ["p2", "p1"])
    _night(shop)
    follow(shop, "r1", "p1", at=NOON + timedelta(hours=20))
    _night(shop, 1)
    follow(shop, "r1", "p1", event_type="purchase", at=NOON + timedelta(days=3))
    _night(shop, 7)
    before = _all_counted(shop)
    for days in (0, 1):
        _night(shop, days)
        assert _all_counted(shop) == before


def test_what_comes_late_is_counted_when_its_night_is_run_again(shop: Shop) -> None:
    shop.sell("p1")
    serve(shop, "r1", ["p1"])
    for days in range(9):
        _night(shop, days)
    follow(shop, "r1", "p1", at=NOON + timedelta(hours=20))
    follow(shop, "r1", "p1", event_type="purchase", at=NOON + timedelta(days=3))
    for days in range(1, 9):  # those since they happened
        _night(shop, days)
    assert _counts(shop) == [(1, 1, 1)]
    assert shop.rows("answer_partials", ANSWERS) == [(1, 1, later(7))]


def test_nothing_is_learnt_of_a_day_whose_clicks_are_still_to_come(shop: Shop) -> None:
    serve(shop, "r1", ["p1", "p2"])
    follow(shop, "r1", "p1", "p2")
    _night(shop)
    assert shop.rows("examination") == []
    _night(shop, 1)
    assert shop.rows("examination", 'as_of, "rank", probability, n') == [
        (later(1), 1, 1.0, 1),
        (later(1), 2, 1.0, 1),
    ]


def test_ranks_where_nothing_was_clicked_are_left_out(shop: Shop) -> None:
    serve(shop, "r1", ["p1", "p2", "p3"])
    follow(shop, "r1", "p1", "p3")
    for days in (0, 1):
        _night(shop, days)
    assert shop.rows("examination", '"rank"') == [(1,), (3,)]


def test_where_the_first_rank_was_never_clicked_nothing_is_known(shop: Shop) -> None:
    serve(shop, "r1", ["p1", "p2"])
    follow(shop, "r1", "p2")
    for days in (0, 1):
        _night(shop, days)
    assert shop.rows("examination") == []


def test_four_weeks_are_remembered(shop: Shop) -> None:
    serve(shop, "r1", ["p1"])
    follow(shop, "r1", "p1")
    _night(shop)
    _night(shop, 28)
    assert len(shop.rows(f"examination where as_of = '{later(28)}'")) == 1
    _night(shop, 29)
    assert shop.rows(f"examination where as_of = '{later(29)}'") == []


def test_a_day_counted_twice_is_the_same(shop: Shop) -> None:
    for n in range(40):
        serve(shop, f"r{n}", [f"p{(n + place) % 7}" for place in range(5)], user_id=f"u{n % 3}")
        follow(shop, f"r{n}", f"p{n % 7}")
    count_day(shop.connection, "recommend", DAY, later(1))
    before = _all_counted(shop)
    assert all(before[:3])
    count_day(shop.connection, "recommend", DAY, later(1))
    assert _all_counted(shop) == before
