"""Retrain: fine-tune, prove, and only if the model holds its own, package and promote it."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import orjson
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.deploy import champion_of, package, promote, take_into_service
from flows.evaluate import DAYS, Result, evaluate, judgeable, rivals
from flows.fine_tune import fine_tune
from flows.online_state import publish_state
from flows.policies.gate import Verdict, judge_model
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.evaluation import TUNING_METRIC
from warehouse.publish import publish
from warehouse.records import record_decision


@flow(name="retrain")
def retrain_flow(scenario: str, as_of: date | None = None, why: str = "on demand") -> bool:
    """Trains up to a week before ``as_of``, proves on that week, promotes what passes the gate.

    Returns whether the new model was promoted. The model before it serves on otherwise.

    Raises:
        NothingToJudge: nobody bought anything in the weeks that would prove it.
    """
    settings = Settings()
    as_of = as_of or datetime.now(UTC).date()
    cut = as_of - timedelta(days=DAYS)
    judgeable(settings, scenario, cut)
    record = champion_of(settings, scenario)
    champion = None if record is None else record.champion
    model = fine_tune(settings, scenario, cut)
    result = evaluate(settings, scenario, cut, [model] if champion is None else [model, champion])
    verdict = pass_gate(settings, scenario, as_of, result, model, champion)
    if verdict.passed:
        publish_state(settings, as_of)
        bento = package(scenario, model)
        promoted = promote(settings, scenario, model, bento, as_of, why)
        take_into_service(settings, promoted)
    return verdict.passed


@task(tags=[TAG], cache_policy=NO_CACHE)
def pass_gate(
    settings: Settings,
    name: str,
    as_of: date,
    result: Result,
    model: str,
    champion: str | None,
) -> Verdict:
    """Puts the gate's question, and records the answer with its evidence."""
    comparisons = [
        comparison
        for rival in rivals(result, champion)
        if rival != model
        for comparison in result.compare(model, rival)
    ]
    verdict = judge_model(TUNING_METRIC, comparisons)
    with writable_warehouse(settings, f"gate {name}") as connection:
        record_decision(
            connection,
            name,
            "promote",
            as_of,
            "promote" if verdict.passed else "keep",
            verdict.reason,
            orjson.dumps({"model": model, "comparisons": list(map(asdict, comparisons))}).decode(),
        )
        publish(connection, settings.published)
    return verdict
