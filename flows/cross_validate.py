"""Cross-validate: judged queries, each ranked by models that have not learnt from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from bentos.registry import scenario as scenario_named
from bentos.scenario import CrossValidation, LearnsFromJudgments
from bentos.serving.state import OnlineState
from flows.judgeable import require_judged_queries
from flows.online_state import state_at
from flows.progress import track
from flows.settings import Settings
from flows.slot import writable_warehouse
from warehouse.evaluation import (
    TUNING_METRIC,
    Evaluation,
    Key,
    Measured,
    mean_of_seeds,
    summarised,
)
from warehouse.intervals import Values
from warehouse.metric_values import MetricRow, Window, store_metrics

WINDOW = "cross-validation"


@dataclass(frozen=True)
class Reranked:
    """The judged products, ranked: of each ranker its mean over seeds, query by query."""

    measured: Sequence[Measured]
    per_query: Mapping[Key, Values]
    seeds: Mapping[tuple[str, str], Sequence[float]]  # ndcg@10 by ranker and segment, if trained


@dataclass(frozen=True)
class Retrieved:
    """What was found in the whole catalogue."""

    measured: Sequence[Measured]
    per_query: Mapping[Key, Values]


@dataclass(frozen=True)
class Result:
    """What a cross-validation found."""

    reranked: Reranked
    retrieved: Retrieved


@flow(name="cross-validate")
def cross_validate_flow(scenario: str, as_of: date | None = None) -> Result:
    """Ranks every judged query by models that have not learnt from it, and measures that."""
    return cross_validate(Settings(), scenario, as_of or datetime.now(UTC).date())


@task(cache_policy=NO_CACHE)
def cross_validate(settings: Settings, name: str, as_of: date) -> Result:
    """Trains, ranks, measures and stores.

    Raises:
        NothingToJudge: too few queries are judged.
    """
    scenario = scenario_named(name)
    if not isinstance(scenario, LearnsFromJudgments):
        raise TypeError(f"{name} does not learn from judged queries")
    state, evaluation = _materials(settings, name, scenario.folds, as_of)
    with TemporaryDirectory(prefix="cross-validation-") as folder:
        validation = scenario.cross_validation(
            state, evaluation.judgments, Path(folder), track("Preparing")
        )
        result = measured(evaluation, validation)
    evaluation.close()
    _store(settings, name, as_of, result)
    return result


def _materials(
    settings: Settings, name: str, folds: int, as_of: date
) -> tuple[OnlineState, Evaluation]:
    with writable_warehouse(settings, f"cross-validate {name}") as connection:
        require_judged_queries(connection, name, folds)
        state = state_at(connection, settings, as_of)
        return state, Evaluation(connection, name, as_of, 0, "all_judgments")


def measured(evaluation: Evaluation, validation: CrossValidation) -> Result:
    """Holds what a cross-validation ranks against the evaluation's judgments."""
    return Result(_reranked(evaluation, validation), _retrieved(evaluation, validation))


def _reranked(evaluation: Evaluation, validation: CrossValidation) -> Reranked:
    runs: dict[str, list[str]] = {}
    trained: set[str] = set()
    for ranker, seed, ranking in validation.rerankings(track("Cross-validating")):
        runs.setdefault(ranker, []).append(f"{ranker} {seed}")
        evaluation.add_run(f"{ranker} {seed}", ranking)
        if seed:
            trained.add(ranker)
    values = {
        (m.ranker, m.segment): m.value for m in evaluation.measure() if m.metric == TUNING_METRIC
    }
    per_query = mean_of_seeds(evaluation.per_query(), runs)
    seeds = {
        (ranker, segment): [values[name, segment] for name in runs[ranker]]
        for segment, metric, ranker in per_query
        if ranker in trained and metric == TUNING_METRIC
    }
    return Reranked(summarised(per_query), per_query, seeds)


def _retrieved(evaluation: Evaluation, validation: CrossValidation) -> Retrieved:
    evaluation.forget_runs()
    searches = validation.searches(track("Searching"))
    for ranker, ranking in searches.items():
        evaluation.add_run(ranker, ranking)
    order = list(searches)
    found = sorted(evaluation.measure_retrieval(), key=lambda m: order.index(m.ranker))
    return Retrieved(found, evaluation.per_query())


def _store(settings: Settings, name: str, as_of: date, result: Result) -> None:
    rows = [
        MetricRow(m.ranker, "offline", m.segment, m.metric, m.value, m.standard_error, m.n)
        for m in result.reranked.measured
    ]
    with writable_warehouse(settings, f"cross-validate {name}") as connection:
        store_metrics(connection, name, as_of, {Window(WINDOW, as_of): rows})
    create_table_artifact(
        list(_shown("rerank", result.reranked.measured))
        + list(_shown("retrieve", result.retrieved.measured)),
        key=f"cross-validation-{name}",
        description=f"{name} on all judged queries, each by models that have not learnt from it",
    )


def _shown(task_name: str, measured: Sequence[Measured]) -> Iterator[dict[str, Any]]:
    for m in measured:
        if m.segment == "all":
            yield {
                "task": task_name,
                "ranker": m.ranker,
                "metric": m.metric,
                "value": round(m.value, 4),
                "n": m.n,
            }
