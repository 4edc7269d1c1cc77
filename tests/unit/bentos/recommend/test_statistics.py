"""What everybody's purchases say of a product, by numbers worked out by hand."""

from __future__ import annotations

from dataclasses import fields
from math import log

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from bentos.recommend.shop import Promotions, Purchases
from bentos.recommend.statistics import AGE_BINS, NEVER, Knowledge, Statistician
from tests.unit.bentos.recommend.corner_shop import (
    BREAD,
    CATALOGUE,
    CREAM,
    MILK,
    N_STORES,
    SOAP,
    bought,
    promoted,
)

# Columns of ProductStatistics.values.
WEEK, MONTH, PER_MONTH, WEEK_TREND, MONTH_TREND, _, PER_USER, LAST, _, PRICE, OFF, DEALS = range(12)
# Columns of PromotedWeek.values.
NOW, WEEK_AGO, LIFT, TYPE_LIFT, SINCE, HABIT = range(6)

# Two users: milk on days 100, 135 and 150 by the first, on day 152 by the second, who also bought
# bread on day 120. Nobody bought cream or soap.
PURCHASES = bought(
    (0, 100, MILK),
    (0, 135, MILK),
    (0, 150, MILK),
    (1, 120, BREAD),
    (1, 152, MILK),
    users=2,
    store=[0, 0, 1, 1, -1],
    price=[1, 2, 3, 5, 2],
    discount=[0, 0, 0.25, 0, 0.75],
)


def _know(
    as_of: float,
    purchases: Purchases = PURCHASES,
    promotions: Promotions | None = None,
    weeks_back: int = 0,
) -> Knowledge:
    promotions = promoted() if promotions is None else promotions
    return Statistician(CATALOGUE, purchases, promotions, N_STORES).know(as_of, weeks_back)


def test_purchases_of_the_last_week_and_month_are_counted() -> None:
    values = _know(156).statistics.values
    # ages of milk: 56, 21, 6, 4; of bread: 36
    assert_allclose(values[:, WEEK], np.log1p([2, 0, 0, 0]), rtol=1e-6)
    assert_allclose(values[:, MONTH], np.log1p([3, 0, 0, 0]), rtol=1e-6)
    # in 56 days, the oldest purchase's age, 4 of milk and 1 of bread: 2 and 1/2 in 28
    assert_allclose(values[:, PER_MONTH], np.log1p([2, 0, 0.5, 0]), rtol=1e-6)


def test_trends_compare_with_the_week_and_the_month_before() -> None:
    values = _know(156).statistics.values
    assert_allclose(values[MILK, WEEK_TREND], log((2 + 2) / (0 + 2)), rtol=1e-6)
    assert_allclose(values[MILK, MONTH_TREND], log((3 + 4) / (1 + 4)), rtol=1e-6)
    assert_allclose(values[BREAD, MONTH_TREND], log((0 + 4) / (1 + 4)), rtol=1e-6)


def test_the_edge_of_a_week_belongs_to_it() -> None:
    assert_allclose(_know(157).statistics.values[MILK, WEEK], np.log1p(2), rtol=1e-6)
    assert_allclose(_know(157.5).statistics.values[MILK, WEEK], np.log1p(1), rtol=1e-6)


def test_what_was_paid_and_taken_off_is_averaged() -> None:
    values = _know(156).statistics.values
    assert_allclose(values[:, PER_USER], [log(4 / 2), 0, 0, 0], rtol=1e-6)
    assert_allclose(values[:, PRICE], np.log1p([2, 0, 5, 0]), rtol=1e-6)
    assert_allclose(values[:, OFF], [0.5, 0, 0, 0], rtol=1e-6)  # of what was taken off anything
    assert_allclose(values[:, DEALS], [0.5, 0, 0, 0], rtol=1e-6)


def test_what_was_never_bought_was_last_bought_never() -> None:
    values = _know(156).statistics.values
    assert_allclose(values[:, LAST], np.log1p([4, NEVER, 36, NEVER]), rtol=1e-6)
    assert np.isfinite(values).all()


def test_popular_is_what_was_bought_most_in_four_weeks_ties_in_the_catalogues_order() -> None:
    assert_array_equal(_know(156).statistics.popular, [MILK, CREAM, BREAD, SOAP])
    assert_array_equal(_know(121).statistics.popular, [MILK, BREAD, CREAM, SOAP])
    assert_array_equal(_know(130).statistics.popular, [BREAD, MILK, CREAM, SOAP])


def test_what_a_store_sold_in_four_weeks_is_counted_and_unknown_stores_are_not() -> None:
    statistics = _know(156).statistics
    assert_array_equal(statistics.store_key, [MILK, CATALOGUE.size + MILK])
    assert_array_equal(statistics.store_count, [1, 1])
    assert_array_equal(statistics.store_total, [1, 1])


def test_before_the_first_purchase_everything_is_a_number() -> None:
    for purchases, as_of in ((PURCHASES, 50.0), (bought(users=1), 156.0)):
        statistics = _know(as_of, purchases).statistics
        assert np.isfinite(statistics.values).all()
        assert np.isfinite(statistics.hazard).all()
        assert_array_equal(statistics.popular, [MILK, CREAM, BREAD, SOAP])


@pytest.mark.parametrize("as_of", [120.0, 135.0, 151.0])
def test_what_happens_later_changes_nothing(as_of: float) -> None:
    kept = PURCHASES.time < as_of
    before = Purchases(
        np.append(0, np.cumsum(np.bincount(PURCHASES.user[kept], minlength=2))),
        *(column[kept] for column in PURCHASES.columns),
    )
    now, then = _know(as_of).statistics, _know(as_of, before).statistics
    for field in fields(now):
        assert_array_equal(getattr(now, field.name), getattr(then, field.name))


