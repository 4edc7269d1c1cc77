"""Clients that send their request in pieces, wait for its answer, or go."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from tests.unit.bentos.serving.tiny_service import Tiny, counted


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
    tiny, before = Tiny.instance, counted("client_gone_total", "/wait")  # type: ignore[attr-defined]
    cancelled = tiny.cancelled
    began = time.monotonic()
    caller, left = _call(client, lambda: Caller("/wait", _body(b'{"number": 60000}')), _go)
    assert time.monotonic() - began < 10
    assert (tiny.cancelled - cancelled, caller.got, left) == (1, [], 0)
    assert counted("client_gone_total", "/wait") - before == 1
    assert counted("http_in_flight", "/wait") == 0


def test_a_client_that_goes_before_its_body_has_come_is_counted(client: TestClient) -> None:
    before = counted("client_gone_total", "/wait")
    caller, left = _call(client, lambda: Caller("/wait", _body(b'{"num', True)), _go)
    assert (caller.got, left) == ([], 0)
    assert counted("client_gone_total", "/wait") - before == 1


def test_a_client_that_waits_is_answered_and_nothing_watches_it_after(client: TestClient) -> None:
    before = counted("client_gone_total", "/wait")
    caller, left = _call(client, lambda: Caller("/wait", _body(b'{"number": 100}')), _stay)
    assert [message["type"] for message in caller.got] == [
        "http.response.start",
        "http.response.body",
    ]
    assert (caller.got[0]["status"], left) == (200, 0)
    assert counted("client_gone_total", "/wait") == before


def test_a_server_that_stops_is_not_taken_for_a_client_that_goes(client: TestClient) -> None:
    before = counted("client_gone_total", "/wait")

    async def ask() -> None:
        caller = Caller("/wait", _body(b'{"number": 60000}'))
        task = asyncio.create_task(client.app(caller.scope, caller.receive, caller.send))  # type: ignore[arg-type, call-arg, func-returns-value]
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(ask())
    assert counted("client_gone_total", "/wait") == before
