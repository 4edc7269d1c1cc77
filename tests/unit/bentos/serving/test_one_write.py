"""An answer leaves uvicorn in one write, whichever of its protocols serves."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bentos.serving.one_write import send_whole


class Counted:
    """A connection that remembers what is written to it."""

    def __init__(self, transport: Any, written: list[bytes]) -> None:
        self._transport, self._written = transport, written

    def write(self, data: bytes) -> None:
        if data:  # h11 ends with nothing
            self._written.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await send_whole(send, Response(b"x" * 100_000, headers={"Kind": "long"}))


async def _ask(protocol: type[Any], times: int, **headers: str) -> tuple[list[bytes], list[Any]]:
    written: list[bytes] = []

    class Protocol(protocol):  # type: ignore[misc]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(Counted(transport, written))

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(_app, http=Protocol, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url) as client:
        answers = [await client.post("/", headers=headers) for _ in range(times)]
    server.should_exit = True
    await serving
    return written, answers


@pytest.mark.parametrize("protocol", [HttpToolsProtocol, H11Protocol])
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_each_answer_is_one_write_of_head_and_body(protocol: type[Any], connection: str) -> None:
    written, answers = asyncio.run(_ask(protocol, 3, Connection=connection))
    assert [(a.status_code, len(a.content), a.headers["kind"]) for a in answers] == [
        (200, 100_000, "long")
    ] * 3
    assert len(written) == 3
    assert all(data.startswith(b"HTTP/1.1 200") and data.endswith(b"xxx") for data in written)


def test_another_server_is_sent_what_asgi_says() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(send_whole(send, JSONResponse({"a": 1}, status_code=418)))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (sent[0]["status"], sent[1]["body"]) == (418, b'{"a":1}')
