"""Ranking metrics against numbers worked by hand."""

from __future__ import annotations

from datetime import date
from math import log2
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.connection import Connection
from warehouse.errors import ScoresNotFinite
from warehouse.evaluation import Evaluation, measure_queries
from warehouse.statements import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.unit.warehouse.conftest import Judge, Shop

METRICS = ("precision@10", "recall@10", "recall@20", "hit_rate@10", "ndcg@10", "mrr")


def ranked(products: Iterable[str]) -> list[tuple[str, float]]:
    """Products with scores that fall."""
    return [(product, -float(place)) for place, product in enumerate(products)]


def _values(
    judge: Judge, ranking: Sequence[tuple[str, float]], gains: dict[str, float]
) -> dict[str, float]:
    measured = judge({"m": {"q": ranking}}, {"q": gains})
    return {metric: measured["m", "all", metric].value for metric in METRICS}


def test_a_positive_first_and_one_third(judge: Judge) -> None:
    values = _values(judge, ranked("abcd"), {"a": 1, "c": 1})
    assert values == pytest.approx(
        {
            "precision@10": 2 / 10,
            "recall@10": 1,
            "recall@20": 1,
            "hit_rate@10": 1,
            "ndcg@10": (1 + 1 / 2) / (1 + 1 / log2(3)),
            "mrr": 1,
        },
        abs=1e-12,
    )


def test_grades_count_linearly(judge: Judge) -> None:
    values = _values(judge, ranked("abc"), {"a": 1, "b": 3, "c": 0})
    assert values["ndcg@10"] == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)), abs=1e-12)
    assert values["recall@10"] == 1  # c, at gain 0, is no positive


def test_a_positive_at_rank_eleven_is_seen_by_recall_at_20_and_mrr_alone(judge: Judge) -> None:
    values = _values(judge, ranked("bcdefghijka"), {"a": 1})
    assert values == pytest.approx(
        {
            "precision@10": 0,
            "recall@10": 0,
            "recall@20": 1,
            "hit_rate@10": 0,
            "ndcg@10": 0,
            "mrr": 1 / 11,
        }
    )


@pytest.mark.parametrize(("rank", "mrr"), [(100, 1 / 100), (101, 0)])
def test_mrr_looks_at_the_first_hundred(judge: Judge, rank: int, mrr: float) -> None:
    others = [f"x{place:03}" for place in range(1, rank)]
    assert _values(judge, ranked([*others, "a"]), {"a": 1})["mrr"] == pytest.approx(mrr)


def test_more_positives_than_ten_are_held_against_the_best_ten(judge: Judge) -> None:
    positives = "abcdefghijklmno"
    values = _values(judge, ranked(positives[:10]), dict.fromkeys(positives, 1.0))
    assert values["ndcg@10"] == pytest.approx(1)
    assert values["recall@10"] == pytest.approx(10 / 15)


def test_a_tie_goes_to_the_smaller_product_id(judge: Judge) -> None:
    tied = [("p9", 1.0), ("p10", 1.0), ("p2", 1.0)]  # as text: p10, p2, p9
    assert _values(judge, tied, {"p10": 1})["mrr"] == 1
    assert _values(judge, tied, {"p2": 1})["mrr"] == pytest.approx(1 / 2)
    assert _values(judge, tied, {"p9": 1})["mrr"] == pytest.approx(1 / 3)


def test_a_query_without_a_positive_is_left_out(judge: Judge) -> None:
    measured = judge(
        {"m": {"q": ranked("ab"), "none": ranked("ab")}}, {"q": {"a": 1}, "none": {"b": 0}}
    )
    assert measured["m", "all", "ndcg@10"].n == 1
    assert measured["m", "all", "ndcg@10"].value == 1


def test_a_query_for_which_a_ranker_returns_nothing_counts_zero(judge: Judge) -> None:
    measured = judge(
        {"m": {"q1": ranked("ab")}, "other": {"q1": ranked("ab"), "q2": ranked("ab")}},
        {"q1": {"a": 1}, "q2": {"a": 1}},
    )
    for metric in METRICS:
        assert measured["m", "all", metric].n == 2
        assert measured["other", "all", metric].value == (0.1 if metric == "precision@10" else 1)
        assert measured["m", "all", metric].value == measured["other", "all", metric].value / 2


def test_a_mean_comes_with_its_standard_error_and_interval(judge: Judge) -> None:
    rankings = {"q1": ranked("ab"), "q2": ranked("ba"), "q3": ranked("b"), "q4": ranked("ab")}
    measured = judge({"m": rankings}, {query: {"a": 1} for query in rankings})
    mrr = measured["m", "all", "mrr"]  # 1, 1/2, 0, 1
    assert mrr.value == pytest.approx(2.5 / 4)
    deviations = [(value - 0.625) ** 2 for value in (1, 0.5, 0, 1)]
    assert mrr.standard_error == pytest.approx((sum(deviations) / 3 / 4) ** 0.5)
    assert 0 <= mrr.low <= mrr.value <= mrr.high <= 1


def test_a_single_query_has_no_standard_error(judge: Judge) -> None:
    measured = judge({"m": {"q": ranked("ab")}}, {"q": {"b": 1}})["m", "all", "mrr"]
    assert (measured.value, measured.low, measured.high) == (0.5, 0.5, 0.5)
    assert measured.standard_error is None


