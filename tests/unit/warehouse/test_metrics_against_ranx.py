"""The same metrics from ranx, an independent library, on random and on awkward rankings.

Where the two differ by intent, formulas stand in: ranx leaves the order of ties open and looks for
the first positive beyond rank 100, and it has no coverage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Judge

METRICS = ("recall@10", "recall@20", "ndcg@10", "mrr", "hit_rate@10")

Scores = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def ranx() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_DISABLE_JIT", "1")  # compiling takes longer than all of these tests
        return pytest.importorskip("ranx")


def _random(seed: int, *, graded: bool, depth: int, n_products: int = 60) -> tuple[Scores, Scores]:
    rng = np.random.default_rng(seed)
    products = np.array([f"p{n}" for n in range(n_products)])
    gains: Scores = {}
    scores: Scores = {}
    for number in range(40):
        positives = rng.choice(products, rng.integers(1, 25), replace=False)
        gains[f"q{number}"] = {
            str(product): float(rng.integers(1, 5) if graded else 1) for product in positives
        }
        shown = rng.choice(products, rng.integers(1, depth + 1), replace=False)
        scores[f"q{number}"] = {str(product): float(rng.normal()) for product in shown}
    return gains, scores


def _ties_broken(scores: Scores) -> Scores:
    """The same order without ties: the smaller product_id first."""
    return {
        query: {
            product: -float(rank)
            for rank, (product, _) in enumerate(
                sorted(of_query.items(), key=lambda item: (-item[1], item[0]))
            )
        }
        for query, of_query in scores.items()
    }


def _compare(judge: Judge, ranx: Any, gains: Scores, scores: Scores) -> None:
    measured = judge({"m": {query: list(s.items()) for query, s in scores.items()}}, gains)
    theirs = ranx.evaluate(
        ranx.Qrels({q: {p: int(g) for p, g in of_q.items()} for q, of_q in gains.items()}),
        ranx.Run(_ties_broken(scores)),
        list(METRICS),
        make_comparable=True,
    )
    ours = {metric: measured["m", "all", metric].value for metric in METRICS}
    assert ours == pytest.approx(theirs, abs=1e-9, rel=0)
    assert {measured["m", "all", metric].n for metric in METRICS} == {len(gains)}


@pytest.mark.parametrize("graded", [False, True], ids=["binary", "graded"])
@pytest.mark.parametrize("depth", [5, 60], ids=["short lists", "long lists"])
@pytest.mark.parametrize("seed", [1, 2])
def test_random_rankings_measure_the_same(
    judge: Judge, ranx: Any, graded: bool, depth: int, seed: int
) -> None:
    _compare(judge, ranx, *_random(seed, graded=graded, depth=depth))


def test_rankings_full_of_ties_measure_the_same_once_ties_are_broken_by_product_id(
    judge: Judge, ranx: Any
) -> None:
    gains, scores = _random(3, graded=True, depth=60)
    tied = {query: {p: round(score) for p, score in s.items()} for query, s in scores.items()}
    _compare(judge, ranx, gains, tied)


def test_queries_that_the_ranker_did_not_answer_measure_the_same(judge: Judge, ranx: Any) -> None:
    gains, scores = _random(4, graded=False, depth=60)
    _compare(judge, ranx, gains, dict(list(scores.items())[:25]))


def test_rankings_that_hold_no_positive_measure_the_same(judge: Judge, ranx: Any) -> None:
    gains, scores = _random(5, graded=False, depth=30)
    elsewhere = {query: {f"x{p}": g for p, g in of_q.items()} for query, of_q in gains.items()}
    _compare(judge, ranx, elsewhere, scores)


def test_more_positives_than_ten_in_every_query_measure_the_same(judge: Judge, ranx: Any) -> None:
    gains, scores = _random(6, graded=True, depth=60)
    many = {query: {f"p{n}": float(1 + n % 4) for n in range(30)} for query in gains}
    _compare(judge, ranx, many, scores)


def test_rankings_deeper_than_a_hundred_differ_in_mrr_alone(judge: Judge, ranx: Any) -> None:
    gains, scores = _random(7, graded=False, depth=300, n_products=300)
    cut = {
        query: dict(sorted(s.items(), key=lambda item: -item[1])[:100])
        for query, s in scores.items()
    }
    _compare(judge, ranx, gains, cut)
    ours = judge({"deep": {q: list(s.items()) for q, s in scores.items()}}, gains)
    same = judge({"deep": {q: list(s.items()) for q, s in cut.items()}}, gains)
    assert all(ours["deep", "all", m] == same["deep", "all", m] for m in METRICS)


def test_coverage_is_that_of_the_first_ten_by_formula(judge: Judge) -> None:
    gains, scores = _random(8, graded=False, depth=60)
    catalogue = {f"p{n}": True for n in range(100)}
    measured = judge(
        {"m": {query: list(s.items()) for query, s in scores.items()}}, gains, catalogue=catalogue
    )
    shown = {
        product
        for s in scores.values()
        for product, _ in sorted(s.items(), key=lambda item: (-item[1], item[0]))[:10]
    }
    assert measured["m", "all", "catalogue_coverage@10"].value == pytest.approx(
        len(shown) / 100, abs=1e-12
    )
