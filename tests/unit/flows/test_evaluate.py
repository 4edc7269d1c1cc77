"""What an evaluation found: comparisons paired by query, rivals, and the rows that are printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import sqrt

import numpy as np
import pytest

from flows.evaluate import Result, rivals
from flows.evaluations import rows
from flows.policies.gate import Comparison
from warehouse.evaluation import TUNING_METRIC, Measured

MODEL, CHAMPION = "recommend:2", "recommend:1"
PER_QUERY = {
    ("all", MODEL): [0.5, 0.75, 1.0, 0.25],
    ("all", CHAMPION): [0.25, 0.75, 0.5, 0.5],
    ("light", MODEL): [0.5],
    ("light", CHAMPION): [0.25],
}


def _measured(ranker: str, value: float, metric: str = TUNING_METRIC) -> Measured:
    return Measured(ranker, "all", metric, value, 0.01, 4, low=value - 0.02, high=value + 0.02)


RESULT = Result(
    cut=date(2017, 11, 20),
    measured=[
        _measured(MODEL, 0.625),
        _measured(MODEL, 0.7, "recall@20"),
        _measured("popularity", 0.2),
        _measured("popularity", 0.3, "recall@20"),
        _measured("personal_frequency", 0.4),
    ],
    per_query={
        (segment, TUNING_METRIC, ranker): np.array(values)
        for (segment, ranker), values in PER_QUERY.items()
    },
    baselines=["popularity", "personal_frequency"],
)


def test_a_model_is_compared_in_each_segment_by_the_differences_of_its_queries() -> None:
    whole, light = RESULT.compare(MODEL, CHAMPION)
    # differences 0.25, 0, 0.5, -0.25: mean 0.125, deviations 0.125, -0.125, 0.375, -0.375
    error = sqrt((2 * 0.125**2 + 2 * 0.375**2) / 3) / sqrt(4)
    assert whole.standard_error == pytest.approx(error)
    assert replace(whole, standard_error=0) == Comparison(CHAMPION, "all", 0.5, 0.125, 0, 4)
    assert light == Comparison(CHAMPION, "light", 0.25, 0.25, 0.0, 1)


def test_the_rivals_are_the_champion_and_the_best_baseline() -> None:
    assert rivals(RESULT, CHAMPION) == [CHAMPION, "personal_frequency"]
    assert rivals(RESULT, None) == ["personal_frequency"]


def test_a_row_holds_all_metrics_of_a_ranker_and_ours_is_called_by_our_name() -> None:
    ours, popularity, _ = rows(RESULT)
    assert ours == {
        "cut": "2017-11-20",
        "ranker": "shopkeeper",
        "segment": "all",
        "n": 4,
        TUNING_METRIC: 0.625,
        "low": pytest.approx(0.605),
        "high": pytest.approx(0.645),
        "recall@20": 0.7,
    }
    assert (popularity["ranker"], popularity["recall@20"]) == ("popularity", 0.3)
