"""What purchases come to, by numbers worked out by hand."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from bentos.recommend.histories import BASKETS, HALF_LIVES, Histories, histories
from bentos.recommend.shop import Purchases
from tests.unit.bentos.recommend.corner_shop import BREAD, CATALOGUE, CREAM, MILK, SOAP, bought

# Milk and bread on day 100, milk again on day 107, cream on day 114.
THREE_BASKETS = bought((0, 100, MILK), (0, 100, BREAD), (0, 107, MILK), (0, 114, CREAM))


def _at(purchases: Purchases, moment: float, user: int = 0) -> Histories:
    return histories(CATALOGUE, purchases, np.array([user]), np.array([float(moment)]))


def _same(one: Histories, other: Histories) -> None:
    for field in fields(Histories):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("product", "type", "category"):
            for part in fields(mine):
                assert_array_equal(getattr(mine, part.name), getattr(theirs, part.name))
        else:
            assert_array_equal(mine, theirs)


def test_recency_is_the_days_since_the_last_purchase() -> None:
    past = _at(THREE_BASKETS, 120)
    assert_array_equal(past.product.key, [MILK, CREAM, BREAD])
    assert_array_equal(past.product.recency, [13, 6, 20])
    assert_array_equal(past.type.key, [0, 1])
    assert_array_equal(past.type.recency, [6, 20])
    assert_array_equal(past.category.key, [0])
    assert_array_equal(past.category.recency, [6])


def test_a_purchase_counts_half_after_a_half_life() -> None:
    past = _at(THREE_BASKETS, 120)
    for place, half_life in enumerate(HALF_LIVES):
        milk = 0.5 ** (20 / half_life) + 0.5 ** (13 / half_life)
        cream, bread = 0.5 ** (6 / half_life), 0.5 ** (20 / half_life)
        assert_allclose(past.product.decayed[:, place], [milk, cream, bread], rtol=1e-6)
        assert_allclose(past.type.decayed[:, place], [milk + cream, bread], rtol=1e-6)
        # milk and bread of one basket are one purchase of the category
        assert_allclose(past.category.decayed[:, place], [milk + cream], rtol=1e-6)


def test_exactly_one_half_life_ago_is_a_half() -> None:
    for place, half_life in enumerate(HALF_LIVES):
        past = _at(bought((0, 100, MILK)), 100 + half_life)
        assert_allclose(past.product.decayed[0, place], 0.5, rtol=1e-6)


def test_two_lines_of_a_product_in_one_basket_are_one_purchase() -> None:
    past = _at(bought((0, 100, MILK), (0, 100, MILK)), 100 + HALF_LIVES[0])
    assert_allclose(past.product.decayed[0, 0], 0.5, rtol=1e-6)


def test_products_are_ranked_by_decayed_purchases() -> None:
    past = _at(THREE_BASKETS, 120)
    assert_array_equal(past.product_rank, [0, 1, 2])  # milk twice, cream lately, bread long ago
    later = _at(bought((0, 100, BREAD), (0, 101, SOAP), (0, 102, MILK)), 120)
    assert_array_equal(later.product_rank, [0, 2, 1])  # of milk, bread, soap


def test_only_what_came_before_the_moment_is_read() -> None:
    before = bought((0, 100, MILK), (0, 100, BREAD), (0, 107, MILK))
    _same(_at(THREE_BASKETS, 114), _at(before, 114))  # the moment itself is not before it
    _same(_at(THREE_BASKETS, 107.5), _at(before, 107.5))


def test_baskets_fill_the_slots_from_the_newest_back() -> None:
    past = _at(THREE_BASKETS, 120)
    last = BASKETS - 1
    assert_array_equal(past.basket_product, [MILK, BREAD, MILK, CREAM])
    assert_array_equal(past.basket_slot, [last - 2, last - 2, last - 1, last])
    assert_array_equal(past.basket_age[0, -3:], [20, 13, 6])
    assert (past.basket_age[0, :-3] == -1).all()


def test_of_many_baskets_only_the_newest_are_seen_but_all_are_counted() -> None:
    lines = [(0, float(day), MILK) for day in range(BASKETS + 5)]
    past = _at(bought(*lines), BASKETS + 5)
    assert_array_equal(past.basket_slot, np.arange(BASKETS))
    assert_array_equal(past.basket_age[0], np.arange(BASKETS, 0, -1))
    assert_allclose(past.user[0, 0], np.log1p(BASKETS + 5), rtol=1e-6)


def test_the_usual_store_is_where_most_was_bought_lately() -> None:
    lines = [(0, 100, MILK), (0, 100, BREAD), (0, 150, MILK)]
    # at day 160, two purchases 60 days old make 2 * 1/4 = 0.5, one 10 days old 0.79
    assert _at(bought(*lines, store=[0, 0, 1]), 160).store[0] == 1
    # at day 101 of the first two only
    assert _at(bought(*lines, store=[1, 1, 0]), 101).store[0] == 1
    assert _at(bought(*lines, store=[-1, -1, 1]), 101).store[0] == 0  # unknown: the first


def test_the_share_of_deals_is_of_all_lines() -> None:
    purchases = bought(*[(0, 100 + n, MILK) for n in range(4)], discount=[0.1, 0, 0, 0.5])
    assert _at(purchases, 110).deal[0] == 0.5
    assert _at(purchases, 102).deal[0] == 0.5
    assert _at(purchases, 103).deal[0] == np.float32(1 / 3)


def test_what_is_said_of_a_user_adds_up() -> None:
    user = _at(THREE_BASKETS, 120).user[0]
    baskets, in_28_days, in_7_days, lines_a_basket = user[:4]
    assert_allclose(baskets, np.log1p(3), rtol=1e-6)
    assert_allclose(in_28_days, np.log1p(3), rtol=1e-6)
    assert in_7_days == 1
    assert_allclose(lines_a_basket, np.log1p(4 / 3), rtol=1e-6)
    assert_allclose(user[5], np.log1p(6), rtol=1e-6)  # days since the newest basket
    assert user[6] == np.float32(3 / 4)  # distinct products of all lines


def test_a_user_without_purchases_has_a_history_all_the_same() -> None:
    past = _at(bought(users=1), 120)
    assert len(past.product.key) == len(past.basket_product) == 0
    assert (past.basket_age == -1).all()
    assert np.isfinite(past.user).all()
    assert (past.store[0], past.deal[0]) == (0, 0)


def test_every_feature_is_a_number(  # also of one purchase, at its own moment
) -> None:
    for moment in (100.0, 100.0 + 1e-9, 107, 5000):
        past = _at(THREE_BASKETS, moment)
        for groups in (past.product, past.type, past.category):
            assert np.isfinite(groups.features).all()


def test_one_user_at_two_moments_are_two_examples() -> None:
    both = histories(CATALOGUE, THREE_BASKETS, np.array([0, 0]), np.array([110.0, 120.0]))
    early, late = _at(THREE_BASKETS, 110), _at(THREE_BASKETS, 120)
    assert_array_equal(
        both.product.key, np.append(early.product.key, late.product.key + CATALOGUE.size)
    )
    assert_array_equal(
        both.product.features, np.concatenate([early.product.features, late.product.features])
    )
    assert_array_equal(both.user, np.concatenate([early.user, late.user]))
    assert_array_equal(both.basket_age, np.concatenate([early.basket_age, late.basket_age]))
