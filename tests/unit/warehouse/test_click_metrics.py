"""Metrics from clicks, plain and corrected for position, by hand and against a simulated truth."""

from __future__ import annotations

from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.clicked_answers import DAY, NOON, follow, later, serve
from warehouse.answers import know_day, take_counted
from warehouse.clicks import measure_clicks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.warehouse.conftest import Shop


def _look(shop: Shop, probabilities: Mapping[int, float], days: int = 0) -> None:
    shop.add(
        "examination",
        *(
            {"scenario": "recommend", "as_of": later(days), "rank": rank}
            | {"probability": probability, "standard_error": 0.0, "n": 1}
            for rank, probability in probabilities.items()
        ),
    )


def _measured(shop: Shop) -> dict[tuple[str, str], tuple[float, float]]:
    """Value and weight of each answer and metric."""
    know_day(shop.connection, "recommend", DAY)
    take_counted(shop.connection, "recommend", DAY)
    measure_clicks(shop.connection, "recommend", DAY, DAY)
    rows = shop.rows("per_click", "request_id, metric, value, weight")
    assert len({row[:2] for row in rows}) == len(rows)
    return {(request, metric): (value, weight) for request, metric, value, weight in rows}


def test_plain_click_metrics_by_hand(shop: Shop) -> None:
    products = [f"p{n}" for n in range(1, 13)]
    for request, clicked in {"r1": ["p2", "p4"], "r2": ["p12"], "r3": []}.items():
        serve(shop, request, products)
        if clicked:
            follow(shop, request, *clicked)
    found = _measured(shop)
    ndcg = (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3))
    assert found == {
        ("r1", "click_precision@10"): (0.2, 1),
        ("r2", "click_precision@10"): (0, 1),
        ("r1", "click_mrr"): (1 / 2, 1),
        ("r2", "click_mrr"): (1 / 12, 1),
        ("r1", "click_ndcg@10"): (pytest.approx(ndcg), 1),
        ("r2", "click_ndcg@10"): (0, 1),
    }


def test_a_click_counts_as_often_as_its_rank_is_overlooked(shop: Shop) -> None:
    _look(shop, {1: 1.0, 2: 0.5, 3: 0.001})
    for request, clicked in {"r1": "p1", "r2": "p2", "r3": "p3", "r4": "p4"}.items():
        serve(shop, request, ["p1", "p2", "p3", "p4"])
        follow(shop, request, clicked)
    found = _measured(shop)
    # Weights of 100 at most: also of a rank that nobody knows.
    gains = {"r1": 1, "r2": 2, "r3": 100, "r4": 100}
    for request, gain in gains.items():
        assert found[request, "debiased_click_precision@10"] == (pytest.approx(gain / 10), 1)
    ndcg = {"r1": 1.0, "r2": 1 / log2(3), "r3": 0.5, "r4": 1 / log2(5)}
    for request, value in ndcg.items():
        weighed = (pytest.approx(value), pytest.approx(gains[request]))
        assert found[request, "debiased_click_ndcg@10"] == weighed


def test_of_several_clicks_the_one_that_counts_most_would_stand_first(shop: Shop) -> None:
    _look(shop, {1: 1.0, 2: 0.5})
    serve(shop, "r1", ["p1", "p2"])
    follow(shop, "r1", "p1", "p2")
    value = (1 + 2 / log2(3)) / (2 + 1 / log2(3))
    assert _measured(shop)["r1", "debiased_click_ndcg@10"] == (pytest.approx(value), 3)


def test_without_examination_nothing_is_corrected(shop: Shop) -> None:
    _look(shop, {1: 1.0}, days=-1)  # of another night
    serve(shop, "r1", ["p1"])
    follow(shop, "r1", "p1")
    assert not any(metric.startswith("debiased") for _, metric in _measured(shop))


def test_clicks_that_came_later_are_not_known_yet(shop: Shop) -> None:
    serve(shop, "r1", ["p1"])
    follow(shop, "r1", "p1", at=NOON + timedelta(hours=20))
    assert _measured(shop) == {}
