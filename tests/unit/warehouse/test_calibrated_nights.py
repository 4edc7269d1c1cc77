"""Nights of a simulated shop whose scores promise too much: calibrated, they promise less."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from tests.simulation.policies import Swap
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.staged import estimating_night, stage_simulated, warehouse_for
from tests.simulation.world import Model, World
from warehouse.calibration import measure_calibration

if TYPE_CHECKING:
    from datetime import date

    import duckdb

    from tests.unit.warehouse.conftest import Rows
    from warehouse.intervals import Values

WORLD = World(
    days=14,
    requests_a_day=500,
    shoppers=200,
    policy=Swap(0.3),
    models=(Model("a", 1.0, slope=2.0, offset=1.0),),
)
CATALOGUE = synthetic(tastes=100, products=150)
_AS_LOGITS = """
    update served_candidates set score = ln(score / (1 - score)) where served_date = $day
"""


def _nights(as_logits: bool) -> duckdb.DuckDBPyConnection:
    warehouse, simulated = warehouse_for(CATALOGUE), Simulated(WORLD, CATALOGUE)
    for day in WORLD.all_days:
        stage_simulated(warehouse, simulated, day)
        if as_logits:
            warehouse.execute(_AS_LOGITS, {"day": day})
        estimating_night(warehouse, "recommend", day)
    return warehouse


def test_logits_of_a_simulated_shop_are_calibrated_where_its_scores_promise_too_much() -> None:
    as_they_are, logits = (_nights(as_logits) for as_logits in (False, True))
    first = WORLD.all_days[7]  # at its end seven days have closed
    scores, calibrated = (_by_metric(warehouse, first) for warehouse in (as_they_are, logits))
    assert {*scores} == {"click_ece", "click_brier"}
    assert {*calibrated} == {"calibrated_click_ece", "calibrated_click_brier"}
    off, kept = scores["click_ece"], calibrated["calibrated_click_ece"]
    assert len(off) == len(kept) == 6
    assert np.mean(kept) < np.mean(off) / 2
    assert all(calibrated["calibrated_click_brier"] < scores["click_brier"])
    before = _measured_of(logits)
    assert min(before["metric_values"])[0] == first
    for day in (first + timedelta(days=2), first):
        measure_calibration(logits, "recommend", day + timedelta(days=1))
    assert _measured_of(logits) == before
    as_they_are.close()
    logits.close()


def _by_metric(warehouse: duckdb.DuckDBPyConnection, first: date) -> dict[str, Values]:
    """By day from the first on."""
    found: dict[str, list[float]] = {}
    for day, metric, value, _ in _measured_of(warehouse)["metric_values"]:
        if day >= first:
            found.setdefault(metric, []).append(value)
    return {metric: np.array(values) for metric, values in found.items()}


def _measured_of(warehouse: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    values = (
        "select window_start, metric, value, standard_error from metric_values "
        "where metric like '%click_ece' or metric like '%click_brier' order by all"
    )
    return {
        "metric_values": warehouse.execute(values).fetchall(),
        "reliability": warehouse.execute("from reliability order by all").fetchall(),
    }
