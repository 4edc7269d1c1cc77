"""Who is let in is read whole, and nobody is let in who could not be; the clock is the test's."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from math import inf

import numpy as np
import pytest

from bentos.serving.cost import CostModel
from bentos.serving.line import Batch, Line
from bentos.serving.reading import Floats
from bentos.serving.request import Request

PER_TOKEN = 1e-3  # seconds: ten rows of ten tokens take a tenth of a second of a thread
CAUTION = 1.1  # times as long as forecast is what a request must have time for


class Nothing:
    """What a line hands on without ever asking it."""

    def read(self, rows: Sequence[int]) -> Floats:
        raise AssertionError(f"{rows} were read")


READER = Nothing()


def request(rows: int, deadline: float, now: float = 0.0, tokens: int = 10) -> Request:
    return Request(READER, range(rows), [tokens] * rows, deadline, asked_at=now)


def entered(line: Line, rows: int, deadline: float, now: float = 0.0) -> Request:
    line.enter(asked := request(rows, deadline, now), now)
    return asked


def taken(line: Line, now: float) -> Batch:
    batch = line.next_batch(now)
    assert batch is not None
    return batch


def ended(line: Line, batch: Batch, now: float) -> None:
    line.end(batch, np.zeros(len(batch.rows), np.float32), now)


def n_read(asked: Request) -> int:
    return len(asked.future.result(0).read)


@pytest.fixture
def line() -> Line:
    return Line(1, CostModel(PER_TOKEN), most_tokens=2_000)


def test_who_would_be_late_after_what_is_being_read_is_told_at_once(line: Line) -> None:
    first = entered(line, 20, deadline=1.0)
    batch = taken(line, now=0.0)  # 200 ms of work, all of it
    assert not line.waiting_tokens
    late = entered(line, 10, deadline=0.05 + CAUTION * 0.2, now=0.05)  # 150 ms left, and 100
    assert n_read(late) == 0
    in_time = entered(line, 10, deadline=0.05 + CAUTION * 0.26, now=0.05)
    assert not in_time.future.done()
    ended(line, batch, now=0.2)
    assert n_read(first) == 20


def test_what_waits_without_a_deadline_is_in_nobodys_way(line: Line) -> None:
    bulk = entered(line, 100, deadline=inf)  # a second
    hurried = entered(line, 10, deadline=0.2)
    ended(line, taken(line, now=0.0), now=0.1)
    assert n_read(hurried) == 10
    assert not bulk.future.done()


def test_who_waits_already_is_not_made_late_by_who_comes_after(line: Line) -> None:
    entered(line, 10, deadline=0.2)
    sooner = entered(line, 10, deadline=0.19)
    assert n_read(sooner) == 0


def test_a_request_alone_is_read_as_far_as_its_time_goes(line: Line) -> None:
    long = entered(line, 100, deadline=0.5)  # of its second of work
    ended(line, taken(line, now=0.0), now=0.25)
    ended(line, taken(line, now=0.25), now=0.5)
    assert line.next_batch(0.5) is None
    assert n_read(long) == 49  # 25 rows of at most 256 tokens, and 24 in the time left


def test_one_that_is_too_long_takes_no_more_than_its_time(line: Line) -> None:
    entered(line, 100, deadline=0.5)
    assert n_read(entered(line, 10, deadline=CAUTION * 0.59)) == 0  # until 600 ms
    assert not entered(line, 10, deadline=CAUTION * 0.61).future.done()


def test_a_request_too_long_is_not_begun_where_others_are_in_a_hurry(line: Line) -> None:
    entered(line, 1, deadline=0.5)
    assert n_read(entered(line, 100, deadline=0.5)) == 0
    taken(line, now=0.0)
    assert n_read(entered(line, 100, deadline=0.5)) == 0  # now it is being read


def test_without_a_deadline_others_leave_all_the_time_there_is(line: Line) -> None:
    entered(line, 1, deadline=inf)
    taken(line, now=0.0)
    assert not entered(line, 100, deadline=0.5).future.done()


def test_what_fills_a_batch_delays_nobody_in_it(line: Line) -> None:
    hurried = entered(line, 10, deadline=0.155)
    entered(line, 20, deadline=1.0)
    batch = taken(line, now=0.0)  # of 256 tokens, were there time
    assert [len(part.rows) for part in batch.parts] == [10, 5]
    ended(line, batch, now=0.15)
    assert n_read(hurried) == 10


def test_a_forecast_that_leaves_no_time_is_tried_on_who_is_alone() -> None:
    line = Line(1, CostModel(1.0), most_tokens=2_000)  # ten seconds a row
    alone = entered(line, 3, deadline=0.25)
    batch = taken(line, now=0.0)
    assert len(batch.rows) == 1
    assert n_read(entered(line, 3, deadline=0.25)) == 0
    ended(line, batch, now=0.01)
    assert line.next_batch(0.01) is None
    assert n_read(alone) == 1


def test_two_threads_have_twice_the_time() -> None:
    line = Line(2, CostModel(PER_TOKEN), most_tokens=2_000)
    entered(line, 40, deadline=1.0)
    assert not entered(line, 20, deadline=CAUTION * 0.31).future.done()  # 600 ms of work
    assert n_read(entered(line, 20, deadline=CAUTION * 0.39)) == 0  # 800


def test_at_four_times_the_capacity_the_readers_read_whole_requests() -> None:
    """Two threads, requests of 240 thread-ms that come by chance, each with 250 ms.

    Batches take up to a fifth more or less than is usual.
    """
    chance, seconds, each = random.Random(0), 100.0, 0.12
    line = Line(2, CostModel(PER_TOKEN / 5), most_tokens=2_000)
    events: list[tuple[float, int, Batch | None]] = []
    asked: list[Request] = []
    moment, idle, n = 0.0, 2, 0
    while (moment := moment + chance.expovariate(4 / each)) < seconds:
        heapq.heappush(events, (moment, n := n + 1, None))
    while events:
        now, _, batch = heapq.heappop(events)
        if batch is None:
            asked.append(one := request(24, now + 0.25, now, tokens=50))
            line.enter(one, now)
        else:
            ended(line, batch, now)
            idle += 1
        while idle and (batch := line.next_batch(now)):
            idle -= 1
            took = batch.tokens * PER_TOKEN / 5 * chance.uniform(0.8, 1.2)
            heapq.heappush(events, (now + took, n := n + 1, batch))
    read = [n_read(one) for one in asked]
    whole = read.count(24)
    assert whole >= 0.95 * seconds / each
    assert 24 * whole >= 0.98 * sum(read)  # hardly anything was read for who was cut off
