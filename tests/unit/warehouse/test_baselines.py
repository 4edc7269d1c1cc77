"""Baselines: their scores worked by hand, and the half-life that is best."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from warehouse.evaluation import HALF_LIVES_DAYS, Evaluation, best_half_life, decayed
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

CUT = date(2024, 3, 31)

Scores = dict[tuple[str, str], float]


@pytest.fixture
def bought(shop: Shop) -> Shop:
    """Ten purchases before the cut: 6 of a, 3 of b, 1 of c; u1 and u2 buy again after it."""
    shop.sell(*"abcd")
    shop.sell("fuel", recommendable=False)
    shop.buys("u1", "a", "2024-03-01T00:00:00")  # 30 days before the cut
    shop.buys("u1", "a", "2024-01-31T00:00:00")  # 60 days
    shop.buys("u1", "b", "2024-03-16T00:00:00")  # 15 days
    shop.buys("u1", "fuel", "2024-03-16T00:00:00")
    shop.buys("u2", "c", "2024-03-30T12:00:00")  # half a day
    for day in range(1, 5):
        shop.buys("u3", "a", f"2024-02-0{day}T00:00:00")
    for day in range(1, 3):
        shop.buys("u3", "b", f"2024-02-0{day}T00:00:00")
    shop.buys("u1", "a", "2024-03-31T00:00:00")
    shop.buys("u2", "b", "2024-04-02T00:00:00")
    return shop


def _scores(shop: Shop, ranker: str) -> Scores:
    """What a baseline gives each query and product, from its statements."""
    connection = shop.connection
    run(connection, "marts/judgments_recommend", cut=CUT, days=7)
    run(connection, "marts/segments_recommend", cut=CUT)
    run(connection, "baselines/purchases_before", cut=CUT)
    run(connection, "metrics/empty_run")
    run(connection, "baselines/popular_candidates", places=200)
    for name in ("personal_candidates", "popularity", "personal_frequency"):
        run(connection, f"baselines/{name}")
    run(connection, "baselines/decayed_frequency", cut=CUT, half_life_days=30, ranker="decayed")
    return {
        (query, product): score
        for name, query, product, score in shop.rows("run", "ranker, query_id, product_id, score")
        if name == ranker
    }


def test_popularity_is_the_share_of_all_purchases_before_the_cut(bought: Shop) -> None:
    shares = {"a": 0.6, "b": 0.3, "c": 0.1}
    assert _scores(bought, "popularity") == pytest.approx(
        {(user, product): shares[product] for user in ("u1", "u2") for product in "abc"}
    )


def test_personal_frequency_counts_the_users_purchases_and_then_what_is_popular(
    bought: Shop,
) -> None:
    assert _scores(bought, "personal_frequency") == pytest.approx(
        {
            ("u1", "a"): 2.6,
            ("u1", "b"): 1.3,
            ("u1", "c"): 0.1,
            ("u2", "a"): 0.6,
            ("u2", "b"): 0.3,
            ("u2", "c"): 1.1,
        }
    )


def test_a_purchase_counts_half_after_the_half_life(bought: Shop) -> None:
    assert _scores(bought, "decayed") == pytest.approx(
        {
            ("u1", "a"): 1 / 2 + 1 / 4 + 0.6e-6,
            ("u1", "b"): 0.5**0.5 + 0.3e-6,
            ("u1", "c"): 0.1e-6,
            ("u2", "a"): 0.6e-6,
            ("u2", "b"): 0.3e-6,
            ("u2", "c"): 0.5 ** (0.5 / 30) + 0.1e-6,
        },
        rel=1e-12,
    )


def test_the_most_bought_of_each_segment_of_products_are_candidates(shop: Shop) -> None:
    products = [f"p{n:03}" for n in range(700)]
    shop.sell(*products)
    events = [(product, day) for n, product in enumerate(products) for day in range(1 + (n < 650))]
    names, days = zip(*events, strict=True)
    shop.connection.register("bought", pa.table({"product_id": names, "day": days}))
    shop.connection.execute(
        "insert into stg_events by name select product_id || day as event_id, 'purchase' as "
        "event_type, timestamp '2024-03-01' as occurred_at, occurred_at as logged_at, 'u1' as "
        "user_id, day::varchar as session_id, product_id, 'shop' as source from bought"
    )
    run(shop.connection, "marts/segments_recommend", cut=CUT)
    run(shop.connection, "baselines/purchases_before", cut=CUT)
    run(shop.connection, "baselines/popular_candidates", places=200)
    # 1,350 purchases: two thirds of 650 bought twice fill head (225) and torso (225).
    candidates = [product for (product,) in shop.rows("popular_candidates", "product_id")]
    assert candidates == [*products[:200], *products[225:425], *products[450:650]]


def test_every_baseline_is_measured_under_its_name(bought: Shop) -> None:
    evaluation = Evaluation(bought.connection, "recommend", CUT, 7)
    names = evaluation.add_baselines([30, 90])
    mrr = {
        m.ranker: m.value for m in evaluation.measure() if (m.segment, m.metric) == ("all", "mrr")
    }
    evaluation.close()
    assert names == [
        "popularity",
        "personal_frequency",
        "decayed_frequency_30d",
        "decayed_frequency_90d",
    ]
    assert mrr == pytest.approx(
        {
            "popularity": (1 + 1 / 2) / 2,  # a, b, c for both
            "personal_frequency": (1 + 1 / 3) / 2,  # u2: c, a, b
            "decayed_frequency_30d": (1 + 1 / 3) / 2,  # u1: 0.75 for a, 0.71 for b
            "decayed_frequency_90d": (1 + 1 / 3) / 2,
        }
    )


@pytest.mark.parametrize(
    ("buys_next", "half_life"),
    [
        ("new", 20),  # every half-life up to 120 is right; the shortest is taken
        ("old", 150),  # 5 * 0.5 ** (200 / h) > 2 * 0.5 ** (10 / h) from h = 143.7 on
    ],
)
def test_the_best_half_life_is_the_one_that_ranks_what_is_bought_next_highest(
    shop: Shop, buys_next: str, half_life: int
) -> None:
    shop.sell("old", "new")
    for n in range(5):
        shop.buys("u1", "old", "2023-09-13T00:00:00", session_id=f"old{n}")  # 200 days before
    for n in range(2):
        shop.buys("u1", "new", "2024-03-21T00:00:00", session_id=f"new{n}")  # 10 days before
    shop.buys("u1", buys_next, "2024-04-01T00:00:00")
    assert best_half_life(shop.connection, "recommend", CUT, 7) == half_life


def test_half_lives_are_named_in_days() -> None:
    assert [decayed(days) for days in HALF_LIVES_DAYS[:2]] == [
        "decayed_frequency_20d",
        "decayed_frequency_30d",
    ]
