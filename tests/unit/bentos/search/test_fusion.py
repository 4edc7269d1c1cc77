"""Weighted reciprocal ranks, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bentos.search.found import NOTHING, Found
from bentos.search.fusion import fused


def _found(*rows: int) -> Found:
    return Found(np.array(rows, np.int64), np.linspace(9, 1, len(rows)).astype(np.float32))


def test_scores_are_the_weighted_reciprocal_ranks() -> None:
    best = fused(_found(5, 2), _found(2, 7), depth=10)
    assert best.rows.tolist() == [2, 5, 7]
    assert best.scores.tolist() == pytest.approx(
        [0.75 / 62 + 0.25 / 61, 0.75 / 61, 0.25 / 62], rel=1e-6
    )


def test_no_more_than_asked_for_is_kept() -> None:
    assert fused(_found(5, 2), _found(2, 7), depth=1).rows.tolist() == [2]


def test_one_stage_alone_keeps_its_order() -> None:
    assert fused(_found(5, 2, 9), NOTHING, depth=9).rows.tolist() == [5, 2, 9]
    assert fused(NOTHING, _found(5, 2, 9), depth=9).rows.tolist() == [5, 2, 9]
    assert fused(NOTHING, NOTHING, depth=9).rows.tolist() == []
