"""What search learns from and is held against: never the same queries."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from warehouse.evaluation import Evaluation
from warehouse.marts import training_rows
from warehouse.records import all_judged_queries
from warehouse.statements import run

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

DAY = date(2024, 3, 15)
QUERIES = [f"query {n}" for n in range(40)]


def _held_out(shop: Shop) -> dict[str, bool]:
    rows = shop.connection.execute(
        "select query, held_out(query) from unnest($queries) as q(query)", {"queries": QUERIES}
    ).fetchall()
    return dict(rows)


def _judgments(shop: Shop) -> list[tuple[str, str, float]]:
    run(shop.connection, "marts/judgments_search", cut=DAY, days=7)
    return shop.connection.execute("from judgments").fetchall()


@pytest.fixture
def held(shop: Shop) -> list[str]:
    """Queries that are kept for the test."""
    return [query for query, kept in _held_out(shop).items() if kept]


@pytest.fixture
def learnt(shop: Shop) -> list[str]:
    """Queries to learn from."""
    return [query for query, kept in _held_out(shop).items() if not kept]


def test_every_query_is_either_learnt_from_or_tested(shop: Shop) -> None:
    for query in QUERIES:
        shop.judge(query, "p1", 1)
    tested = {query for query, *_ in _judgments(shop)}
    trained = set(training_rows(shop.connection, "search", DAY)["query_id"].to_pylist())
    assert tested | trained == set(QUERIES)
    assert not tested & trained
    assert 2 <= len(tested) <= 14  # about a fifth of 40


def test_derived_judgments_test_a_shop_only_where_people_judged_nothing(
    shop: Shop, held: list[str]
) -> None:
    derived = {"source": "catalogue", "weak": True}
    shop.judge(held[0], "p1", 0.5, **derived)
    assert _judgments(shop) == [(held[0], "p1", 0.5)]
    shop.judge(held[1], "p2", 3)
    assert _judgments(shop) == [(held[1], "p2", 3)]


def test_models_learn_from_both_and_of_one_pair_from_people(shop: Shop, learnt: list[str]) -> None:
    shop.judge(learnt[0], "p1", 1, source="catalogue", weak=True)
    shop.judge(learnt[0], "p1", 0)
    shop.judge(learnt[0], "p2", 0.5, source="clicks", weak=True)
    assert training_rows(shop.connection, "search", DAY).to_pylist() == [
        {"query_id": learnt[0], "product_id": "p1", "gain": 0, "weak": False},
        {"query_id": learnt[0], "product_id": "p2", "gain": 0.5, "weak": True},
    ]


def _all_judgments(shop: Shop) -> list[tuple[str, str, float]]:
    run(shop.connection, "marts/all_judgments_search")
    return shop.connection.execute("from judgments").fetchall()


def test_every_judged_query_is_cross_validated(
    shop: Shop, held: list[str], learnt: list[str]
) -> None:
    shop.sell("p1")
    for query in (held[0], learnt[0]):
        shop.judge(query, "p1", 1)
    shop.judge(learnt[1], "not sold", 1)
    assert _all_judgments(shop) == sorted([(held[0], "p1", 1), (learnt[0], "p1", 1)])
    assert all_judged_queries(shop.connection, "search") == 2


def test_a_judged_query_that_nothing_answers_measures_nobody(shop: Shop) -> None:
    shop.sell("p1")
    shop.judge("query", "p1", 0)
    assert all_judged_queries(shop.connection, "search") == 0


def test_derived_judgments_are_cross_validated_only_where_people_judged_nothing_and_not_all(
    shop: Shop,
) -> None:
    shop.sell("p1")
    for place in range(110):
        shop.judge(f"derived {place}", "p1", 0.5, source="catalogue", weak=True)
    shop.judge("query", "p1", 1)
    assert _all_judgments(shop) == [("query", "p1", 1)]


def test_of_a_derived_query_fifty_products_are_cross_validated_and_of_a_judged_one_all(
    shop: Shop,
) -> None:
    products = [f"p{place}" for place in range(60)]
    shop.sell(*products)
    for product in products:
        shop.judge("derived", product, 0.5, source="catalogue", weak=True)
    assert len(_all_judgments(shop)) == 50
    for product in products:
        shop.judge("query", product, 1)
    assert len(_all_judgments(shop)) == 60


def _mrr(shop: Shop, rows: list[tuple[str, str]]) -> dict[str, tuple[float, int]]:
    """Of a ranking, best first, by segment, with the number of queries."""
    evaluation = Evaluation(shop.connection, "search", DAY, 7)
    queries, products = zip(*rows, strict=True)
    scores = [-float(place) for place in range(len(rows))]
    evaluation.add_run(
        "ours", pa.table({"query_id": queries, "product_id": products, "score": scores})
    )
    found = {m.segment: (m.value, m.n) for m in evaluation.measure() if m.metric == "mrr"}
    evaluation.close()
    return found


def test_informative_queries_have_products_that_answer_them_and_others(
    shop: Shop, held: list[str]
) -> None:
    shop.sell("p1", "p2")
    one, other = held[:2]
    for product, gain in (("p1", 1.0), ("p2", 0.0)):
        shop.judge(one, product, gain)
        shop.judge(other, product, 1.0)
    found = _mrr(shop, [(one, "p2"), (one, "p1"), (other, "p1"), (other, "p2")])
    assert found == {"all": (0.75, 2), "informative": (0.5, 1)}


def test_products_that_nobody_judged_do_not_count_against_a_ranking(
    shop: Shop, held: list[str]
) -> None:
    shop.sell("p1", "p2", "unjudged")
    shop.judge(held[0], "p1", 1.0)
    shop.judge(held[0], "p2", 0.0)
    found = _mrr(shop, [(held[0], "unjudged"), (held[0], "p1"), (held[0], "p2")])
    assert found == {"all": (1.0, 1), "informative": (1.0, 1)}
