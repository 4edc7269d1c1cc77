"""Package and deploy: a model that passed the gate becomes a Bento, and the champion."""

import time
from datetime import date

import bentoml
import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE

from bentos.registry import scenario as scenario_named
from bentos.serving.errors import RolloutMissing
from bentos.serving.rollout import RolloutRecord, read_rollout, write_rollout
from flows.errors import NotServing
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from flows.supervisor import ROOT, is_up, start_program
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
    """Starts the service if shopkeeper is up, and waits until it answers with the champion.

    Raises:
        NotServing: it does not, in time.
    """
    if not is_up(settings):
        return
    start_program(settings, record.scenario)
    wait_until_serving(settings, record)


def wait_until_serving(settings: Settings, record: RolloutRecord) -> None:
    """Returns once the service is ready and names the record's champion in its metrics.

    Raises:
        NotServing: it does not, in time.
    """
    url = settings.service_url(record.scenario)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            ready = httpx.get(f"{url}/readyz").is_success
            if ready and record.champion in httpx.get(f"{url}/metrics").text:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise NotServing(
        f"{url} did not take up {record.champion} within {_READY_SECONDS} s; "
        f"see {settings.logs / f'{record.scenario}.log'}. The model before it serves on."
    )


def champion_of(settings: Settings, name: str) -> RolloutRecord | None:
    """The scenario's rollout record, if there is one."""
    try:
        return read_rollout(settings.home / "rollouts", name)
    except RolloutMissing:
        return None


def _next_version(settings: Settings, name: str) -> int:
    current = champion_of(settings, name)
    return 1 if current is None else current.version + 1
