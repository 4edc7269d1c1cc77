"""Package and deploy: a model that passed the gate becomes a Bento, and the champion."""

import time
from datetime import date

import bentoml
import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE
from prometheus_client.parser import text_string_to_metric_families

from bentos.registry import scenario as scenario_named
from bentos.serving.errors import RolloutMissing
from bentos.serving.rollout import RolloutRecord, read_rollout, write_rollout
from bentos.serving.state import current_version
from flows.errors import NotServing
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from flows.supervisor import ROOT, is_up, start_services
from warehouse.records import record_rollout

_READY_SECONDS = 90


@task(cache_policy=NO_CACHE)
def package(name: str, model_tag: str) -> str:
    """Builds the scenario's Bento with the model in it; returns its tag.

    Only ``bentos/`` goes in, and the image installs only what serving needs.
    """
    bento = bentoml.build(
        scenario_named(name).service,
        build_ctx=str(ROOT),
        include=["bentos/**/*.py"],
        models=[model_tag],
        labels={"model": model_tag.replace(":", "_")},
    )
    return str(bento.tag)


@task(tags=[TAG], cache_policy=NO_CACHE)
def promote(
    settings: Settings, name: str, model_tag: str, bento_tag: str, starts_on: date, reason: str
) -> RolloutRecord:
    """Makes the model the champion: writes the rollout record and its history."""
    record = RolloutRecord(
        scenario=name,
        version=_next_version(settings, name),
        champion=model_tag,
        bento_tag=bento_tag,
        reason=reason,
    )
    with writable_warehouse(settings, f"promote {model_tag}") as connection:
        record_rollout(connection, name, record.version, model_tag, bento_tag, starts_on, reason)
    write_rollout(settings.home / "rollouts", record)
    return record


@task(cache_policy=NO_CACHE)
def take_into_service(settings: Settings, record: RolloutRecord) -> None:
    """Starts the services if shopkeeper is up, and waits until they answer with the champion.

    Raises:
        NotServing: it does not, in time.
    """
    if not is_up(settings):
        return
    start_services(settings, record.scenario)
    wait_until_serving(settings, record)


def wait_until_serving(settings: Settings, record: RolloutRecord) -> None:
    """Returns once every replica is ready and serves the record's champion.

    Raises:
        NotServing: it does not, in time.
    """
    _wait_until_named(settings, record.scenario, "shopkeeper_champion", record.champion)


def wait_until_current(settings: Settings, name: str) -> None:
    """Returns once every replica is ready and answers from the online state in force.

    Raises:
        NotServing: it does not, in time.
    """
    version = current_version(settings.home / "online_state")
    _wait_until_named(settings, name, "shopkeeper_state", version)


def _wait_until_named(settings: Settings, scenario: str, gauge: str, wanted: str) -> None:
    """Returns once the metrics of every replica say that ``wanted`` is what it has."""
    deadline = time.monotonic() + _READY_SECONDS
    for name, port in settings.ports_of(scenario).items():
        url = settings.url_at(port)
        while not _has(url, gauge, wanted):
            if time.monotonic() > deadline:
                raise NotServing(
                    f"{url} did not take up {wanted} within {_READY_SECONDS} s; "
                    f"see {settings.logs / f'{name}.log'}. What was there before it serves on."
                )
            time.sleep(0.1)


def _has(url: str, gauge: str, wanted: str) -> bool:
    """Whether a service is ready, and each of its workers has ``wanted``.

    A Bento that was built before there was such a gauge can't say, and is believed.
    """
    try:
        if not httpx.get(f"{url}/readyz").is_success:
            return False
        text = httpx.get(f"{url}/metrics").text
    except httpx.TransportError:
        return False
    metrics = text_string_to_metric_families(text)
    said = [sample for metric in metrics if metric.name == gauge for sample in metric.samples]
    workers = {sample.labels.get("pid") for sample in said}
    having = {s.labels.get("pid") for s in said if s.value == 1 and wanted in s.labels.values()}
    return having == workers


def champion_of(settings: Settings, name: str) -> RolloutRecord | None:
    """The scenario's rollout record, if there is one."""
    try:
        return read_rollout(settings.home / "rollouts", name)
    except RolloutMissing:
        return None


def _next_version(settings: Settings, name: str) -> int:
    current = champion_of(settings, name)
    return 1 if current is None else current.version + 1
