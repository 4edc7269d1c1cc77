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
from bentos.serving.rollout import Beside, RolloutRecord, read_rollout, write_rollout
from bentos.serving.state import current_version
from flows.errors import NotServing
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from flows.supervisor import ROOT, is_up, start_services
from warehouse.records import record_rollout

_READY_SECONDS = 90
_WHOSE = ("pid", "scenario")
_NAMED = {"shopkeeper_serving": "model_tag", "shopkeeper_state": "version"}  # by which label

_Labels = frozenset[tuple[str, str]]  # of a gauge


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
    """Starts the services if shopkeeper is up, and waits until they serve as the record says.

    Raises:
        NotServing: it does not, in time.
    """
    if not is_up(settings):
        return
    start_services(settings, record.scenario)
    wait_until_serving(settings, record)


def wait_until_serving(settings: Settings, record: RolloutRecord) -> None:
    """Returns once every replica is ready and serves the models of the record, and no others.

    Raises:
        NotServing: it does not, in time.
    """
    wanted: set[_Labels] = {
        frozenset({("model_tag", tag), ("variant", name)}) for name, tag in record.models.items()
    }
    _wait_until_told(settings, record.scenario, "shopkeeper_serving", wanted)


def wait_until_current(settings: Settings, name: str) -> None:
    """Returns once every replica is ready and answers from the online state in force.

    Raises:
        NotServing: it does not, in time.
    """
    version = current_version(settings.home / "online_state")
    _wait_until_told(settings, name, "shopkeeper_state", {frozenset({("version", version)})})


def _wait_until_told(settings: Settings, scenario: str, gauge: str, wanted: set[_Labels]) -> None:
    """Returns once the metrics of every replica say what is wanted, and nothing else."""
    deadline = time.monotonic() + _READY_SECONDS
    for name, port in settings.ports_of(scenario).items():
        url = settings.url_at(port)
        while not _tells(url, gauge, wanted):
            if time.monotonic() > deadline:
                named = " and ".join(sorted(dict(labels)[_NAMED[gauge]] for labels in wanted))
                raise NotServing(
                    f"{url} did not take up {named} within {_READY_SECONDS} s; "
                    f"see {settings.logs / f'{name}.log'}. What was there before it serves on."
                )
            time.sleep(0.1)


def _tells(url: str, gauge: str, wanted: set[_Labels]) -> bool:
    """Whether a service is ready, and each worker has the gauge at 1 for what is wanted only.

    A Bento that was built before there was such a gauge can't say, and is believed.
    """
    try:
        if not httpx.get(f"{url}/readyz").is_success:
            return False
        text = httpx.get(f"{url}/metrics").text
    except httpx.TransportError:
        return False
    told: dict[str, set[_Labels]] = {}  # by each worker
    for metric in text_string_to_metric_families(text):
        for sample in metric.samples if metric.name == gauge else ():
            labels = sample.labels.items()
            by_worker = told.setdefault(sample.labels.get("pid", ""), set())
            if sample.value == 1:
                by_worker.add(frozenset(label for label in labels if label[0] not in _WHOSE))
    return all(by_worker == wanted for by_worker in told.values())


def champion_of(settings: Settings, name: str) -> RolloutRecord | None:
    """The scenario's rollout record, if there is one."""
    try:
        return read_rollout(settings.home / "rollouts", name)
    except RolloutMissing:
        return None


def _next_version(settings: Settings, name: str) -> int:
    current = champion_of(settings, name)
    return 1 if current is None else current.version + 1
