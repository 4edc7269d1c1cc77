"""Answers that leave in one write: of an answer whose sender is killed, all has left or nothing.

uvicorn writes head and body apart. A load balancer asks another replica where it had no answer, but
not where it had the head of one; and a write is a call of the kernel.
"""

from typing import Any

from starlette.responses import Response
from starlette.types import Send


async def send_whole(send: Send, reply: Response) -> None:
    """Sends an answer; where the server is not uvicorn, in as many writes as it makes."""
    start = {"type": "http.response.start", "status": reply.status_code}
    cycle: Any = getattr(send, "__self__", None)  # uvicorn's, of this request and its answer
    transport = getattr(cycle, "transport", None)
    if transport is not None:
        cycle.transport = _Together(transport)
    try:
        await send(start | {"headers": reply.raw_headers})
        await send({"type": "http.response.body", "body": reply.body})
    finally:
        if transport is not None:
            cycle.transport = transport


class _Together:
    """A connection that keeps the head until there is a body."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Keeps what comes first, and writes it with what comes next."""
        if self._head is None:
            self._head = data
        else:
            self._transport.write(self._head + data)
            self._head = b""

    def close(self) -> None:
        """Closes it, once all is written."""
        self._transport.close()
