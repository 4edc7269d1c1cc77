"""A service with an endpoint for everything that can happen to a request."""

from __future__ import annotations

import asyncio
import threading
import time
from math import isinf

import bentoml
from bentoml.exceptions import InvalidArgument
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field

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
    pinned: str | None = None


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
            number=2 * request.number,
            left_ms=_left(),
            thread=threading.current_thread().name,
            pinned=asked().pinned,
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


def counted(name: str, endpoint: str, **labels: str) -> float:
    labels |= {"scenario": "tiny", "endpoint": endpoint}
    return REGISTRY.get_sample_value(f"shopkeeper_{name}", labels) or 0.0
