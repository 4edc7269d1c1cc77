"""What is found in a whole catalogue, and seeds taken together, against numbers worked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from warehouse.evaluation import Evaluation, mean_of_seeds, summarised
from warehouse.intervals import bootstrap_intervals

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Gains, Shop

DAY = date(2024, 3, 15)
OTHERS = [f"x{place:03}" for place in range(200)]  # products that nobody judged


class Found:
    """Measures rankings of the whole catalogue, by metric."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def __call__(
        self, ranking: Mapping[str, Sequence[str]], gains: Gains
    ) -> dict[str, tuple[float, int]]:
        for query, of_query in gains.items():
            for product, gain in of_query.items():
                self._shop.judge(query, product, gain)
        self._shop.sell(*{product for of_query in gains.values() for product in of_query})
        evaluation = Evaluation(self._shop.connection, "search", DAY, 0, "all_judgments")
        rows = [
            {"query_id": query, "product_id": product, "score": -float(place)}
            for query, products in ranking.items()
            for place, product in enumerate(products)
        ]
        evaluation.add_run("ours", pa.Table.from_pylist(rows))
        found = {m.metric: (m.value, m.n) for m in evaluation.measure_retrieval()}
        evaluation.close()
        return found


@pytest.fixture
def found(shop: Shop) -> Found:
    return Found(shop)


def test_recall_is_the_share_of_relevant_products_down_to_a_depth(found: Found) -> None:
    # of four relevant ones: rank 1, rank 50, rank 51, and rank 101, which nobody looks at
    ranking = ["a", *OTHERS[:48], "b", "c", *OTHERS[48:97], "d"]
    assert [ranking.index(product) + 1 for product in "abcd"] == [1, 50, 51, 101]
    values = found({"q": ranking}, {"q": dict.fromkeys("abcd", 7.0)})
    assert values["recall@50"] == (2 / 4, 1)
    assert values["recall@100"] == (3 / 4, 1)


def test_judged_is_the_share_of_the_first_ten_that_somebody_judged_whatever_they_are_worth(
    found: Found,
) -> None:
    # a is relevant and b worth nothing; c, at rank 11, is not looked at
    ranking = ["a", *OTHERS[:4], "b", *OTHERS[4:8], "c"]
    values = found({"q": ranking}, {"q": {"a": 7, "b": 0, "c": 1}})
    assert values["judged@10"] == (2 / 10, 1)


def test_of_fewer_than_ten_products_judged_is_the_share_of_those(found: Found) -> None:
    values = found({"q": ["a", "x"]}, {"q": {"a": 1}})
    assert values["judged@10"] == (1 / 2, 1)


def test_means_are_over_the_queries_with_a_relevant_product_found_or_not(found: Found) -> None:
    gains = {"q1": {"a": 7}, "q2": {"b": 3, "c": 7}, "nothing": {"a": 1}, "lost": {"a": 7}}
    values = found({"q1": ["a"], "q2": ["c"], "nothing": ["a"]}, gains)
    assert values["recall@50"] == ((1 + 1 / 2 + 0) / 3, 3)
    assert values["judged@10"] == ((1 + 1 + 0) / 3, 3)


@pytest.mark.parametrize(
    ("scale", "relevant"),
    [
        pytest.param({"0": 0, "1": 1, "2": 3, "3": 7}, {"2", "3"}, id="grades 0 to 3"),
        pytest.param({"0": 0, "1": 1, "2": 3, "3": 7, "4": 15}, {"3", "4"}, id="grades 0 to 4"),
        pytest.param({"E": 1, "S": 0.1, "C": 0.01, "I": 0}, {"E"}, id="ESCI"),
        pytest.param({"exact": 1, "partial": 0.5, "no": 0}, {"exact", "partial"}, id="WANDS"),
        pytest.param({"all": 1, "kind": 0.1, "shelf": 0}, {"all"}, id="derived"),
    ],
)
def test_relevant_is_what_is_worth_three_sevenths_of_the_greatest_gain(
    found: Found, scale: dict[str, float], relevant: set[str]
) -> None:
    # each of the scale's products by itself: a query whose product is not relevant is left out
    ranking = {name: [name] if name in relevant else [] for name in scale}
    values = found(ranking, {name: {name: gain} for name, gain in scale.items()})
    assert values["recall@50"] == (1, len(relevant))


def test_seeds_are_averaged_query_by_query_before_anything_is_drawn() -> None:
    per_query = {
        ("all", "ndcg@10", "ours 1"): np.array([1.0, 0.0, 0.5, 0.25]),
        ("all", "ndcg@10", "ours 2"): np.array([0.0, 1.0, 0.5, 0.75]),
        ("all", "ndcg@10", "dense 0"): np.array([0.25, 0.5, 0.5, 0.0]),
    }
    means = mean_of_seeds(per_query, {"ours": ["ours 1", "ours 2"], "dense": ["dense 0"]})
    assert means["all", "ndcg@10", "ours"].tolist() == [0.5, 0.5, 0.5, 0.5]
    assert means["all", "ndcg@10", "dense"].tolist() == [0.25, 0.5, 0.5, 0.0]
    ours, dense = summarised(means)
    # four queries, not eight: the seeds took different ones for good, together they differ in none
    assert (ours.value, ours.n, ours.standard_error, ours.low, ours.high) == (0.5, 4, 0, 0.5, 0.5)
    assert (dense.value, dense.n) == (0.3125, 4)
    ((low, high),) = bootstrap_intervals(np.array([[0.25, 0.5, 0.5, 0.0]]))
    assert (dense.low, dense.high) == (low, high)
    # deviations -0.0625, 0.1875, 0.1875, -0.3125
    squares = 0.0625**2 + 2 * 0.1875**2 + 0.3125**2
    assert dense.standard_error == pytest.approx((squares / 3 / 4) ** 0.5)
