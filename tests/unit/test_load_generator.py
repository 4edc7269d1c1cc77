"""The benchmarks' load generator: what it reports is what happened."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.benchmarks.load import LOST, Phase, Target, closed_loop, open_loop, per_second

Answers = Callable[[bytes, int], "bytes | None"]  # of a request's body and its number


def _echo(body: bytes, number: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


@contextmanager
def _server(answers: Answers, stall: float = 0.0) -> Iterator[int]:
    """Answers on a port; None hangs up. The first answer is ``stall`` seconds late, all with it."""
    loop, port = asyncio.new_event_loop(), list[int]()
    started, asked = threading.Event(), [0]
    turn = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            async with turn:
                asked[0] += 1
                if asked[0] == 1:
                    await asyncio.sleep(stall)
            answer = answers(body, asked[0])
            if answer is None:
                break
            writer.write(answer)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        started.set()

    def work() -> None:
        loop.run_until_complete(run())
        loop.run_forever()

    threading.Thread(target=work, daemon=True).start()
    started.wait()
    try:
        yield port[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def test_each_answer_comes_with_the_body_that_was_asked_for() -> None:
    bodies = [b"1", b"22", b"333"]
    with _server(_echo) as port:
        target = Target(port, "/", bodies, keep_bodies=True)
        answers = closed_loop(target, clients=4, seconds=0.3)
    assert len(answers) > 12
    assert {answer.status for answer in answers} == {200}
    assert {answer.asked for answer in answers} == {0, 1, 2}
    assert all(answer.body == bodies[answer.asked] for answer in answers)
    last = max(answer.start + answer.latency for answer in answers)
    assert per_second(answers) == pytest.approx(len(answers) / last)


def test_a_connection_that_breaks_loses_its_request_and_no_other() -> None:
    def break_the_third(body: bytes, number: int) -> bytes | None:
        return None if number == 3 else _echo(body, number)

    with _server(break_the_third) as port:
        answers = closed_loop(Target(port, "/", [b"x"]), clients=1, seconds=0.2)
    assert [n for n, answer in enumerate(answers, start=1) if answer.status == LOST] == [3]
    assert len(answers) > 3


def test_nobody_waits_longer_than_their_patience() -> None:
    with _server(_echo, stall=30) as port:
        answers = closed_loop(Target(port, "/", [b"x"], patience=0.3), clients=1, seconds=0.1)
    (answer,) = answers
    assert answer.status == LOST
    assert 0.3 <= answer.latency < 5


def test_arrivals_come_at_the_schedules_rates_and_are_the_same_for_a_seed() -> None:
    schedule = [Phase(rate=100, seconds=0.5), Phase(rate=400, seconds=0.5)]
    with _server(_echo) as port:
        target = Target(port, "/", [b"x"])
        starts = [
            sorted(answer.start for answer in open_loop(target, schedule, seed))
            for seed in (1, 1, 2)
        ]
    assert starts[0] == pytest.approx(starts[1], abs=1e-6)
    assert starts[0] != pytest.approx(starts[2], abs=1e-6)
    slow = sum(start < 0.5 for start in starts[0])
    assert 25 < slow < 75  # 50 are expected, give or take 7
    assert 140 < len(starts[0]) - slow < 260  # 200, give or take 14


def test_a_server_that_stalls_is_charged_with_all_who_would_have_come() -> None:
    with _server(_echo, stall=0.4) as port:
        answers = open_loop(Target(port, "/", [b"x"]), [Phase(rate=100, seconds=0.4)])
    late = [answer for answer in answers if answer.start < 0.2]
    assert len(late) > 5
    assert all(answer.latency > 0.15 for answer in late)
