"""Two replicas behind HAProxy: one is killed under load, and nobody who asks can tell."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.benchmarks.bare_service import POOL
from tests.conftest import Installation, free_port
from tests.e2e.services import Service, bare
from tests.shops import in_own_home

HAPROXY = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")  # Debian has it there
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"

pytestmark = pytest.mark.skipif(
    HAPROXY is None, reason="haproxy is not installed; `apt-get install haproxy` brings it"
)


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Service]]:
    first = bare(tmp_path_factory.mktemp("replicas") / "home")
    second = in_own_home(first, first.home, SHOPKEEPER_SERVICE_PORT=str(free_port()))
    services = [Service(first), Service(second)]
    try:
        for service in services:
            service.start()
        yield services
    finally:
        for service in services:
            service.kill()


@pytest.fixture(scope="module")
def balanced(
    replicas: list[Service], eventually: Callable[[Callable[[], bool]], None]
) -> Iterator[str]:
    """The address that shoppers know."""
    front = f"127.0.0.1:{free_port()}"
    places = {
        "RECOMMEND": front,
        "RECOMMEND_1": replicas[0].here.service.removeprefix("http://"),
        "RECOMMEND_2": replicas[1].here.service.removeprefix("http://"),
        "SEARCH": f"127.0.0.1:{free_port()}",  # nobody asks it
    }
    assert HAPROXY is not None
    running = subprocess.Popen([HAPROXY, "-f", str(CONFIGURATION), "-db"], env=places)
    try:
        eventually(lambda: _answers(f"http://{front}"))
        yield f"http://{front}"
    finally:
        running.terminate()
        running.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").is_success
    except httpx.TransportError:
        return False


@dataclass
class Shoppers:
    """They ask and report purchases without a pause, and remember what they were told."""

    url: str
    statuses: Counter[int] = field(default_factory=Counter)
    answered: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    slowest: float = 0.0  # seconds

    @contextmanager
    def shopping(self) -> Iterator[None]:
        over = threading.Event()
        with ThreadPoolExecutor(4) as shoppers:
            visits = [shoppers.submit(self._shop, number, over) for number in range(4)]
            try:
                yield
            finally:
                over.set()
            for visit in visits:
                visit.result()  # raises what went wrong

    def _shop(self, number: int, over: threading.Event) -> None:
        with httpx.Client(base_url=self.url, timeout=60) as client:
            visit = 0
            while not over.is_set():
                answer = self._post(client, "/recommend", {"user_id": f"shopper-{number}"})
                self.answered.append(answer["request_id"])
                if visit % 5 == 0:
                    event = purchase(f"shopper-{number}", f"{number}-{visit}")
                    told = self._post(client, "/feedback", {"events": [event]})
                    assert told["accepted"] + told["duplicates"] == 1
                    self.accepted.append(event["event_id"])
                visit += 1

    def _post(self, client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
        began = time.monotonic()
        answer = client.post(path, json=body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[answer.status_code] += 1
        found: dict[str, Any] = answer.json()
        return found


def purchase(user: str, event: str) -> dict[str, Any]:
    return {
        "event_id": event,
        "event_type": "purchase",
        "product_id": POOL[0][0],
        "user_id": user,
        "occurred_at": datetime.now(UTC).isoformat(),
    }


def _lines(here: Installation, folder: str) -> list[dict[str, Any]]:
    """Every complete line of a log."""
    return [
        orjson.loads(line)
        for path in (here.home / folder).glob("*.jsonl")
        for line in path.read_bytes().rpartition(b"\n")[0].splitlines()
    ]


def _has_answered(service: Service) -> bool:
    """Whether a process that lives has logged an answer."""
    segments = (service.here.home / "serving_logs" / "recommend").glob("*.jsonl")
    writers = {int(path.name.split("-")[-3]) for path in segments if path.stat().st_size}
    return any(process.pid in writers for process in service.processes())


def test_a_replica_killed_under_load_costs_no_answer_and_comes_back(
    replicas: list[Service], balanced: str, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    first, second = replicas
    shoppers = Shoppers(balanced)
    with shoppers.shopping():
        eventually(lambda: _has_answered(first) and _has_answered(second))
        second.kill()
        time.sleep(1)  # the other one is alone
        second.start()
        eventually(lambda: _has_answered(second))

    assert set(shoppers.statuses) == {200}
    logged = Counter(line["request_id"] for line in _lines(first.here, "serving_logs/recommend"))
    assert {name: logged[name] for name in shoppers.answered if logged[name] != 1} == {}
    events = Counter(line["event_id"] for line in _lines(first.here, "feedback_logs"))
    assert {name: events[name] for name in shoppers.accepted if events[name] != 1} == {}
    assert len(shoppers.answered) > 100


def test_feedback_given_to_one_replica_counts_with_the_other(replicas: list[Service]) -> None:
    first, second = (service.here for service in replicas)
    told = first.post("/feedback", {"events": [purchase("newcomer", "newcomer-1")]}).json()
    assert told["accepted"] == 1
    again = second.post("/feedback", {"events": [purchase("newcomer", "newcomer-1")]}).json()
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    name = second.post("/recommend", {"user_id": "newcomer"}).json()["request_id"]
    (line,) = [x for x in _lines(second, "serving_logs/recommend") if x["request_id"] == name]
    assert [event["event_id"] for event in line["recent"]] == ["newcomer-1"]
