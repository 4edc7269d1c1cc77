"""Judged queries and their folds."""

from __future__ import annotations

from math import log2, nan

import numpy as np
import pyarrow as pa
import pytest

from bentos.search.judged import comparable_ndcg, judged_queries, ndcg, query_folds

TABLE = pa.table(
    {
        "query_id": ["pen", "mug", "pen"],
        "product_id": ["p2", "p3", "p1"],
        "gain": [0.0, 7.0, 3.0],
    }
)
TEXTS = {"p1": "red pen", "p2": "pencil", "p3": "mug"}


def test_judgments_are_gathered_by_query_with_their_features() -> None:
    mug, pen = judged_queries(TABLE, TEXTS, np.array([[1.0], [2.0], [3.0]], np.float32))
    assert (mug.query, mug.texts, mug.gains.tolist(), mug.comparable) == (
        "mug",
        ("mug",),
        [7],
        False,
    )
    assert (pen.query, pen.texts, pen.gains.tolist()) == ("pen", ("red pen", "pencil"), [3, 0])
    assert pen.features.tolist() == [[3.0], [1.0]]
    assert pen.rows.tolist() == [2, 0]
    assert pen.comparable


def test_without_features_there_are_none() -> None:
    assert judged_queries(TABLE, TEXTS, None)[0].features.shape == (1, 0)


def test_a_product_without_a_text_is_named() -> None:
    with pytest.raises(KeyError, match="'p2' has no text"):
        judged_queries(TABLE, {"p1": "red pen", "p3": "mug"}, None)


def test_features_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 judgments need as many rows"):
        judged_queries(TABLE, TEXTS, np.zeros((2, 1), np.float32))


def test_every_query_is_held_out_once_and_never_learnt_from_at_the_same_time() -> None:
    folds = list(query_folds(23, 5, seed=1))
    assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(23))
    for learnt, held_out in folds:
        assert not set(learnt) & set(held_out)
        assert len(learnt) + len(held_out) == 23


def test_folds_repeat_by_seed() -> None:
    one, same, other = ([h.tolist() for _, h in query_folds(23, 5, seed)] for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_fewer_queries_than_folds_are_held_out_one_by_one() -> None:
    assert [held_out.tolist() for _, held_out in query_folds(2, 5, seed=0)] in (
        [[0], [1]],
        [[1], [0]],
    )


def test_ndcg_is_linear_in_gain_and_cut_at_ten() -> None:
    gains = np.array([0.0, 7.0, 3.0], np.float32)
    found = ndcg(gains, np.array([3.0, 2.0, 1.0]))
    assert found == pytest.approx((7 / log2(3) + 3 / log2(4)) / (7 + 3 / log2(3)))
    late = np.zeros(11, np.float32)
    late[10] = 1
    assert ndcg(late, -np.arange(11.0)) == 0


def test_queries_without_a_positive_or_a_worse_product_say_nothing() -> None:
    mug, pen = judged_queries(TABLE, TEXTS, None)
    assert ndcg(np.zeros(2, np.float32), np.ones(2)) == pytest.approx(nan, nan_ok=True)
    scores = [np.array([1.0]), np.array([2.0, 1.0])]
    assert comparable_ndcg([mug, pen], scores).tolist() == [1.0]
    assert comparable_ndcg([mug], scores[:1]).tolist() == []
