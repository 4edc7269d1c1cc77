"""Ranking: who is left out, what counts, and one answer however it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.testing import assert_allclose

from bentos.recommend.ranker import STRANGER, Query, Ranked, RecommendRanker, Shopper
from bentos.scenario import RUN_SCHEMA
from bentos.serving.reading import Floats, Reader
from bentos.serving.record import LoggedEvent
from bentos.serving.state import OnlineState
from tests.simulation.models import of_run
from tests.simulation.shop import synthetic
from tests.unit.bentos.conftest import (
    AS_OF,
    DEVICES,
    N_PRODUCTS,
    N_USERS,
    UNSOLD,
    WITHDRAWN,
    product,
)

NOW = AS_OF + timedelta(hours=12)
USERS = [f"u{user:02}" for user in range(N_USERS)]
RECOMMENDABLE = N_PRODUCTS - 1
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=DEVICES)
def ranker(request: pytest.FixtureRequest, trained: Path, state: OnlineState) -> RecommendRanker:
    return RecommendRanker.load(trained, state, request.param)


def _products(ranked: Ranked) -> list[str]:
    return [name for name, _ in ranked.pool]


def _same(one: Ranked, other: Ranked) -> None:
    mine, theirs = dict(one.pool), dict(other.pool)
    assert mine.keys() == theirs.keys()
    assert_allclose([mine[name] for name in mine], [theirs[name] for name in mine], atol=TOLERANCE)


def _event(
    name: str, event_type: str = "purchase", at: datetime = AS_OF, **changes: Any
) -> LoggedEvent:
    event = LoggedEvent(f"{name}-{at}", event_type, name, at, 1.0, 2.0, None, "store 0")
    return replace(event, **changes)


def test_the_whole_catalogue_is_scored_and_the_best_stand_first(ranker: RecommendRanker) -> None:
    ranked = ranker.rank(Query("u00", NOW))
    scores = [score for _, score in ranked.pool]
    assert ranked.n_scored == len(ranked.pool) == RECOMMENDABLE
    assert scores == sorted(scores, reverse=True)
    assert all(np.isfinite(scores))
    assert len(set(_products(ranked))) == RECOMMENDABLE


def test_a_product_that_nobody_bought_is_scored_and_a_withdrawn_one_is_not(
    ranker: RecommendRanker,
) -> None:
    names = _products(ranker.rank(Query("u00", NOW)))
    assert {product(row) for row in UNSOLD} <= set(names)
    assert product(WITHDRAWN) not in names


def test_two_products_that_nobody_can_tell_apart_have_one_score(ranker: RecommendRanker) -> None:
    scores = dict(ranker.rank(Query("u00", NOW)).pool)
    one, other = (scores[product(row)] for row in UNSOLD)
    assert one == pytest.approx(other, abs=TOLERANCE)


def test_excluded_products_are_left_out_and_change_no_other_score(ranker: RecommendRanker) -> None:
    whole = dict(ranker.rank(Query("u00", NOW)).pool)
    excluded = frozenset(list(whole)[:3])
    ranked = ranker.rank(Query("u00", NOW, exclude=excluded))
    assert ranked.n_scored == RECOMMENDABLE - 3
    assert dict(ranked.pool) == {p: s for p, s in whole.items() if p not in excluded}


def test_where_everything_is_excluded_nothing_is_left(ranker: RecommendRanker) -> None:
    everything = frozenset(product(row) for row in range(N_PRODUCTS))
    ranked = ranker.rank(Query("u00", NOW, exclude=everything))
    assert (ranked.pool, ranked.n_scored) == ([], 0)


def test_products_of_the_session_are_context_and_not_candidates(ranker: RecommendRanker) -> None:
    whole = ranker.rank(Query("u00", NOW))
    session = (product(3), product(30))
    ranked = ranker.rank(Query("u00", NOW, session=session))
    assert ranked.n_scored == RECOMMENDABLE - 2
    assert not set(session) & set(_products(ranked))
    before = dict(whole.pool)
    changed = [abs(before[name] - score) for name, score in ranked.pool]
    assert max(changed) > 1e-3


def test_a_product_seen_twice_in_a_session_counts_once(ranker: RecommendRanker) -> None:
    once, twice = ((product(3),), (product(3), product(3)))
    _same(
        ranker.rank(Query("u00", NOW, session=once)), ranker.rank(Query("u00", NOW, session=twice))
    )


def test_products_that_are_not_in_the_catalogue_are_ignored(ranker: RecommendRanker) -> None:
    names = ("nothing", product(WITHDRAWN))
    asked = Query("u00", NOW, names, frozenset(names), tuple(_event(name) for name in names))
    _same(ranker.rank(asked), ranker.rank(Query("u00", NOW)))


def test_all_strangers_are_answered_alike_and_unlike_somebody_known(
    ranker: RecommendRanker,
) -> None:
    stranger = ranker.rank(Query(STRANGER, NOW))
    assert ranker.rank(Query("nobody", NOW)).pool == stranger.pool
    assert ranker.rank(Query("u00", NOW)).pool != stranger.pool
    assert stranger.n_scored == RECOMMENDABLE


# Feedback that the state does not hold yet.


def test_clicks_and_carts_count_as_products_of_the_session(ranker: RecommendRanker) -> None:
    events = (_event(product(3), "click"), _event(product(30), "add_to_cart"))
    _same(
        ranker.rank(Query("u00", NOW, recent=events)),
        ranker.rank(Query("u00", NOW, session=(product(3), product(30)))),
    )


@pytest.mark.parametrize("event_type", ["impression", "return", "redemption"])
def test_other_events_change_nothing(ranker: RecommendRanker, event_type: str) -> None:
    events = (_event(product(3), event_type),)
    _same(ranker.rank(Query("u00", NOW, recent=events)), ranker.rank(Query("u00", NOW)))


def test_a_purchase_counts_at_once_and_stays_a_candidate(ranker: RecommendRanker) -> None:
    before = dict(ranker.rank(Query("u00", NOW)).pool)
    ranked = ranker.rank(Query("u00", NOW, recent=(_event(product(UNSOLD[0])),)))
    after = dict(ranked.pool)
    assert ranked.n_scored == RECOMMENDABLE
    assert abs(after[product(UNSOLD[0])] - before[product(UNSOLD[0])]) > 1e-3


def test_a_stranger_who_bought_the_same_is_answered_the_same(
    ranker: RecommendRanker, state: OnlineState
) -> None:
    """A history counts alike from the state and from feedback."""
    rows = state.tables["histories"].to_pylist()
    bought = tuple(
        _event(
            product(row["product"]),
            at=row["occurred_at"].replace(tzinfo=UTC),
            quantity=row["quantity"],
            price=row["price"],
            discount=row["discount"],
            store_id=row["store_id"],
        )
        for row in rows
        if row["user_id"] == "u05"
    )
    _same(ranker.rank(Query("u05", NOW)), ranker.rank(Query("nobody", NOW, recent=bought)))


def test_a_purchase_without_price_discount_or_store_counts_too(ranker: RecommendRanker) -> None:
    event = _event(product(3), price=None, discount=None, store_id=None)
    ranked = ranker.rank(Query(STRANGER, NOW, recent=(event,)))
    assert all(np.isfinite([score for _, score in ranked.pool]))


# Many queries at once, as an evaluation asks them.


def _run(
    ranker: RecommendRanker, users: list[str], **groups: list[str]
) -> dict[str, dict[str, float]]:
    table = ranker.run(users, {name: pa.array(products) for name, products in groups.items()})
    assert table.schema == RUN_SCHEMA
    found: dict[str, dict[str, float]] = {}
    for row in table.to_pylist():
        assert row["product_id"] not in found.setdefault(row["query_id"], {})
        found[row["query_id"]][row["product_id"]] = row["score"]
    return found


def test_offline_and_online_give_one_answer(ranker: RecommendRanker) -> None:
    found = _run(ranker, USERS)
    assert list(found) == USERS
    for user in USERS:
        ranked = dict(ranker.rank(Query(user, AS_OF)).pool)
        assert ranked.keys() == found[user].keys()
        assert_allclose(
            [ranked[name] for name in ranked],
            [found[user][name] for name in ranked],
            atol=TOLERANCE,
        )


def test_company_changes_nobodys_scores(ranker: RecommendRanker) -> None:
    together = _run(ranker, USERS)
    for user in USERS:
        alone = _run(ranker, [user])[user]
        assert alone.keys() == together[user].keys()
        assert_allclose(
            [alone[name] for name in alone],
            [together[user][name] for name in alone],
            atol=TOLERANCE,
        )


def test_queries_of_nobody_are_left_out(ranker: RecommendRanker) -> None:
    assert list(_run(ranker, ["nobody", "u03"])) == ["u03"]
    assert ranker.run(["nobody"], {}).num_rows == 0
    assert ranker.run([], {}).schema == RUN_SCHEMA


def test_shoppers_who_are_read_together_are_told_what_each_is_told_alone(
    ranker: RecommendRanker,
) -> None:
    queries = [
        Query("u00", NOW),
        Query(STRANGER, NOW, session=(product(3),)),
        Query("u05", NOW, recent=(_event(product(7)),)),
    ]
    waiting: list[Shopper] = []

    def collect(reader: Reader, rows: Sequence[Shopper], tokens: Sequence[int]) -> Floats:
        waiting.extend(rows)
        return reader.read(rows)

    alone = [ranker.rank(query, collect) for query in queries]
    together = ranker.read(waiting)
    for query, scores, expected in zip(queries, together, alone, strict=True):
        ranked = ranker.rank(query, lambda *_, scores=scores: scores[None])
        _same(ranked, expected)


def test_without_time_for_the_models_a_shopper_sees_what_he_buys_then_what_everybody_buys(
    ranker: RecommendRanker,
) -> None:
    no_time = np.empty(0, np.float32)
    asked = Query("u00", NOW, recent=tuple(_event(product(9), quantity=n) for n in range(1, 9)))
    ranked = ranker.rank(asked, lambda *_: no_time)
    assert ranked.degraded
    assert not ranker.rank(asked).degraded
    bought = {name for name, score in ranked.pool if score >= 1}
    assert product(9) in bought
    scores = [score for _, score in ranked.pool]
    assert scores == sorted(scores, reverse=True)
    assert all(score <= 0 for name, score in ranked.pool if name not in bought)
    stranger = ranker.rank(Query(STRANGER, NOW), lambda *_: no_time)
    assert [score for _, score in stranger.pool[:3]] == [0, -1, -2]
    left_out = ranker.rank(replace(asked, exclude=frozenset([product(9)])), lambda *_: no_time)
    assert product(9) not in dict(left_out.pool)


def test_a_simulated_world_may_be_ranked_by_the_model_itself(ranker: RecommendRanker) -> None:
    shop = replace(
        synthetic(tastes=N_USERS, products=N_PRODUCTS),
        tastes=np.array(USERS),
        product_ids=np.array([product(row) for row in range(N_PRODUCTS)]),
    )
    run = ranker.run(USERS, {})
    found = of_run(run, shop, 10)
    assert (found.product >= 0).all()
    assert WITHDRAWN not in found.product
    best = run.filter(pc.equal(run["query_id"], "u03")).sort_by([("score", "descending")])
    assert shop.product_ids[found.product[3]].tolist() == best["product_id"].to_pylist()[:10]
    np.testing.assert_array_equal(found.score[3], best["score"].to_numpy()[:10])
