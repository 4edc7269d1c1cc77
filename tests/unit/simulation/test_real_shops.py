"""True relevance from real purchases and real grades."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.simulation.shop import chorus, complete_journey
from warehouse.sources.complete_journey import CompleteJourney

CHORUS = Path(os.environ.get("SHOPKEEPER_TEST_DATA", "../shared/data")) / "chorus"


def test_households_are_after_what_they_take_home() -> None:
    shop = complete_journey(products=50)
    assert shop.relevance.shape == (2469, 50)
    assert shop.weight.sum() == pytest.approx(1)
    assert (shop.price > 0).all()
    assert ((shop.relevance > 0) & (shop.relevance < 1)).all()
    bananas = int(np.argmax(shop.weight @ shop.relevance))
    assert shop.product_ids[bananas] == "1082185"
    household, taken, trips = _trips("1082185")
    usual = taken.sum() / trips.sum()
    np.testing.assert_array_equal(shop.tastes, household)
    np.testing.assert_allclose(
        shop.relevance[:, bananas], (taken + 10 * usual) / (trips + 10), rtol=1e-9
    )


def _trips(product: str) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Households, how many of their trips took the product home, and how many there were."""
    transactions = CompleteJourney().loads(None)[1].parameters["path"]
    found = duckdb.sql(
        "select household_id::varchar as household, "
        f"count(distinct basket_id) filter (product_id = {product}) as taken, "
        f"count(distinct basket_id) as trips from '{transactions}' group by all order by household"
    ).fetchnumpy()
    return [found["household"].astype(str), found["taken"], found["trips"]]


@pytest.mark.skipif(not CHORUS.exists(), reason=f"{CHORUS} is not there")
def test_queries_are_after_what_raters_graded_well() -> None:
    shop = chorus(CHORUS, products=2500)
    assert shop.relevance.shape == (90, 2500)
    graded = duckdb.sql(
        f"from '{CHORUS}/judgments.parquet' where final_rating > 0 "
        f"and product_id in (select id from '{CHORUS}/products.parquet')"
    ).fetchall()
    row = {product: n for n, product in enumerate(shop.product_ids.tolist())}
    taste = {query: n for n, query in enumerate(shop.tastes.tolist())}
    expected = np.zeros(shop.relevance.shape)
    for query, product, _, _, _, grade in graded:
        expected[taste[query], row[product]] = {1: 1 / 8, 2: 3 / 8, 3: 7 / 8}[grade]
    np.testing.assert_array_equal(shop.relevance, expected)
    assert shop.weight.sum() == pytest.approx(1)
    assert shop.weight.max() == pytest.approx(1 / np.sum(1 / np.arange(1, 91)))
    assert (shop.price > 0).all()
