"""Nightly: from a day's logs to metrics, the next online state, and a decision."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import orjson
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bentos.registry import SCENARIOS
from data_checks import Scope, check_table
from flows.deploy import champion_of
from flows.ingest import FEEDBACK, publish_reports
from flows.online_state import publish_state
from flows.policies.retraining import DayFigure, Decision, Evidence, decide
from flows.retrain import retrain_flow
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.connection import Connection
from warehouse.evaluation import TUNING_METRIC
from warehouse.publish import publish
from warehouse.records import recent_metric, record_decision, training_cut, unseen_purchases
from warehouse.served import measure_day, pull, stage_day
from warehouse.staging import stage_events

RECENT_DAYS, EARLIER_DAYS = 3, 14


@flow(name="nightly")
def nightly_flow(day: date | None = None) -> list[str]:
    """Takes in what was logged, measures ``day`` (by default yesterday), and acts on it.

    May be run again for any day: the same tables come out. Returns the scenarios it retrained.
    """
    settings = Settings()
    day = day or datetime.now(UTC).date() - timedelta(days=1)
    take_in_logs(settings, day)
    publish_state(settings, day + timedelta(days=1))
    retrained = []
    for scenario in SCENARIOS:
        measure_traffic(settings, scenario, day)
        decision = decide_retraining(settings, scenario, day)
        if decision.action == "retrain":
            retrain_flow(scenario, day + timedelta(days=1), decision.reason)
            retrained.append(scenario)
    return retrained


@task(tags=[TAG], cache_policy=NO_CACHE)
def take_in_logs(settings: Settings, day: date) -> None:
    """Pulls the feedback and prediction logs, checks what came, and stages the day's events."""
    as_of = datetime.combine(day + timedelta(days=1), datetime.min.time())
    with writable_warehouse(settings, f"nightly {day}") as connection:
        feedback = pull(connection, "feedback", settings.home / "feedback_logs", FEEDBACK)
        reports = []
        if feedback.batches:
            scope = Scope(FEEDBACK, as_of, batches=feedback.batches, catalogue=settings.source)
            reports.append(check_table(connection, "raw_events", scope))
        for scenario in SCENARIOS:
            served = pull(connection, "served", settings.home / "serving_logs" / scenario, scenario)
            if served.batches:
                scope = Scope(scenario, as_of, batches=served.batches)
                reports.append(check_table(connection, "raw_served", scope))
        stage_events(connection, day)
    if reports:
        publish_reports(settings, reports, "nightly-checks.html")


@task(tags=[TAG], cache_policy=NO_CACHE)
def measure_traffic(settings: Settings, scenario: str, day: date) -> int:
    """Stages what was served on the day and what followed, and measures it."""
    with writable_warehouse(settings, f"nightly {day}") as connection:
        stage_day(connection, scenario, day, as_of=day)
        return measure_day(connection, scenario, day, as_of=day)


@task(tags=[TAG], cache_policy=NO_CACHE)
def decide_retraining(settings: Settings, scenario: str, day: date) -> Decision:
    """Asks the policy, and records its answer with the evidence it saw."""
    champion = champion_of(settings, scenario)
    if champion is None:
        return Decision("hold", f"no model serves {scenario} yet")
    with writable_warehouse(settings, f"nightly {day}") as connection:
        evidence = _evidence(connection, scenario, champion.champion, day)
        decision = decide(evidence)
        record_decision(
            connection,
            scenario,
            "retrain",
            day,
            decision.action,
            decision.reason,
            orjson.dumps(asdict(evidence)).decode(),
        )
        publish(connection, settings.published)
    return decision


def _evidence(connection: Connection, scenario: str, model: str, day: date) -> Evidence:
    cut = training_cut(connection, model)
    purchases, unseen = unseen_purchases(connection, cut, day)
    figures = [
        figure
        for figure in recent_metric(
            connection, scenario, TUNING_METRIC, day, RECENT_DAYS + EARLIER_DAYS
        )
        if figure.model_tag == model
    ]
    first_recent = day - timedelta(days=RECENT_DAYS - 1)
    return Evidence(
        age_days=(day + timedelta(days=1) - cut).days,
        purchases=purchases,
        unseen_purchases=unseen,
        recent=[DayFigure(f.value, f.standard_error) for f in figures if f.day >= first_recent],
        earlier=[DayFigure(f.value, f.standard_error) for f in figures if f.day < first_recent],
    )