# Repurchases, counted day by day.


def _hazard_day_by_day(
    spans: list[tuple[int, int, bool]], n_groups: int, prior: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """``spans``: group, days until it was bought again or the end came, and which of the two."""
    bins = len(AGE_BINS)
    events, risk = np.zeros((n_groups, bins)), np.zeros((n_groups, bins))
    for group, gap, again in spans:
        for day in range(gap):
            risk[group, np.flatnonzero(day >= AGE_BINS)[-1]] += 1
        events[group, np.flatnonzero(gap >= AGE_BINS)[-1]] += again
    if prior is None:
        prior = np.tile((events.sum(0) + 1) / (risk.sum(0) + 100), (n_groups, 1))
    hazard = np.zeros((n_groups, bins))
    for group in range(n_groups):
        expected = (risk[group] * prior[group]).sum()
        base = prior[group] * (events[group].sum() + 3) / (expected + 3)
        hazard[group] = (events[group] + 5) / (risk[group] + 5 / base)
    return hazard


def test_hazards_are_repurchases_by_days_at_risk_shrunk_to_what_is_usual() -> None:
    statistics = _know(156).statistics
    milk = [(0, 35, True), (0, 15, True), (0, 6, False), (0, 4, False)]
    of_types = _hazard_day_by_day([*milk, (1, 36, False)], 3, prior=None)
    assert_allclose(statistics.type_hazard, np.log(of_types), rtol=1e-5)
    of_products = _hazard_day_by_day([*milk, (BREAD, 36, False)], 4, prior=of_types[CATALOGUE.type])
    assert_allclose(statistics.hazard, np.log(of_products), rtol=1e-5)


def test_two_baskets_on_a_day_are_one_visit() -> None:
    once = bought((0, 100.3, MILK), (0, 107, MILK))
    twice = bought((0, 100.3, MILK), (0, 100.8, MILK), (0, 107, MILK))
    assert_array_equal(_know(120, once).statistics.hazard, _know(120, twice).statistics.hazard)


# Promotions. Milk was in the mailer of half the stores one week back, when 6 were sold; two weeks
# back 2 were sold without it, three weeks back 4.
SALES = bought(*[(0, day, MILK) for day in (136, 137, 138, 139, 144, 145, *[150] * 6)])
SHARES = [(1, MILK, 0.5), (3, SOAP, 0.04), (0, BREAD, 0.25)]


def test_the_week_in_force_says_what_is_displayed_and_mailed_where() -> None:
    rows = [(0, 0, MILK, True, 0), (0, 1, SOAP, False, 2), (1, 1, BREAD, True, 1)]
    week = _know(156, promotions=promoted(*rows)).promoted
    assert_array_equal(week.key, [MILK, CATALOGUE.size + SOAP])
    assert_array_equal(week.displayed, [True, False])
    assert_array_equal(week.mailer, [0, 2])
    earlier = _know(149, promotions=promoted(*rows), weeks_back=1).promoted
    assert_array_equal(earlier.key, [CATALOGUE.size + BREAD])


def test_mailer_shares_are_of_this_week_and_the_last() -> None:
    values = _know(156, SALES, promoted(shares=SHARES)).promoted.values
    assert_allclose(values[:, NOW], [0, 0, 0.25, 0])
    assert_allclose(values[:, WEEK_AGO], [0.5, 0, 0, 0])


def test_lift_is_what_a_mailed_week_sells_over_one_that_is_not() -> None:
    values = _know(156, SALES, promoted(shares=SHARES)).promoted.values
    base = (2 + 4 + 1) / (2 + 1)  # a week without
    assert_allclose(values[MILK, LIFT], log((6 + 1 + 2.8 * base) / ((1 + 2) * base)), rtol=1e-5)
    assert_allclose(values[MILK, TYPE_LIFT], log(1 + 6 / base), rtol=1e-5)
    assert_allclose(values[CREAM, TYPE_LIFT], log(1 + 6 / base), rtol=1e-5)  # the same type


def test_how_long_ago_and_how_often_a_product_was_mailed() -> None:
    values = _know(156, SALES, promoted(shares=SHARES)).promoted.values
    # soap was mailed by too few stores to count; three weeks are looked back on
    assert_allclose(values[:, SINCE], np.log1p([1, 4, 4, 4]), rtol=1e-6)
    assert_allclose(values[:, HABIT], [1 / 3, 0, 0, 0], rtol=1e-6)


def test_the_promotions_of_a_day_do_not_know_those_after_it() -> None:
    later = [*SHARES, (0, MILK, 1.0)]
    now = _know(149, SALES, promoted(shares=SHARES), weeks_back=1).promoted
    then = _know(149, SALES, promoted(shares=later), weeks_back=1).promoted
    assert_array_equal(now.values, then.values)
    assert_array_equal(now.by_type, then.by_type)


def test_shares_add_up_over_a_type() -> None:
    shares = [(0, MILK, 0.5), (0, CREAM, 0.25), (0, SOAP, 1.0)]
    assert_allclose(_know(156, SALES, promoted(shares=shares)).promoted.by_type, [0.75, 0, 1])


def test_without_any_promotion_everything_is_a_number() -> None:
    week = _know(156, bought(users=1)).promoted
    assert np.isfinite(week.values).all()
    assert len(week.key) == 0
