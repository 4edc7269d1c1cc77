"""Nightly: from a day's logs to metrics, the next online state, and a decision."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import orjson
from fsspec.core import url_to_fs
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from bentos.registry import SCENARIOS
from data_checks import CheckReport, Scope
from flows.checks import run_checks
from flows.deploy import champion_of
from flows.disk import room_on_disk
from flows.embeddings import compare_embeddings
from flows.errors import LogsMissing, NothingToJudge
from flows.incidents.notify import notify
from flows.incidents.telling import tell_incidents
from flows.ingest import FEEDBACK
from flows.online_state import publish_state
from flows.policies.incidents import Incident
from flows.policies.notices import due
from flows.policies.retraining import DayFigure, Decision, Evidence, OpenIncident, decide
from flows.report import write_reports
from flows.retrain import retrain_flow
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from flows.sources import configured_source
from warehouse.connection import Connection
from warehouse.data_quality import SHOP
from warehouse.delays import PURCHASE, attribution_days
from warehouse.evaluation import TUNING_METRIC
from warehouse.incidents import notices_sent
from warehouse.nights import mark_due, measure_nights, measure_shop_nights
from warehouse.publish import publish
from warehouse.pull import RAW_TABLES, Kind, mark_checked, pull, unchecked, unchecked_days
from warehouse.raw import SERVED_LINES, raw_to_check
from warehouse.records import examples, recent_metric, record_decision, training_cut
from warehouse.served import days_to_measure, stage_day
from warehouse.staging import stage_events

_PAGE = "nightly-checks.html"
RECENT_DAYS, EARLIER_DAYS = 3, 14  # that have matured


@flow(name="nightly")
def nightly_flow(day: date | None = None) -> list[str]:
    """Takes in what was logged, measures ``day`` (by default yesterday), and acts on it.

    Days before it whose outcomes still come are measured again. May be run again for any day: the
    same tables come out. Ends by writing the report. Returns the scenarios it retrained.

    Raises:
        DiskFull: there is no room to write; the same night, or the next one, goes on from there.
    """
    settings = Settings()
    day = day or datetime.now(UTC).date() - timedelta(days=1)
    with room_on_disk(settings.home):
        take_in_logs(settings, day)
        publish_state(settings, day + timedelta(days=1))
        retrained = []
        for scenario in SCENARIOS:
            measure_traffic(settings, scenario, day)
            measure_embeddings(settings, scenario, day)
            incidents = tell(settings, scenario, day)
            decision = decide_retraining(settings, scenario, day, incidents)
            if decision.action == "retrain":
                retrained += _retrain(scenario, day, decision.reason)
        write_reports(settings)
    return retrained


def _retrain(scenario: str, day: date, why: str) -> list[str]:
    """The scenario, if it could be retrained; without purchases to prove a model, not tonight."""
    try:
        retrain_flow(scenario, day + timedelta(days=1), why)
    except NothingToJudge as error:
        get_run_logger().warning("not retrained tonight: %s", error)
        return []
    return [scenario]


@task(tags=[TAG], cache_policy=NO_CACHE)
def take_in_logs(settings: Settings, day: date) -> None:
    """Pulls the feedback and prediction logs, checks what came, and stages the day's events.

    So it does with those of other days that came, before they count as checked: of a night that is
    killed, whenever that is, the next one finds what there is to stage, or the nights to measure.
    """
    as_of = datetime.combine(day + timedelta(days=1), datetime.min.time())
    if settings.logs_from is not None:
        check_there(settings.logs_from)
    with writable_warehouse(settings, f"nightly {day}") as connection:
        for kind, source, folder in _logs(settings):
            _pull(connection, kind, folder, source)
        with raw_to_check(connection):
            due = _due_checks(settings, connection, max(as_of, _now()))
            for report in run_checks(settings, connection, due, _PAGE):
                _tell(report)
        for each in sorted({day, *unchecked_days(connection, FEEDBACK)}):
            for scenario in (SHOP, *SCENARIOS):
                mark_due(connection, scenario, each)
            stage_events(connection, each)
        measure_shop_nights(connection, day)
        for kind, source, _ in _logs(settings):
            mark_checked(connection, kind, source)


def _now() -> datetime:
    """What was logged since ``day`` is not from the future, where a night is made up for."""
    return datetime.now(UTC).replace(tzinfo=None)


def _tell(report: CheckReport) -> None:
    """Logs what a check found that does not stop the night."""
    if report.n_quarantined:
        get_run_logger().warning(
            "%s rows of %s of %s failed a check and are in quarantine",
            *(f"{report.n_quarantined:,}", report.table, report.source),
        )
    for result in report.with_status("warned"):
        get_run_logger().warning(
            "%s of %s: %s %s", report.table, report.source, result.sentence(), result.advice
        )


def check_there(place: str) -> None:
    """Refuses a place that was named and is not there: a night would find that nobody asked.

    Raises:
        LogsMissing: it is not there, or of a kind that fsspec or what is installed can't read.
    """
    try:
        files, path = url_to_fs(place)
        problem = None if files.exists(path) else "there is no such folder"
    except (ValueError, ImportError, OSError) as error:
        problem = str(error)
    if problem is not None:
        raise LogsMissing(
            f"SHOPKEEPER_LOGS_FROM is {place}: {problem}. It was expected to hold serving_logs/ "
            "and feedback_logs/, as services write them; name where these are, or nothing for "
            "SHOPKEEPER_HOME."
        )


def _pull(connection: Connection, kind: Kind, folder: str, source: str) -> None:
    pulled = pull(connection, kind, folder, source)
    if pulled.set_aside:
        get_run_logger().warning(
            "%s of %s lines of %s are malformed and went to quarantine, with file, byte and reason",
            *(f"{pulled.set_aside:,}", f"{pulled.lines:,}", folder),
        )


def _logs(settings: Settings) -> Iterator[tuple[Kind, str, str]]:
    """What services write: which kind of log, the source its rows are kept under, its folder."""
    yield "feedback", FEEDBACK, settings.service_logs("feedback_logs")
    for scenario in SCENARIOS:
        yield "served", scenario, settings.service_logs(f"serving_logs/{scenario}")


def _due_checks(
    settings: Settings, connection: Connection, as_of: datetime
) -> Iterator[tuple[str, Scope]]:
    """What was pulled and not checked yet; feedback names products of the shop's catalogue."""
    for kind, source, _ in _logs(settings):
        if batches := unchecked(connection, kind, source):
            catalogue = configured_source(settings).name if kind == "feedback" else None
            relation = SERVED_LINES if kind == "served" else None
            scope = Scope(source, as_of, batches=batches, catalogue=catalogue, relation=relation)
            yield RAW_TABLES[kind], scope


