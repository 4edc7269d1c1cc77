"""Waiting for a service: until its metrics say that what is wanted is what it answers with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pytest

from bentos.serving.rollout import Beside, RolloutRecord
from bentos.serving.state import write_state
from flows import deploy
from flows.deploy import wait_until_current, wait_until_serving
from flows.errors import NotServing
from flows.settings import Settings


class _Service(ThreadingHTTPServer):
    """Answers every path with what its metrics say at the moment."""

    daemon_threads = True
    says = ""
    asked = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(BaseHTTPRequestHandler):
    server: _Service

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.says.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def service() -> Iterator[_Service]:
    with _Service() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path: Path, service: _Service) -> Settings:
    return Settings(home=tmp_path, service_port=service.server_address[1])


def _state(settings: Settings, day: int) -> str:
    tables = {"products": pa.table({"product_id": ["a"]})}
    return write_state(settings.home / "online_state", datetime(2024, 3, day, tzinfo=UTC), tables)


def _metrics(**of_states: float) -> str:
    lines = (
        f'shopkeeper_state{{pid="7",scenario="recommend",version="{version}"}} {value}'
        for version, value in of_states.items()
    )
    return "\n".join(lines) + "\n"


def _serving(value: int, tag: str, variant: str = "champion", pid: int = 7) -> str:
    labels = f'model_tag="{tag}",pid="{pid}",scenario="recommend",variant="{variant}"'
    return f"shopkeeper_serving{{{labels}}} {value}.0\n"


def test_a_day_waits_for_the_state_of_the_night_before_it(
    settings: Settings, service: _Service, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    old, new = _state(settings, 14), _state(settings, 15)
    service.says = _metrics(**{old: 1.0})
    waiting = threading.Thread(target=wait_until_current, args=(settings, "recommend"))
    waiting.start()
    eventually(lambda: service.asked > 4)  # twice each time it looks
    assert waiting.is_alive()
    service.says = _metrics(**{old: 0.0, new: 1.0})
    waiting.join(30)
    assert not waiting.is_alive()


def test_what_a_service_had_before_is_not_what_it_has(
    settings: Settings, service: _Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy, "_READY_SECONDS", 0.5)
    service.says = _serving(0, "recommend:a") + _serving(1, "recommend:b")
    a, b = (
        RolloutRecord(scenario="recommend", version=1, champion=tag, bento_tag="x", reason="test")
        for tag in ("recommend:a", "recommend:b")
    )
    wait_until_serving(settings, b)
    with pytest.raises(NotServing, match="did not take up recommend:a"):
        wait_until_serving(settings, a)


def test_what_stands_beside_the_champion_has_to_serve_too_and_nothing_else_may(
    settings: Settings, service: _Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy, "_READY_SECONDS", 0.5)
    record = RolloutRecord(
        scenario="recommend",
        version=1,
        champion="recommend:a",
        beside=Beside(model_tag="recommend:b", role="shadow"),
        bento_tag="x",
        reason="test",
    )
    service.says = _serving(1, "recommend:a")
    with pytest.raises(NotServing, match="did not take up recommend:a and recommend:b"):
        wait_until_serving(settings, record)
    service.says += _serving(1, "recommend:b", "shadow")
    wait_until_serving(settings, record)
    with pytest.raises(NotServing, match="did not take up recommend:a within"):
        wait_until_serving(settings, record.alone)


def test_a_bento_that_can_not_name_its_state_is_not_waited_for(
    settings: Settings, service: _Service
) -> None:
    _state(settings, 15)
    service.says = "python_info 1.0\n"
    wait_until_current(settings, "recommend")
    assert service.asked == 2


# Several workers, several replicas.


def _record(tag: str) -> RolloutRecord:
    return RolloutRecord(scenario="recommend", version=1, champion=tag, bento_tag="x", reason="t")


def test_a_model_serves_once_every_worker_has_it(
    settings: Settings, service: _Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy, "_READY_SECONDS", 0.5)
    service.says = _serving(1, "recommend:b", pid=7) + _serving(1, "recommend:a", pid=8)
    with pytest.raises(NotServing, match="did not take up recommend:b"):
        wait_until_serving(settings, _record("recommend:b"))
    service.says = _serving(1, "recommend:b", pid=7) + _serving(1, "recommend:b", pid=8)
    wait_until_serving(settings, _record("recommend:b"))


def test_a_model_serves_once_every_replica_has_it(
    settings: Settings, service: _Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deploy, "_READY_SECONDS", 0.5)
    replicas = settings.model_copy(update={"replicas": 2})
    service.says = _serving(1, "recommend:b")
    with pytest.raises(NotServing, match=r"recommend-2\.log"):  # nobody listens there
        wait_until_serving(replicas, _record("recommend:b"))
