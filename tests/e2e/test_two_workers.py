"""Several workers of one service: to whoever asks they are one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import psutil
import pyarrow as pa
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bentos.serving.state import write_state
from flows.deploy import wait_until_current
from flows.settings import Settings
from tests.benchmarks.bare_service import POOL
from tests.conftest import Installation
from tests.e2e.services import Service, bare

WORKERS = 2


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("workers") / "home"
    served = Service(bare(home, SHOPKEEPER_WORKERS=str(WORKERS)))
    try:
        served.start()
        yield served
    finally:
        served.kill()


@pytest.fixture(scope="module")
def here(service: Service, eventually: Callable[[Callable[[], bool]], None]) -> Installation:
    """Once all workers serve."""
    eventually(lambda: len(_said(service.here, "shopkeeper_serving")) == WORKERS)
    return service.here


def _said(here: Installation, name: str) -> Counter[str | None]:
    """What the metrics say, by worker; None: of all together."""
    said: Counter[str | None] = Counter()
    for metric in text_string_to_metric_families(
        httpx.get(f"{here.service}/metrics", timeout=30).text
    ):
        for sample in metric.samples:
            if sample.name == name:
                said[sample.labels.get("pid")] += int(sample.value)
    return said


def _lines(here: Installation) -> list[tuple[str, dict[str, Any]]]:
    """Every answer that was logged, and the worker that gave it."""
    return [
        (path.name.split("-")[-3], orjson.loads(line))
        for path in (here.home / "serving_logs" / "recommend").glob("*.jsonl")
        for line in path.read_bytes().splitlines()
    ]


def _asked_of_all(here: Installation) -> Counter[str]:
    """Asks until every worker has answered; a connection each, which any of them may take."""
    answered: list[str] = []
    deadline = time.monotonic() + 60
    while True:
        answer = here.post("/recommend", {"user_id": "shopper"})
        answered.append(answer.json()["request_id"])
        worker_of = {line["request_id"]: worker for worker, line in _lines(here)}
        by = Counter(worker_of[name] for name in answered)
        if len(by) == WORKERS:
            return by
        assert time.monotonic() < deadline, "a worker never answered"


def test_what_each_worker_counts_is_told_as_one_sum(here: Installation) -> None:
    before = len(_lines(here))
    asked = _asked_of_all(here).total()
    assert len(_lines(here)) == before + asked
    assert _said(here, "shopkeeper_requests_total") == {None: before + asked}
    assert _said(here, "shopkeeper_http_in_flight") == {None: 0}


def test_each_worker_writes_segments_of_its_own(here: Installation) -> None:
    _asked_of_all(here)
    names = [line["request_id"] for _, line in _lines(here)]
    assert len(names) == len(set(names))
    serving = set(_said(here, "shopkeeper_serving"))
    assert {worker for worker, _ in _lines(here)} == serving


def test_feedback_given_to_one_worker_counts_with_every_other_and_once(
    here: Installation,
) -> None:
    event = {
        "event_id": "e1",
        "event_type": "purchase",
        "product_id": POOL[0][0],
        "user_id": "shopper",
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    told = [here.post("/feedback", {"events": [event]}).json() for _ in range(20)]
    assert sum(answer["accepted"] for answer in told) == 1
    assert sum(answer["duplicates"] for answer in told) == 19
    before = {line["request_id"] for _, line in _lines(here)}
    _asked_of_all(here)
    since = [line for _, line in _lines(here) if line["request_id"] not in before]
    assert all([e["event_id"] for e in line["recent"]] == ["e1"] for line in since)


def test_a_new_state_is_waited_for_until_every_worker_has_it(here: Installation) -> None:
    tables = {
        "products": pa.table({"product_id": [product for product, _ in POOL]}),
        "histories": pa.table({"user_id": pa.array([], pa.string())}),
    }
    state = write_state(here.home / "online_state", datetime(2024, 3, 16, tzinfo=UTC), tables)
    port = int(here.environment["SHOPKEEPER_SERVICE_PORT"])
    wait_until_current(Settings(home=here.home, service_port=port), "recommend")
    before = {line["request_id"] for _, line in _lines(here)}
    _asked_of_all(here)
    since = [line for _, line in _lines(here) if line["request_id"] not in before]
    assert {line["state_version"] for line in since} == {state}


def test_a_killed_worker_is_replaced_and_its_gauges_forgotten_but_not_its_counts(
    here: Installation, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    _asked_of_all(here)
    counted = _said(here, "shopkeeper_requests_total")[None]
    serving = set(_said(here, "shopkeeper_serving"))
    killed = serving.pop()
    assert killed is not None
    psutil.Process(int(killed)).kill()

    def replaced() -> bool:
        now = set(_said(here, "shopkeeper_serving"))
        return len(now) == WORKERS and killed not in now

    eventually(replaced)
    assert serving < set(_said(here, "shopkeeper_serving"))
    assert _said(here, "shopkeeper_requests_total")[None] == counted
