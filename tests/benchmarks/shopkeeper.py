"""Our own recommender, trained and asked the way its flows do it."""

import time
from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa
from prefect import flow

from bentos.registry import scenario as scenario_named
from bentos.serving.device import best_device
from bentos.serving.store import model_folder
from flows.fine_tune import fine_tune
from flows.online_state import state_at
from flows.settings import Settings
from flows.slot import writable_warehouse
from tests.benchmarks.exchange import Ranking

SCENARIO = "recommend"


@flow(name="bench-recommend", validate_parameters=False)
def rank(
    settings: Settings, cut: date, queries: Sequence[str], groups: Mapping[str, pa.Array]
) -> Ranking:
    """Fine-tunes on what happened before ``cut`` and ranks the whole catalogue for each query."""
    started = time.perf_counter()
    tag = fine_tune(settings, SCENARIO, cut)
    tuned = time.perf_counter()
    with writable_warehouse(settings, "bench-recommend") as connection:
        state = state_at(connection, settings, cut)
    ranker = scenario_named(SCENARIO).load(model_folder(tag), state, best_device())
    run = ranker.run(queries, groups)
    seconds = {"fit": tuned - started, "rank": time.perf_counter() - tuned}
    return Ranking(run, seconds, {"model_tag": tag})