def test_coverage_is_the_share_of_the_recommendable_catalogue_among_the_first_ten(
    judge: Judge,
) -> None:
    catalogue = dict.fromkeys("abcdefghijklmnopqrst", True) | {"fuel": False}
    rankings = {"q1": ranked("abcdefghijkl"), "q2": ranked("abc"), "q3": ranked("m")}
    measured = judge({"m": rankings}, {"q1": {"a": 1}}, catalogue=catalogue)
    coverage = measured["m", "all", "catalogue_coverage@10"]
    assert (coverage.value, coverage.n) == (11 / 20, 3)  # a to j, and m


def test_the_same_rankings_come_to_the_same_numbers_each_time(judge: Judge) -> None:
    rankings = {f"q{n}": ranked("abcdefghij"[n:] + "xyz") for n in range(10)}
    gains = {query: {"c": 1.0, "x": 2.0} for query in rankings}
    assert judge({"m": rankings}, gains) == judge({"m": rankings}, gains)


def test_what_is_worth_less_than_nothing_is_no_positive(judge: Judge) -> None:
    values = _values(judge, ranked("abc"), {"a": -1, "b": 2, "c": 0})
    assert values["ndcg@10"] == pytest.approx(1 / log2(3), abs=1e-12)
    assert values["precision@10"] == 1 / 10


def test_a_product_ranked_twice_counts_once_where_it_stands_first(judge: Judge) -> None:
    values = _values(judge, ranked("bacadaef"), {"a": 1, "e": 1})  # b, a, c, d, e, f
    assert values == pytest.approx(
        {
            "precision@10": 2 / 10,
            "recall@10": 1,
            "recall@20": 1,
            "hit_rate@10": 1,
            "ndcg@10": (1 / log2(3) + 1 / log2(6)) / (1 + 1 / log2(3)),
            "mrr": 1 / 2,
        },
        abs=1e-12,
    )


def test_a_pair_judged_twice_counts_once_with_its_greater_gain(shop: Shop) -> None:
    shop.sell("a", "b")
    for product, gain in [("a", 1), ("b", 3), ("a", 2), ("b", 0)]:
        shop.judge("q", product, gain)
    evaluation = Evaluation(shop.connection, "search", date(2024, 3, 15), 0, "all_judgments")
    evaluation.add_run(
        "m", pa.table({"query_id": ["q"] * 2, "product_id": [*"ab"], "score": [2, 1]})
    )
    values = {m.metric: m.value for m in evaluation.measure() if m.segment == "all"}
    evaluation.close()
    assert values["recall@10"] == 1
    assert values["ndcg@10"] == pytest.approx((2 + 3 / log2(3)) / (3 + 2 / log2(3)), abs=1e-12)


def test_known_ranks_measure_as_the_scores_that_they_come_from(judged: Connection) -> None:
    measure_queries(judged)
    from_scores = run(judged, "metrics/summary").fetchall()
    judged.execute(
        """
        create or replace temp table run as
        select * replace (
            row_number() over (partition by query_id order by score desc, product_id) as known_rank,
            0 as score
        )
        from run
        """
    )
    measure_queries(judged)
    assert run(judged, "metrics/summary").fetchall() == from_scores


def test_as_many_threads_as_there_are_come_to_the_same_last_digit(judged: Connection) -> None:
    found = set()
    for _ in range(3):
        measure_queries(judged)
        found.add(tuple(run(judged, "metrics/summary").fetchall()))
    assert len(found) == 1


@pytest.fixture
def judged() -> Iterator[Connection]:
    """10,000 rankings of 40 products with many ties, a third of the products judged."""
    with duckdb.connect(config={"threads": 4}) as connection:
        connection.execute(
            """
            create temp table run as
            select 'm' as ranker, 'q' || n // 40 as query_id, 'p' || n % 40 as product_id,
                (hash(n) % 1000) / 1000 as score, null::integer as known_rank
            from range(400_000) as numbers(n);
            create temp table judgments as
            select query_id, product_id, (1 + hash(product_id, query_id) % 7) / 10 as gain
            from run where hash(query_id, product_id) % 3 = 0;
            create temp table segments as
            select 'all' as segment, null as query_id, null as product_id, true as belongs;
            """
        )
        run(connection, "metrics/asked_of_all")
        yield connection


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf"), None])
def test_a_score_that_is_no_finite_number_is_refused(shop: Shop, score: float | None) -> None:
    evaluation = Evaluation(shop.connection, "recommend", date(2024, 3, 10), 7)
    rows = {"query_id": ["q", "q"], "product_id": ["a", "b"], "score": [1.0, score]}
    message = f"^1 of 2 scores of m are no finite numbers; the first is {score}, of product b for"
    with pytest.raises(ScoresNotFinite, match=message):
        evaluation.add_run("m", pa.table(rows))
    evaluation.close()


_PRODUCTS = [f"p{n:02}" for n in range(30)]
_SCORES = st.lists(
    st.tuples(st.sampled_from(_PRODUCTS), st.integers(-3, 3).map(float)), min_size=1, max_size=40
)
_GAINS = st.dictionaries(
    st.sampled_from(_PRODUCTS), st.floats(0, 1000), min_size=1, max_size=20
).filter(lambda gains: max(gains.values()) > 0)


@given(scores=_SCORES, gains=_GAINS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_metric_lies_between_0_and_1(
    shared_judge: Judge, scores: list[tuple[str, float]], gains: dict[str, float]
) -> None:
    values = _values(shared_judge, scores, gains)
    assert all(0 <= value <= 1 for value in values.values())


@given(gains=_GAINS)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_ideal_order_has_ndcg_1(shared_judge: Judge, gains: dict[str, float]) -> None:
    assert _values(shared_judge, list(gains.items()), gains)["ndcg@10"] == 1
