"""Fine-tune: from the marts before a cut to a model in the store."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import orjson
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bentos.registry import scenario as scenario_named
from bentos.scenario import (
    MODEL_FOLDER,
    LearnsFromJudgments,
    Ranker,
    Scenario,
    TrainingData,
    Validation,
)
from bentos.serving.memory import give_back
from bentos.serving.store import save_model
from flows.judgeable import require_judgments
from flows.online_state import state_at
from flows.progress import track
from flows.settings import Settings
from flows.slot import writable_warehouse
from warehouse.connection import Connection
from warehouse.evaluation import TUNING_METRIC, Evaluation
from warehouse.marts import training_rows
from warehouse.records import record_model


@flow(name="fine-tune")
def fine_tune_flow(scenario: str, cut: date) -> str:
    """Fine-tunes a scenario's model on what happened before ``cut``; returns its tag."""
    settings = Settings()
    return fine_tune(settings, scenario, cut)


@task(cache_policy=NO_CACHE)
def fine_tune(settings: Settings, name: str, cut: date) -> str:
    """Trains, saves the model, and records it. A run that was killed is gone on with."""
    scenario = scenario_named(name)
    folder = settings.runs / name / f"{cut:%Y%m%d}"
    with _training_data(settings, scenario, cut) as data:
        folder.mkdir(parents=True, exist_ok=True)
        metrics = dict(scenario.train(data, folder, track(f"Fine-tuning {name}")))
        if data.judgments is not None:
            metrics["judgments"] = data.judgments.num_rows
    give_back()
    return _keep(settings, scenario, cut, folder, metrics)


@contextmanager
def _training_data(settings: Settings, scenario: Scenario, cut: date) -> Iterator[TrainingData]:
    """What was known at ``cut``; the warehouse is free again while it is used."""
    with ExitStack() as opened:
        with writable_warehouse(settings, f"fine-tune {scenario.name}") as connection:
            state = partial(state_at, connection, settings, cut, scenario.promotion_weeks)
            if isinstance(scenario, LearnsFromJudgments):
                rows = training_rows(connection, scenario.name, cut)
                data = TrainingData(state(), judgments=rows)
            else:
                validation = _validation(opened, connection, settings, scenario, cut)
                data = TrainingData(state(), validation=validation)
        yield data


def _validation(
    opened: ExitStack, connection: Connection, settings: Settings, scenario: Scenario, cut: date
) -> Validation:
    days = scenario.validation_days
    start = cut - timedelta(days=days)
    require_judgments(connection, scenario.name, start, days)
    evaluation = opened.enter_context(closing(Evaluation(connection, scenario.name, start, days)))
    evaluation.only_whole()
    return Validation(state_at(connection, settings, start), partial(_measure, evaluation))


def _measure(evaluation: Evaluation, ranker: Ranker) -> float:
    evaluation.add_run("candidate", ranker.run(evaluation.queries, {}))
    (value,) = (m.value for m in evaluation.measure() if m.metric == TUNING_METRIC)
    return value


def _keep(
    settings: Settings, scenario: Scenario, cut: date, folder: Path, metrics: dict[str, float]
) -> str:
    parameters = scenario.parameters.model_dump(mode="json")
    metadata = {"training_cut": cut.isoformat(), "parameters": parameters, "metrics": metrics}
    tag = save_model(scenario.name, cut, folder / MODEL_FOLDER, metadata)
    with writable_warehouse(settings, f"record {tag}") as connection:
        record_model(
            connection,
            tag,
            scenario.name,
            cut,
            orjson.dumps(parameters).decode(),
            orjson.dumps(metrics).decode(),
        )
    return tag