@task(tags=[TAG], cache_policy=NO_CACHE)
def measure_traffic(settings: Settings, scenario: str, day: date) -> int:
    """Stages what was served on the day and what followed, and measures it.

    Days before it whose outcomes still come are measured again, as of the day. What came late is
    staged, and the nights since then are measured, as if it had been there in time.
    """
    with writable_warehouse(settings, f"nightly {day}") as connection:
        for each in (*days_to_measure(connection, scenario, day), day):
            stage_day(connection, scenario, each)
        values = measure_nights(connection, scenario, day)
    if values == 0:
        get_run_logger().info("nobody asked %s on %s: there is nothing to measure", scenario, day)
    return values


@task(tags=[TAG], cache_policy=NO_CACHE)
def measure_embeddings(settings: Settings, scenario: str, day: date) -> None:
    """Compares what was asked for, or chosen, in meaning with earlier weeks, night by night."""
    with writable_warehouse(settings, f"nightly {day}") as connection:
        compare_embeddings(connection, settings, scenario, day, get_run_logger())


@task(tags=[TAG], cache_policy=NO_CACHE)
def tell(settings: Settings, scenario: str, day: date) -> list[Incident]:
    """Finds the causes of what the day showed, sends notices of them, and returns what is open."""
    with writable_warehouse(settings, f"nightly {day}") as connection:
        incidents = tell_incidents(connection, scenario, day)
        notices = due(incidents, notices_sent(connection, scenario), day)
    notify(settings, notices)
    still = [incident for incident in incidents if incident.is_open]
    for incident in still:
        get_run_logger().warning("%s: %s", incident.incident_id, incident.sentence)
    return still


@task(tags=[TAG], cache_policy=NO_CACHE)
def decide_retraining(
    settings: Settings, scenario: str, day: date, incidents: Sequence[Incident]
) -> Decision:
    """Asks the policy, and records its answer with the evidence it saw."""
    champion = champion_of(settings, scenario)
    if champion is None:
        return Decision("hold", f"no model serves {scenario} yet")
    with writable_warehouse(settings, f"nightly {day}") as connection:
        evidence = replace(
            _evidence(connection, scenario, champion.champion, day),
            incidents=[
                OpenIncident(
                    incident.incident_id,
                    incident.cause,
                    (day + timedelta(days=1) - incident.first_day).days,
                    incident.sentence,
                )
                for incident in incidents
            ],
        )
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
    known, unseen = examples(connection, scenario, model, day)
    days = RECENT_DAYS + EARLIER_DAYS + attribution_days(connection)[PURCHASE]
    figures = [
        figure
        for figure in recent_metric(connection, scenario, TUNING_METRIC, day, days)
        if figure.model_tag == model
    ]
    judged_to = max((figure.day for figure in figures), default=day)
    recent = judged_to - timedelta(days=RECENT_DAYS)  # and before it
    earlier = recent - timedelta(days=EARLIER_DAYS)
    return Evidence(
        age_days=(day + timedelta(days=1) - cut).days,
        examples=known,
        unseen_examples=unseen,
        recent=[DayFigure(f.value, f.standard_error) for f in figures if f.day > recent],
        earlier=[
            DayFigure(f.value, f.standard_error) for f in figures if earlier < f.day <= recent
        ],
        judged_to=judged_to if figures else None,
    )
