"""The same metrics from ranx, an independent library, on random and on awkward rankings.

Where the two differ by intent, what ranx is given is brought to our terms first: it leaves ties
open, knows a product once in a ranking, measures queries without a positive, and looks for the
first one beyond rank 100. It has no coverage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Judge

METRICS = ("precision@10", "recall@10", "recall@20", "hit_rate@10", "ndcg@10", "mrr")

Scores = dict[str, dict[str, float]]
Pairs = dict[str, list[tuple[str, float]]]  # as Scores, but a product may come twice


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


def _in_order(ranked: list[tuple[str, float]]) -> dict[str, float]:
    """The same order without ties, the smaller product_id first; a product once, at its best."""
    places: dict[str, float] = {}
    for product, _ in sorted(ranked, key=lambda item: (-item[1], item[0])):
        places.setdefault(product, -float(len(places)))
    return places


def _compare(judge: Judge, ranx: Any, gains: Scores, scores: Scores | Pairs) -> None:
    ranked = {q: list(s.items()) if isinstance(s, dict) else s for q, s in scores.items()}
    measured = judge({"m": ranked}, gains)
    positives = {q: {p: int(g) for p, g in of_q.items() if g > 0} for q, of_q in gains.items()}
    wanted = {query: of_query for query, of_query in positives.items() if of_query}
    theirs = ranx.evaluate(
        ranx.Qrels(wanted),
        ranx.Run({query: _in_order(pairs) for query, pairs in ranked.items() if pairs}),
        list(METRICS),
        make_comparable=True,
    )
    ours = {metric: measured["m", "all", metric].value for metric in METRICS}
    assert ours == pytest.approx(theirs, abs=1e-9, rel=0)
    assert {measured["m", "all", metric].n for metric in METRICS} == {len(wanted)}


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


def test_queries_with_nothing_but_zero_gains_measure_the_same_where_they_are_left_out(
    judge: Judge, ranx: Any
) -> None:
    gains, scores = _random(9, graded=True, depth=30)
    worthless = {query: dict.fromkeys(of_q, 0.0) for query, of_q in list(gains.items())[:15]}
    _compare(judge, ranx, gains | worthless, scores)


def test_queries_that_nobody_judged_measure_the_same_where_they_are_left_out(
    judge: Judge, ranx: Any
) -> None:
    gains, scores = _random(10, graded=True, depth=30)
    _compare(judge, ranx, dict(list(gains.items())[10:]), scores)


def test_scores_below_nothing_and_of_every_size_measure_the_same(judge: Judge, ranx: Any) -> None:
    gains, scores = _random(11, graded=True, depth=60)
    signs = np.random.default_rng(11).choice([-1.0, 1.0], 40)
    wild = {
        query: {product: sign * 10 ** (50 * score) for product, score in of_q.items()}
        for sign, (query, of_q) in zip(signs, scores.items(), strict=True)
    }
    _compare(judge, ranx, gains, wild)


def test_products_ranked_twice_measure_the_same_as_ranked_once(judge: Judge, ranx: Any) -> None:
    gains, scores = _random(12, graded=True, depth=30)
    again = {
        query: [*of_q.items(), *((product, score - 0.5) for product, score in of_q.items())]
        for query, of_q in scores.items()
    }
    _compare(judge, ranx, gains, again)


_FEW_PRODUCTS = st.sampled_from([f"p{n}" for n in range(14)])


_GAINS = st.dictionaries(
    st.sampled_from("abcd"), st.dictionaries(_FEW_PRODUCTS, st.integers(0, 3).map(float))
)
_PAIRS = st.lists(st.tuples(_FEW_PRODUCTS, st.integers(-2, 2).map(float)), max_size=25)


@given(
    gains=_GAINS.filter(lambda gains: any(max(g.values(), default=0) > 0 for g in gains.values())),
    scores=st.dictionaries(st.sampled_from("abcd"), _PAIRS).filter(lambda s: any(s.values())),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_is_ranked_and_judged_measures_the_same(
    shared_judge: Judge, ranx: Any, gains: Scores, scores: Pairs
) -> None:
    _compare(shared_judge, ranx, gains, scores)


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
