"""A service killed at any moment has logged what it answered."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.conftest import Installation, free_port
from tests.e2e.services import Service
from tests.shops import beside, in_own_home
from warehouse.connection import open_warehouse
from warehouse.pull import pull
from warehouse.raw import all_raw

KILLS, SERVICES = 20, 2


@pytest.fixture
def services(installation: Installation, tmp_path: Path) -> Iterator[list[Service]]:
    """Two of them, which write their logs into the same folders."""
    home = beside(installation, tmp_path / "home")
    found = [
        Service(in_own_home(home, home.home, SHOPKEEPER_SERVICE_PORT=free)) for free in _ports()
    ]
    try:
        yield found
    finally:
        for service in found:
            if service.process is not None and service.process.poll() is None:
                service.kill()


def _ports() -> list[str]:
    return [str(free_port()) for _ in range(SERVICES)]


@dataclass
class Shoppers:
    """They ask and report purchases until the service is gone, and remember what it told them."""

    url: str
    answered: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    unanswered: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def shopping(self, round_: str) -> Iterator[None]:
        threads = [
            threading.Thread(target=self._shop, args=(f"{round_}-{number}",)) for number in range(3)
        ]
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join()

    def send_again(self) -> None:
        """What got no answer is sent again, as a client should."""
        pending, self.unanswered = self.unanswered, []
        with httpx.Client(base_url=self.url, timeout=30) as client:
            for event in pending:
                self._report(client, event)

    def _shop(self, name: str) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            try:
                for number in range(100_000):
                    answer = client.post("/recommend", json={"user_id": name, "limit": 3})
                    if answer.is_success:
                        self.answered.append(answer.json()["request_id"])
                        self._report(client, _purchase(answer.json(), name, number))
            except httpx.TransportError:
                return

    def _report(self, client: httpx.Client, event: dict[str, Any]) -> None:
        self.unanswered.append(event)
        answer = client.post("/feedback", json={"events": [event]}).json()
        assert answer["refused"] == []
        assert answer["accepted"] + answer["duplicates"] == 1
        self.unanswered.remove(event)
        self.accepted.append(event["event_id"])


def _purchase(answer: dict[str, Any], user: str, number: int) -> dict[str, Any]:
    return {
        "event_id": f"{user}-{number}",
        "event_type": "purchase",
        "product_id": answer["items"][0]["product_id"],
        "user_id": user,
        "occurred_at": f"2017-11-21T10:{number // 60 % 60:02}:{number % 60:02}Z",
        "request_id": answer["request_id"],
    }


def test_twenty_kills_under_load_lose_no_answer_and_no_feedback(services: list[Service]) -> None:
    with ThreadPoolExecutor(SERVICES) as at_once:
        shoppers = list(at_once.map(_kill_again_and_again, services, range(SERVICES)))

    answered = [request for shopper in shoppers for request in shopper.answered]
    accepted = [event for shopper in shoppers for event in shopper.accepted]
    assert len(answered) > 5 * KILLS
    here = services[0].here
    _each_is_there_once(answered, _ids(here, "serving_logs/recommend", "request"))
    _each_is_there_once(accepted, _ids(here, "feedback_logs", "event"))
    served, events, unreadable = _pulled(here)
    _each_is_there_once(answered, served)
    _each_is_there_once(accepted, events)
    assert unreadable == 0


def _kill_again_and_again(service: Service, seed: int) -> Shoppers:
    shoppers = Shoppers(service.here.service)
    moments = random.Random(seed)
    for round_ in range(KILLS // SERVICES):
        service.start()
        shoppers.send_again()
        with shoppers.shopping(f"{seed}-{round_}"):
            time.sleep(moments.uniform(0.02, 0.8))
            service.kill()
    service.start()
    shoppers.send_again()
    return shoppers


def _each_is_there_once(told: list[str], logged: list[str]) -> None:
    times = Counter(logged)
    assert {name: times[name] for name in told if times[name] != 1} == {}


def _ids(here: Installation, folder: str, of: str) -> list[str]:
    """From every complete line; a torn last one has no newline, and nobody was told of it."""
    return [
        orjson.loads(line)[f"{of}_id"]
        for path in (here.home / folder).glob("*.jsonl")
        for line in path.read_bytes().rpartition(b"\n")[0].splitlines()
    ]


def _pulled(here: Installation) -> tuple[list[str], list[str], int]:
    """What a night takes in, and how many lines of it could not be read."""
    with open_warehouse(here.home / "warehouse.duckdb") as connection:
        pull(connection, "served", here.home / "serving_logs" / "recommend", "recommend")
        pull(connection, "feedback", here.home / "feedback_logs", "feedback")
        with all_raw(connection):
            served = connection.execute("select request_id from served_lines").fetchall()
        events = connection.execute("select event_id from raw_events").fetchall()
        (unreadable,) = connection.execute("select count(*) from quarantine").fetchone() or (None,)
    return [name for (name,) in served], [name for (name,) in events], unreadable
