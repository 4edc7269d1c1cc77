"""A cross-validation of a hand-made shop: what is measured and printed, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from math import log2
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bentos.scenario import RUN_SCHEMA, Progress
from flows.console import print_evaluation
from flows.cross_validate import Result, measured
from flows.errors import NothingToJudge
from flows.evaluations import cross_validated_rows
from flows.judgeable import require_held_out_queries, require_judged_queries
from tests.unit.warehouse.conftest import Shop
from warehouse.evaluation import Evaluation
from warehouse.intervals import paired_difference

DAY = date(2024, 3, 15)
GAINS = {"q1": {"a": 7, "b": 0}, "q2": {"a": 3, "b": 7}, "q3": {"a": 7, "b": 7}}
SECOND = 1 / log2(3)  # what a product at rank 2 is worth
OF_Q2 = (3 + 7 * SECOND) / (7 + 3 * SECOND)  # ndcg@10 with the worse product first


def _run(first: Mapping[str, str]) -> pa.Table:
    """The two judged products of each query, one of them first."""
    rows = [
        {"query_id": query, "product_id": product, "score": float(product == best)}
        for query, best in first.items()
        for product in "ab"
    ]
    return pa.Table.from_pylist(rows, schema=RUN_SCHEMA)


class ByHand:
    """The rankings of a cross-validation, written down."""

    def rerankings(self, progress: Progress) -> Iterator[tuple[str, int, pa.Table]]:
        yield "dense", 0, _run({"q1": "b", "q2": "a", "q3": "a"})
        yield "shopkeeper", 1, _run({"q1": "a", "q2": "a", "q3": "a"})
        yield "shopkeeper", 2, _run({"q1": "b", "q2": "b", "q3": "a"})

    def searches(self, progress: Progress) -> Mapping[str, pa.Table]:
        both = _run(dict.fromkeys(GAINS, "a"))
        half = both.filter(pc.equal(both["product_id"], "a"))
        one = half.filter(pc.equal(half["query_id"], "q3"))
        return {"lexical": half, "dense": one, "fused": both, "shopkeeper": both}


def _judge(shop: Shop, gains: Mapping[str, Mapping[str, float]]) -> None:
    for query, of_query in gains.items():
        for product, gain in of_query.items():
            shop.judge(query, product, gain)


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    shop.sell("a", "b")
    yield shop
    shop.connection.close()


@pytest.fixture
def result(shop: Shop) -> Result:
    _judge(shop, GAINS)
    evaluation = Evaluation(shop.connection, "search", DAY, 0, "all_judgments")
    found = measured(evaluation, ByHand())
    evaluation.close()
    return found


@pytest.fixture
def rows(result: Result) -> dict[tuple[str, str, str], dict[str, Any]]:
    """By task, ranker and segment."""
    return {
        (row["task"], row["ranker"], row["segment"]): row for row in cross_validated_rows(result)
    }


Printed = dict[tuple[str, str, str], dict[str, Any]]


def test_every_ranker_has_a_row_a_segment_and_task(rows: Printed) -> None:
    assert list(rows) == [
        ("rerank", "dense", "all"),
        ("rerank", "dense", "informative"),
        ("rerank", "shopkeeper", "all"),
        ("rerank", "shopkeeper", "informative"),
        ("retrieve", "lexical", "all"),
        ("retrieve", "dense", "all"),
        ("retrieve", "fused", "all"),
        ("retrieve", "shopkeeper", "all"),
    ]


def test_a_trained_ranker_is_worth_the_mean_of_its_seeds(rows: Printed) -> None:
    row = rows["rerank", "shopkeeper", "all"]
    assert row["n"] == 3
    assert row["seeds"] == pytest.approx([(1 + OF_Q2 + 1) / 3, (SECOND + 1 + 1) / 3])
    assert row["ndcg@10"] == pytest.approx(sum(row["seeds"]) / 2)
    assert row["mrr"] == pytest.approx((0.75 + 1 + 1) / 3)
    assert row["low"] <= row["ndcg@10"] <= row["high"]


def test_informative_queries_have_products_of_no_worth(rows: Printed) -> None:
    row = rows["rerank", "shopkeeper", "informative"]  # q1 alone
    assert (row["n"], row["seeds"]) == (1, pytest.approx([1, SECOND]))


def test_rankers_are_held_against_the_encoder_as_it_comes_query_by_query(rows: Printed) -> None:
    assert "over_dense" not in rows["rerank", "dense", "all"]
    assert "seeds" not in rows["rerank", "dense", "all"]
    over = rows["rerank", "shopkeeper", "all"]["over_dense"]
    differences = np.array([(1 + SECOND) / 2 - SECOND, (OF_Q2 + 1) / 2 - OF_Q2, 0])
    expected = paired_difference(differences, np.zeros(3))
    assert over == {
        "mean": pytest.approx(differences.mean()),
        "low": pytest.approx(expected.low),
        "high": pytest.approx(expected.high),
    }


def test_what_is_fused_is_held_against_its_parts(rows: Printed) -> None:
    # relevant are a of q1, both of q2 (3 is three sevenths of 7), both of q3
    lexical, dense, fused = (
        rows["retrieve", ranker, "all"] for ranker in ("lexical", "dense", "fused")
    )
    assert lexical["recall@50"] == lexical["recall@100"] == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)
    assert dense["recall@100"] == pytest.approx((0 + 0 + 1 / 2) / 3)
    assert (dense["judged@10"], dense["n"]) == (pytest.approx(1 / 3), 3)
    assert (fused["recall@100"], fused["judged@10"]) == (1, 1)
    assert (fused["low"], fused["high"]) == (1, 1)
    assert fused["over_lexical"]["recall@50"]["mean"] == pytest.approx(1 / 3)
    assert fused["over_dense"]["recall@100"]["mean"] == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert "over_lexical" not in lexical


def test_each_row_is_a_line_that_people_can_read(
    result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in cross_validated_rows(result):
        print_evaluation(row)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[2].startswith("rerank      shopkeeper               all         n=3")
    assert "ndcg@10 over dense +0." in lines[2]
    assert "recall@50 over lexical +0.3333 (" in lines[6]


@pytest.mark.parametrize(("gains", "said"), [({}, "holds none"), (GAINS, "holds those of 3")])
def test_too_few_judged_queries_are_refused_before_anything_is_trained(
    shop: Shop, gains: Mapping[str, Mapping[str, float]], said: str
) -> None:
    _judge(shop, gains)
    with pytest.raises(NothingToJudge, match=f"judgments .* for at least 5 .*{said}") as refused:
        require_judged_queries(shop.connection, "search", 5)
    assert "purchase" not in str(refused.value)
    require_judged_queries(shop.connection, "search", len(gains))


def test_a_model_is_proven_on_queries_that_are_kept_from_training(shop: Shop) -> None:
    _judge(shop, {query: {"a": 7} for query in ("lamp", "desk", "chair", "bed", "q1")})
    with pytest.raises(NothingToJudge, match="none of the few"):
        require_held_out_queries(shop.connection, "search", DAY, 5)
    _judge(shop, {"table": {"a": 7}})  # by its hash it is held out
    require_held_out_queries(shop.connection, "search", DAY, 5)
