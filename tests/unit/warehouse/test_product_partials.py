"""How exposure is shared out among products, and which are bought most: against sums by product."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.warehouse.added_up_days import DAY, add_up, at, changing_and_lasting, show
from tests.unit.warehouse.answers_and_events import answer
from warehouse.answers import Days
from warehouse.statements import run

if TYPE_CHECKING:
    from datetime import date

    from tests.unit.warehouse.conftest import Shop


def test_inequality_and_its_errors_are_those_of_each_product_by_itself(shop: Shop) -> None:
    products = "abcdefghijklmno"
    shop.sell(*products)
    shop.sell("x", recommendable=False)
    rng = np.random.default_rng(5)
    for request in range(30):
        answer(shop, at(9), first=request, user_id=f"u{request}")
        shown = rng.choice([*products[:9]], 4, replace=False, p=np.arange(1, 10) / 45)
        show(shop, request, "".join([*shown, "x"]))
    add_up(shop)
    rows = changing_and_lasting(shop, Days(DAY, DAY))
    found = {row.metric: (row.value, row.standard_error) for row in rows if row.segment == "all"}

    exposures = dict(shop.rows("exposure_partials where product_id <> 'x'", "product_id, n"))
    n = np.sort([exposures.get(product, 0) for product in products])
    weights = (2 * np.arange(1, len(n) + 1) - len(n) - 1) / len(n)
    gini = (weights * n).sum() / 150
    gini_error = np.sqrt(((weights - gini) ** 2 * n).sum()) / 150
    assert found["exposure_gini@10"] == (pytest.approx(gini), pytest.approx(gini_error))
    coverage_error = np.sqrt((np.exp(-n) * (1 - np.exp(-n))).sum()) / len(n)
    assert found["catalogue_coverage@10"] == (
        pytest.approx((n > 0).mean()),
        pytest.approx(coverage_error),
    )


def test_a_third_of_the_purchases_before_each_day_makes_the_head(shop: Shop) -> None:
    rng = np.random.default_rng(7)
    days = [DAY, DAY + timedelta(days=2)]
    bought: dict[date, Counter[str]] = {day: Counter() for day in days}
    for product in (f"p{n:02}" for n in range(60)):
        for age in rng.integers(-2, 5, size=rng.geometric(0.4)).tolist():
            when = DAY - timedelta(days=age)
            shop.buys("u", product, f"{when}T12:00:00")
            for day in days:
                bought[day][product] += when < day
    run(shop.connection, "partials/product_places", days=days)
    for day, counts in bought.items():
        ordered = sorted((-n, product) for product, n in counts.items() if n)
        up_to_here = np.cumsum([-n for n, _ in ordered]) / counts.total()
        placed = np.array(["head", "torso", "tail"])[np.digitize(up_to_here, [1 / 3, 2 / 3], True)]
        expected = [
            (product, f"{place}") for (_, product), place in zip(ordered, placed, strict=True)
        ]
        found = shop.rows(f"product_places where served_date = '{day}'", "product_id, place")
        assert found == sorted(expected)
