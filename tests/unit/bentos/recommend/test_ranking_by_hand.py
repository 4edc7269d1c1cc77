"""Ranking by a model made by hand, whose scores are known: ties, pools and groups are exact."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import torch

from bentos.recommend.features import candidate_features
from bentos.recommend.histories import histories
from bentos.recommend.model import BasketModel, Shape
from bentos.recommend.ranker import STRANGER, Query, Ranked, RecommendRanker
from bentos.recommend.shop import shop_of
from bentos.recommend.statistics import Statistician
from bentos.recommend.store import Recommender, TextAxes, Vocabulary
from bentos.serving.record import POOL_SIZE
from bentos.serving.state import OnlineState
from tests.unit.bentos.conftest import AS_OF, N_PRODUCTS, product, small_parameters

NOW = AS_OF + timedelta(hours=12)
RECOMMENDABLE = N_PRODUCTS - 1


def _products(ranked: Ranked) -> list[str]:
    return [name for name, _ in ranked.pool]


def _run(ranker: RecommendRanker, user: str, **groups: list[str]) -> set[str]:
    table = ranker.run([user], {name: pa.array(products) for name, products in groups.items()})
    return set(table["product_id"].to_pylist())


def _by_popularity(state: OnlineState) -> RecommendRanker:
    """A product's score grows with its purchases of the last 28 days, and with nothing else."""
    model = BasketModel(
        Shape(features=_n_features(state), statistics=12, text=1, products=1, types=1, makers=1)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.get_parameter("bias.0.weight")[0, 1] = 1.0
        model.get_parameter("bias.2.weight")[0, 0] = 1.0
    axes = TextAxes(torch.zeros(8), torch.zeros(8, 1))
    vocabulary = Vocabulary((), (), ())
    return RecommendRanker(
        Recommender((model.eval(),), vocabulary, axes, small_parameters(members=1)), state, "cpu"
    )


def _n_features(state: OnlineState) -> int:
    shop = shop_of(state)
    known = Statistician(shop.catalogue, shop.purchases, shop.promotions, len(shop.stores)).know(
        shop.as_of, 0
    )
    zero = np.zeros(1, np.int64)
    past = histories(shop.catalogue, shop.purchases, zero, np.array([shop.as_of]))
    return int(candidate_features(shop.catalogue, past, known, zero, zero).shape[1])


def _sold_lately(state: OnlineState) -> list[int]:
    """Purchases of the last 28 days by row of the catalogue."""
    since = (AS_OF - timedelta(days=28)).replace(tzinfo=None)
    rows = state.tables["histories"].to_pylist()
    counts = np.bincount(
        [row["product"] for row in rows if row["occurred_at"] >= since], minlength=RECOMMENDABLE
    )
    return [int(count) for count in counts]


def test_a_stranger_is_answered_by_popularity_and_ties_stand_in_the_catalogues_order(
    state: OnlineState,
) -> None:
    sold = _sold_lately(state)
    expected = sorted(range(RECOMMENDABLE), key=lambda row: (-sold[row], row))
    assert len(set(sold)) < len(sold)  # there are ties
    ranked = _by_popularity(state).rank(Query(STRANGER, NOW))
    assert _products(ranked) == [product(row) for row in expected]


def test_a_run_holds_the_best_of_all_of_each_group_and_of_what_is_new(state: OnlineState) -> None:
    large = _grown(state, POOL_SIZE + 30)
    ranker = _by_popularity(large)
    unpopular = [f"x{row:03}" for row in range(POOL_SIZE + 25, POOL_SIZE + 30)]
    found = _run(ranker, "u00", tail=unpopular)
    plain = _run(ranker, "u00")
    best = _products(ranker.rank(Query("u00", AS_OF)))
    assert len(best) == POOL_SIZE
    assert set(best) <= plain
    assert not set(unpopular) & plain
    assert found == plain | set(unpopular)
    bought = {
        product(row["product"])
        for row in state.tables["histories"].to_pylist()
        if row["user_id"] == "u00"
    }
    assert len(plain - bought) == POOL_SIZE
    assert bought <= plain


def _grown(state: OnlineState, n: int) -> OnlineState:
    """The shop with ``n`` products more, which nobody has bought."""
    products = state.tables["products"]
    first = products.slice(0, 1).to_pylist()[0]
    more = [first | {"product_id": f"x{row:03}"} for row in range(n)]
    added = pa.Table.from_pylist(more, schema=products.schema)
    tables = {**state.tables, "products": pa.concat_tables([products, added])}
    return OnlineState("grown", state.as_of, tables)
