"""Clients that hang up: nothing more is computed for them."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

T = TypeVar("T")

_WORTH_WATCHING = 0.002  # seconds: what is answered sooner is not worth a task that watches


class ClientGone(Exception):
    """The client closed its connection before it had its answer."""


async def unless_client_goes(answer: Awaitable[T], receive: Receive) -> T:
    """The answer; it is cancelled once ``receive`` says that nobody waits for it.

    Raises:
        ClientGone: nobody does.
    """
    watch = _Watch(receive)
    try:
        return await answer
    except asyncio.CancelledError:
        if watch.ended_it():
            raise ClientGone from None
        raise
    finally:
        watch.end()


class _Watch:
    """Cancels the task that made it when the client goes."""

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._receive = receive
        self._gone = False
        self._watcher: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_WORTH_WATCHING, self._begin)

    def ended_it(self) -> bool:
        """Whether it was this that cancelled the task, and nothing else did too."""
        return self._gone and self._task.uncancel() == 0

    def end(self) -> None:
        """Watches no longer."""
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _begin(self) -> None:
        self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._task.cancel()
