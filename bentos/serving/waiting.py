"""Who waits for lines to be written: threads by futures, and coroutines, all of a loop at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(eq=False, slots=True)
class Waiting:
    """Lines that are to be written together, and the future of whoever waits for them."""

    lines: tuple[Any, ...]
    written: "Future[None] | asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop | None = None  # of a coroutine
    data: bytes = b""
    error: Exception | None = None

    def encode(self) -> bool:
        """Whether they are still wanted, and are JSON."""
        if not self._wanted():
            return False
        options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
        try:
            self.data = b"".join([orjson.dumps(line, option=options) for line in self.lines])
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told to whom it concerns)
            self.error = error
        return self.error is None

    def settle(self) -> None:
        """Tells that they were written, or why not."""
        if self.written.done():  # given up
            return
        if self.error is None:
            self.written.set_result(None)
        else:
            self.written.set_exception(self.error)

    def _wanted(self) -> bool:
        if isinstance(self.written, Future):
            return self.written.set_running_or_notify_cancel()
        return bool(self.lines)  # a coroutine that gives up says itself what is to be written


def tell(batch: Iterable[Waiting]) -> None:
    """Settles all of them; a loop is woken once, however many of its coroutines wait."""
    of_loop: dict[asyncio.AbstractEventLoop, list[Waiting]] = defaultdict(list)
    for waiting in batch:
        if waiting.loop is None:
            waiting.settle()
        else:
            of_loop[waiting.loop].append(waiting)
    for loop, together in of_loop.items():
        with suppress(RuntimeError):  # a closed loop: nobody waits
            loop.call_soon_threadsafe(_settle, together)


def _settle(together: Sequence[Waiting]) -> None:
    for waiting in together:
        waiting.settle()
