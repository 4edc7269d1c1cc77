"""Fine-tune: from the marts before a cut to a model in the store."""

from datetime import date, timedelta
from pathlib import Path

import orjson
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bentos.registry import scenario as scenario_named
from bentos.scenario import MODEL_FOLDER, Ranker, Scenario
from bentos.serving.state import OnlineState
from bentos.serving.store import save_model
from flows.judgeable import require_judgments
from flows.online_state import state_at
from flows.progress import track
from flows.settings import Settings
from flows.slot import writable_warehouse
from warehouse.evaluation import TUNING_METRIC, Evaluation
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
    state, validation_state, validation = _materials(settings, scenario, cut)
    folder = settings.runs / name / f"{cut:%Y%m%d}"
    folder.mkdir(parents=True, exist_ok=True)
    metrics = scenario.train(
        state,
        validation_state,
        folder,
        lambda ranker: _validate(validation, ranker),
        track(f"Fine-tuning {name}"),
    )
    validation.close()
    return _keep(settings, scenario, cut, folder, dict(metrics))


def _materials(
    settings: Settings, scenario: Scenario, cut: date
) -> tuple[OnlineState, OnlineState, Evaluation]:
    validation_cut = cut - timedelta(days=scenario.validation_days)
    with writable_warehouse(settings, f"fine-tune {scenario.name}") as connection:
        require_judgments(connection, scenario.name, validation_cut, scenario.validation_days)
        state = state_at(connection, settings, cut, scenario.promotion_weeks)
        validation_state = state_at(connection, settings, validation_cut)
        validation = Evaluation(connection, scenario.name, validation_cut, scenario.validation_days)
    validation.only_whole()
    return state, validation_state, validation


def _validate(validation: Evaluation, ranker: Ranker) -> float:
    validation.add_run("candidate", ranker.run(validation.queries, {}))
    (value,) = (m.value for m in validation.measure() if m.metric == TUNING_METRIC)
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
