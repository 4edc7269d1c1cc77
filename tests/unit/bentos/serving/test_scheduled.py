"""What a request needs read is read by its deadline, or not at all once its client has gone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from bentos.serving import scheduled
from bentos.serving.cost import CostModel
from bentos.serving.deadline import Asked, asked, begin
from bentos.serving.reading import Floats
from bentos.serving.scheduled import Scheduled, Spare
from bentos.serving.scheduler import Scheduler

LONG = 5.0  # seconds that no test waits for


class Echo:
    """Says of each row its number, once it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.read_rows: list[int] = []

    def read(self, rows: Sequence[int]) -> Floats:
        assert self.let.wait(LONG)
        self.read_rows += rows
        return np.array(rows, np.float32)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def scheduler(echo: Echo) -> Iterator[Scheduler]:
    running = Scheduler(1, CostModel(1e-4), most_tokens=10_000)
    yield running
    echo.let.set()
    running.close()


def test_a_request_has_its_deadline_from_its_arrival(scheduler: Scheduler, echo: Echo) -> None:
    async def request() -> tuple[Floats, float]:
        begin(time.monotonic(), allowed_ms=5_000)
        reading = Scheduled(scheduler)
        echo.let.set()
        return await asyncio.to_thread(reading, echo, [1, 2], [10, 10]), reading.queue_ms

    found, queue_ms = asyncio.run(request())
    assert found.tolist() == [1, 2]
    assert 0 <= queue_ms < 1_000


def test_a_request_that_is_late_already_has_nothing_read(scheduler: Scheduler, echo: Echo) -> None:
    async def request() -> Floats:
        begin(time.monotonic() - 1, allowed_ms=500)
        return await asyncio.to_thread(Scheduled(scheduler), echo, [1], [10])

    assert len(asyncio.run(request())) == 0
    echo.let.set()
    assert echo.read_rows == []


def test_nothing_more_is_read_for_a_client_that_went(scheduler: Scheduler, echo: Echo) -> None:
    first = Scheduled(scheduler)
    threading.Thread(target=first, args=(echo, [0], [10]), daemon=True).start()
    while scheduler.waiting_tokens:  # until the only thread has taken it
        time.sleep(0.001)

    async def request() -> None:
        mine = begin(time.monotonic(), allowed_ms=60_000)
        waiting = asyncio.create_task(asyncio.to_thread(Scheduled(scheduler), echo, [1], [10]))
        while not scheduler.waiting_tokens:
            await asyncio.sleep(0.001)
        mine.give_up()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(request())
    echo.let.set()
    scheduler.submit(echo, [2], [10]).result(LONG)
    assert 1 not in echo.read_rows


def test_what_is_asked_after_the_client_went_is_not_begun() -> None:
    from concurrent.futures import Future

    gone = Asked(time.monotonic(), 1_000)
    gone.give_up()
    late: Future[None] = Future()
    gone.waits_for(late)
    assert late.cancelled()


def test_outside_of_requests_there_is_no_deadline() -> None:
    assert asked().by == float("inf")


def test_what_nobody_waits_for_is_given_up_where_there_is_always_something_else(
    scheduler: Scheduler, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled, "_PATIENCE", 0.05)
    waits = scheduler.submit(echo, [1], [10])
    with pytest.raises(TimeoutError):
        Spare(scheduler)(echo, [7], [10])
    echo.let.set()
    assert len(waits.result(LONG).read) == 1
    spare = Spare(scheduler)
    assert spare(echo, [8], [10]).tolist() == [8]
    assert echo.read_rows == [1, 8]
