"""Package and deploy: a model that passed the gate becomes a Bento, and the champion."""

import re
import time
from datetime import date

import bentoml
import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE

from bentos.registry import scenario as scenario_named
from bentos.serving.errors import RolloutMissing
from bentos.serving.rollout import Beside, RolloutRecord, read_rollout, write_rollout
from bentos.serving.state import current_version
from flows.errors import NotServing
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from flows.supervisor import ROOT, is_up, start_program
from warehouse.records import record_rollout

_READY_SECONDS = 90
_WHOSE = ("pid", "scenario")

_Labels = tuple[tuple[str, str], ...]  # of a gauge, in the order of their names


@task(cache_policy=NO_CACHE)
def package(name: str, *model_tags: str) -> str:
    """Builds the scenario's Bento with the models in it, the champion first; returns its tag.

    Only ``bentos/`` goes in, and the image installs only what serving needs.
    """
    bento = bentoml.build(
        scenario_named(name).service,
        build_ctx=str(ROOT),
        include=["bentos/**/*.py"],
        models=list(model_tags),
        labels={"model": model_tags[0].replace(":", "_")},
    )
    return str(bento.tag)


@task(tags=[TAG], cache_policy=NO_CACHE)
def promote(
    settings: Settings,
    name: str,
    model_tag: str,
    bento_tag: str,
    starts_on: date,
    reason: str,
    beside: Beside | None = None,
) -> RolloutRecord:
    """Makes the model the champion, alone or with another one beside it.

    Writes the rollout record and its history.
    """
    record = RolloutRecord(
        scenario=name,
        version=_next_version(settings, name),
        champion=model_tag,
        beside=beside,
        bento_tag=bento_tag,
        reason=reason,
    )
    with writable_warehouse(settings, f"promote {model_tag}") as connection:
        other = None if beside is None else (beside.model_tag, beside.role, beside.share)
        record_rollout(
            connection, name, record.version, model_tag, bento_tag, starts_on, reason, other
        )
    write_rollout(settings.home / "rollouts", record)
    return record


@task(cache_policy=NO_CACHE)
def take_into_service(settings: Settings, record: RolloutRecord) -> None:
    """Starts the service if shopkeeper is up, and waits until it serves as the record says.

    Raises:
        NotServing: it does not, in time.
    """
    if not is_up(settings):
        return
    start_program(settings, record.scenario)
    wait_until_serving(settings, record)


def wait_until_serving(settings: Settings, record: RolloutRecord) -> None:
    """Returns once the service is ready and serves the models of the record, and no others.

    Raises:
        NotServing: it does not, in time.
    """
    wanted: set[_Labels] = {
        (("model_tag", tag), ("variant", name)) for name, tag in record.models.items()
    }
    _wait_until_told(settings, record.scenario, "shopkeeper_serving", wanted)


def wait_until_current(settings: Settings, name: str) -> None:
    """Returns once the service is ready and answers from the online state in force.

    Raises:
        NotServing: it does not, in time.
    """
    version = current_version(settings.home / "online_state")
    _wait_until_told(settings, name, "shopkeeper_state", {(("version", version),)})


def _wait_until_told(settings: Settings, name: str, gauge: str, wanted: set[_Labels]) -> None:
    """Returns once the service's metrics have the gauge at 1 for what is wanted, and only there.

    A Bento that was built before there was such a gauge can't say, and is believed.
    """
    url = settings.service_url(name)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            ready = httpx.get(f"{url}/readyz").is_success
            said = httpx.get(f"{url}/metrics").text
            if ready and (_told(said, gauge) == wanted or gauge not in said):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    named = " and ".join(sorted(labels[0][1] for labels in wanted))
    raise NotServing(
        f"{url} did not take up {named} within {_READY_SECONDS} s; "
        f"see {settings.logs / f'{name}.log'}. What was there before it serves on."
    )


def _told(said: str, gauge: str) -> set[_Labels]:
    """What a gauge is 1 for; which process said so, and of which scenario, is left out."""
    lines = re.findall(f"^{gauge}{{(.*)}} 1\\.0$", said, re.MULTILINE)
    return {
        tuple(
            sorted(pair for pair in re.findall(r'(\w+)="([^"]*)"', line) if pair[0] not in _WHOSE)
        )
        for line in lines
    }


def champion_of(settings: Settings, name: str) -> RolloutRecord | None:
    """The scenario's rollout record, if there is one."""
    try:
        return read_rollout(settings.home / "rollouts", name)
    except RolloutMissing:
        return None


def _next_version(settings: Settings, name: str) -> int:
    current = champion_of(settings, name)
    return 1 if current is None else current.version + 1
