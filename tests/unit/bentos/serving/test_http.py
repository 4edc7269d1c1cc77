"""A service's endpoints over HTTP: answered before BentoML, in the ways a client can be wrong."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from math import inf, isinf
from typing import Any

import bentoml
import pytest
from bentoml.exceptions import InvalidArgument
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field
from starlette.testclient import TestClient
from starlette.types import Message

from bentos.serving.deadline import Timed, asked
from bentos.serving.errors import LogUnwritable, Overloaded
from bentos.serving.http import DirectService
from bentos.serving.refusals import not_logged

LONGEST = 1_000  # bytes


class Number(Timed):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=0)
    note: str = ""


class Doubled(BaseModel):
    number: int
    left_ms: float | None  # until the deadline, where there is one
    thread: str


class Wish(BaseModel):
    fail: str


def _left() -> float | None:
    return None if isinf(asked().by) else (asked().by - time.monotonic()) * 1000


@bentoml.service(name="tiny", service_class=DirectService)
class Tiny:
    def __init__(self) -> None:
        self.cancelled = 0

    @bentoml.api(route="/double")
    async def double(self, request: Number, /) -> Doubled:
        return Doubled(
            number=2 * request.number, left_ms=_left(), thread=threading.current_thread().name
        )

    @bentoml.api(route="/double-in-a-thread")
    def double_in_a_thread(self, request: Number, /) -> Doubled:
        return Doubled(
            number=2 * request.number, left_ms=_left(), thread=threading.current_thread().name
        )

    @bentoml.api(route="/wait")
    async def wait(self, request: Number, /) -> Doubled:
        try:
            await asyncio.sleep(request.number / 1000)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Doubled(number=request.number, left_ms=None, thread="")

    @bentoml.api(route="/fail")
    async def fail(self, request: Wish, /) -> Doubled:
        match request.fail:
            case "overloaded":
                raise Overloaded("9 tokens would wait, and at most 8 may")
            case "argument":
                raise InvalidArgument("occurred_at: leave it out")
            case "log":
                return not_logged(LogUnwritable("the disk is full"), Doubled)
            case "answer":
                Number(number=-1)
        raise RuntimeError("the secret of the house")

    @bentoml.api(route="/plain")
    async def plain(self, number: int) -> int:
        return 2 * number


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPKEEPER_LONGEST_BODY", str(LONGEST))
        with TestClient(Tiny.to_asgi()) as client:  # type: ignore[attr-defined]
            yield client
    gc.unfreeze()


def _counted(name: str, endpoint: str, **labels: str) -> float:
    labels |= {"scenario": "tiny", "endpoint": endpoint}
    return REGISTRY.get_sample_value(f"shopkeeper_{name}", labels) or 0.0


def test_an_answer_is_what_the_method_returns(client: TestClient) -> None:
    answer = client.post("/double", json={"number": 21})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.json()["number"] == 42


def test_a_method_that_is_not_async_runs_in_a_thread_and_knows_its_deadline(
    client: TestClient,
) -> None:
    here = client.post("/double", json={"number": 1}).json()
    there = client.post("/double-in-a-thread", json={"number": 1, "deadline_ms": 9_000}).json()
    assert there["number"] == 2
    assert there["thread"] != here["thread"]
    assert 8_000 < there["left_ms"] <= 9_000


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"{", "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"null", "should be an object"),
        (b"", "number"),
        (b'{"number": "many"}', "number"),
        (b'{"number": -1}', "number"),
        (b'{"number": 1, "colour": "red"}', "colour"),
        (b'{"number": 1, "deadline_ms": 0}', "deadline_ms"),
        (b'{"number": 1, "deadline_ms": "soon"}', "deadline_ms"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_fields_name(
    client: TestClient, sent: bytes, said: str
) -> None:
    answer = client.post("/double", content=sent)
    assert answer.status_code == 400
    assert said in json.dumps(answer.json()["detail"])


def test_a_body_that_is_too_long_is_refused_and_the_longest_is_read(client: TestClient) -> None:
    def sent(length: int) -> bytes:
        empty = b'{"number": 1, "note": ""}'
        return empty.replace(b'""', b'"' + b"x" * (length - len(empty)) + b'"')

    assert client.post("/double", content=sent(LONGEST)).status_code == 200
    answer = client.post("/double", content=sent(LONGEST + 1))
    assert answer.status_code == 413
    assert f"longer than {LONGEST} bytes" in answer.json()["error"]


def test_what_is_no_endpoint_of_ours_is_bentomls_to_answer(client: TestClient) -> None:
    assert client.post("/triple", json={}).status_code == 404
    assert client.get("/double").status_code == 405
    assert client.get("/readyz").status_code == 200
    assert client.post("/plain", json={"number": 4}).text == "8"
    described = client.get("/docs.json").json()
    assert set(described["paths"]) >= {"/double", "/wait", "/fail", "/plain"}
    assert '"deadline_ms"' in json.dumps(described)


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ("overloaded", 429, "9 tokens would wait, and at most 8 may"),
        ("argument", 400, "occurred_at: leave it out"),
        ("log", 507, "the disk is full"),
    ],
)
def test_who_can_mend_it_is_told_why(client: TestClient, wish: str, status: int, said: str) -> None:
    answer = client.post("/fail", json={"fail": wish})
    assert (answer.status_code, answer.json()) == (status, {"error": said})
    assert ("retry-after" in answer.headers) == (status == 429)


@pytest.mark.parametrize("wish", ["by accident", "answer"])
def test_an_error_of_ours_is_logged_whole_and_told_in_general(
    client: TestClient, caplog: pytest.LogCaptureFixture, wish: str
) -> None:
    logger = logging.getLogger("bentoml.shopkeeper")
    logger.addHandler(caplog.handler)
    try:
        answer = client.post("/fail", json={"fail": wish})
    finally:
        logger.removeHandler(caplog.handler)
    assert answer.status_code == 500
    assert "service's log" in answer.json()["error"]
    assert "secret" not in answer.text
    assert "number" not in answer.text
    assert "Traceback" in caplog.text
    assert "/fail failed" in caplog.text


@pytest.mark.parametrize(
    ("field", "header", "left"),
    [
        ({}, None, 250),  # as the service is set
        ({"deadline_ms": None}, None, 250),
        ({}, "9000", 9_000),
        ({"deadline_ms": 5_000}, "9000", 5_000),
        ({"deadline_ms": "off"}, "9000", inf),
        ({}, "off", inf),
    ],
)
def test_the_requests_own_deadline_counts_then_its_headers_then_the_services(
    client: TestClient, field: dict[str, Any], header: str | None, left: float
) -> None:
    headers = {} if header is None else {"X-Deadline-Ms": header}
    found = client.post("/double", json={"number": 1} | field, headers=headers).json()["left_ms"]
    if isinf(left):
        assert found is None
    else:
        assert left - 200 < found <= left


@pytest.mark.parametrize("header", ["0", "-1", "soon", "inf", "nan", ""])
def test_a_deadline_in_a_header_that_is_none_is_refused_by_its_name(
    client: TestClient, header: str
) -> None:
    answer = client.post("/double", json={"number": 1}, headers={"X-Deadline-Ms": header})
    assert answer.status_code == 400
    assert "X-Deadline-Ms" in answer.text


def test_requests_are_counted_by_endpoint_and_status_and_timed(client: TestClient) -> None:
    def counts() -> list[float]:
        return [
            _counted("http_requests_total", "/double", status="200"),
            _counted("http_requests_total", "/double", status="400"),
            _counted("http_seconds_count", "/double"),
            _counted("http_in_flight", "/double"),
        ]

    before = counts()
    for number in (1, 2, -3):
        client.post("/double", json={"number": number})
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [2, 1, 3, 0]
    assert _counted("http_in_flight", "/double") == 0


class Caller:
    """A client at the level of ASGI, that sends what it is told and may go."""

    def __init__(self, path: str, *messages: Message) -> None:
        self.scope = {"type": "http", "method": "POST", "path": path, "headers": []}
        self.got: list[Message] = []
        self.gone = asyncio.Event()
        self._messages = self._all(messages)

    async def _all(self, messages: tuple[Message, ...]) -> AsyncIterator[Message]:
        for message in messages:
            yield message
        await self.gone.wait()
        yield {"type": "http.disconnect"}

    async def receive(self) -> Message:
        return await anext(self._messages)

    async def send(self, message: Message) -> None:
        self.got.append(message)


def _body(part: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": part, "more_body": more}


def _call(
    client: TestClient, caller: Callable[[], Caller], then: Callable[[Caller], None]
) -> tuple[Caller, int]:
    """Asks, does something after a moment, and tells how many tasks are left of it in the end."""

    async def ask() -> tuple[Caller, int]:
        asked = caller()
        asyncio.get_running_loop().call_later(0.05, then, asked)
        await asyncio.create_task(client.app(asked.scope, asked.receive, asked.send))  # type: ignore[arg-type, call-arg, func-returns-value]
        await asyncio.sleep(0)  # for what was cancelled
        return asked, len(asyncio.all_tasks()) - 1

    return asyncio.run(ask())


def _go(caller: Caller) -> None:
    caller.gone.set()


def _stay(caller: Caller) -> None:
    pass


def test_a_body_in_pieces_is_read_whole(client: TestClient) -> None:
    pieces = (_body(b'{"num', True), _body(b"", True), _body(b'ber": 4}'))
    caller, _ = _call(client, lambda: Caller("/double", *pieces), _stay)
    assert json.loads(caller.got[1]["body"])["number"] == 8


def test_when_the_client_goes_its_work_stops_and_is_counted(client: TestClient) -> None:
    tiny, before = Tiny.instance, _counted("client_gone_total", "/wait")  # type: ignore[attr-defined]
    cancelled = tiny.cancelled
    began = time.monotonic()
    caller, left = _call(client, lambda: Caller("/wait", _body(b'{"number": 60000}')), _go)
    assert time.monotonic() - began < 10
    assert (tiny.cancelled - cancelled, caller.got, left) == (1, [], 0)
    assert _counted("client_gone_total", "/wait") - before == 1
    assert _counted("http_in_flight", "/wait") == 0


def test_a_client_that_goes_before_its_body_has_come_is_counted(client: TestClient) -> None:
    before = _counted("client_gone_total", "/wait")
    caller, left = _call(client, lambda: Caller("/wait", _body(b'{"num', True)), _go)
    assert (caller.got, left) == ([], 0)
    assert _counted("client_gone_total", "/wait") - before == 1


def test_a_client_that_waits_is_answered_and_nothing_watches_it_after(client: TestClient) -> None:
    before = _counted("client_gone_total", "/wait")
    caller, left = _call(client, lambda: Caller("/wait", _body(b'{"number": 100}')), _stay)
    assert [message["type"] for message in caller.got] == [
        "http.response.start",
        "http.response.body",
    ]
    assert (caller.got[0]["status"], left) == (200, 0)
    assert _counted("client_gone_total", "/wait") == before


def test_a_server_that_stops_is_not_taken_for_a_client_that_goes(client: TestClient) -> None:
    before = _counted("client_gone_total", "/wait")

    async def ask() -> None:
        caller = Caller("/wait", _body(b'{"number": 60000}'))
        task = asyncio.create_task(client.app(caller.scope, caller.receive, caller.send))  # type: ignore[arg-type, call-arg, func-returns-value]
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(ask())
    assert _counted("client_gone_total", "/wait") == before
