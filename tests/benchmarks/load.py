"""Load over HTTP/1.1, from a process of its own, so that it shares no loop with who measures.

``closed_loop`` keeps so many clients asking, each as soon as it has its answer. ``open_loop`` asks
at moments that do not wait for answers; its latencies count from those moments, so that a server
that stalls is not spared the requests that would have come meanwhile.
"""

import asyncio
import gc
import pickle
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import uvloop

LOST = 0  # the status of a request whose connection broke, or that nobody answered in time


@dataclass(frozen=True)
class Target:
    """Where requests go, and what they are."""

    port: int
    path: str
    bodies: Sequence[bytes]  # JSON; asked one after another, again from the first after the last
    headers: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    keep_bodies: bool = False  # of answers
    patience: float = 60.0  # seconds; a request without an answer by then is lost


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a request: which of the bodies it was, when, and for how long."""

    asked: int
    start: float  # seconds since the first request
    latency: float  # seconds
    status: int
    body: bytes | None


@dataclass(frozen=True)
class Phase:
    """Poisson arrivals at a rate, for a while."""

    rate: float  # a second
    seconds: float


@dataclass(frozen=True)
class _Closed:
    target: Target
    clients: int
    seconds: float


@dataclass(frozen=True)
class _Open:
    target: Target
    schedule: Sequence[Phase]
    seed: int


def closed_loop(target: Target, clients: int, seconds: float) -> list[Answered]:
    """So many clients ask without a pause; those who wait when the time is up get their answers."""
    return _elsewhere(_Closed(target, clients, seconds))


def open_loop(target: Target, schedule: Sequence[Phase], seed: int = 0) -> list[Answered]:
    """Requests come as the schedule says, whatever became of those before."""
    return _elsewhere(_Open(target, schedule, seed))


def per_second(answers: Sequence[Answered]) -> float:
    """Answers with status 200, over the time from the first request to the last answer."""
    took = max(answer.start + answer.latency for answer in answers)
    return sum(answer.status == 200 for answer in answers) / took


def _elsewhere(load: _Closed | _Open) -> list[Answered]:
    with TemporaryDirectory(prefix="load-") as folder:
        found = Path(folder) / "answers"
        command = [sys.executable, "-c", f"from {__name__} import main; main()", str(found)]
        subprocess.run(command, input=pickle.dumps(load), check=True)
        return [Answered(*row) for row in pickle.loads(found.read_bytes())]


def main() -> None:
    """Does what it is told on standard input, and tells what became of it in a file."""
    load: _Closed | _Open = pickle.load(sys.stdin.buffer)
    gc.disable()  # a pause of ours would be taken for one of theirs
    run = _Run(load.target)
    uvloop.run(run.closed(load) if isinstance(load, _Closed) else run.open(load))
    rows = [(a.asked, a.start, a.latency, a.status, a.body) for a in run.answers]
    Path(sys.argv[1]).write_bytes(pickle.dumps(rows))


class _Run:
    """One load, and what became of its requests."""

    def __init__(self, target: Target) -> None:
        self.answers: list[Answered] = []
        self._target = target
        self._requests = cycle(enumerate(_as_sent(target)))
        self._idle: list[_Connection] = []
        self._began = 0.0

    async def closed(self, load: _Closed) -> None:
        self._idle = [await self._connected() for _ in range(load.clients)]
        self._began = time.monotonic()
        until = self._began + load.seconds
        await asyncio.gather(*(self._client(until) for _ in range(load.clients)))

    async def _client(self, until: float) -> None:
        while (now := time.monotonic()) < until:
            await self._ask(now)

    async def open(self, load: _Open) -> None:
        asked = []
        self._began = time.monotonic() + 0.1
        for moment in _arrivals(load.schedule, load.seed):
            due = self._began + moment
            await asyncio.sleep(max(0, due - time.monotonic()))
            asked.append(asyncio.create_task(self._ask(due)))
        await asyncio.gather(*asked)

    async def _ask(self, due: float) -> None:
        asked, request = next(self._requests)
        status, body = LOST, b""
        try:
            async with asyncio.timeout(self._target.patience):
                connection = self._free() or await self._connected()
                status, body = await connection.ask(request)
                self._idle.append(connection)
        except (OSError, TimeoutError):
            pass  # it is lost
        latency = time.monotonic() - due
        kept = body if self._target.keep_bodies else None
        self.answers.append(Answered(asked, due - self._began, latency, status, kept))

    def _free(self) -> "_Connection | None":
        """The connection that was used last: those before it may close when there are too many."""
        while self._idle:
            if (connection := self._idle.pop()).is_open:
                return connection
        return None

    async def _connected(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        make = cast("Callable[[], _Connection]", _Connection)
        _, connection = await loop.create_connection(make, self._target.host, self._target.port)
        return connection


class _Connection(asyncio.Protocol):
    """Asks one request at a time, and reads answers that say how long they are."""

    def __init__(self) -> None:
        self.is_open = False
        self._received = b""
        self._needed = 0  # bytes of the answer, once its head has said
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._answer
        except BaseException:
            self._transport.close()  # who waits no longer hangs up
            raise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_open = True

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("closed without an answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._needed and (end := self._received.find(b"\r\n\r\n")) > 0:
            self._needed = end + 4 + _length(self._received[:end])
        if self._needed and len(self._received) >= self._needed:
            self._give()

    def _give(self) -> None:
        head, _, body = self._received[: self._needed].partition(b"\r\n\r\n")
        self._received, self._needed = b"", 0
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(head[9:12]), body))


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    if not found:
        raise ValueError(f"the answer does not say how long it is: {head!r}")
    return int(rest.partition(b"\r\n")[0])


def _as_sent(target: Target) -> list[bytes]:
    said = {"Host": target.host, "Content-Type": "application/json", **target.headers}
    head = f"POST {target.path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in target.bodies]


def _arrivals(schedule: Sequence[Phase], seed: int) -> Iterator[float]:
    """Moments from the beginning on."""
    chance = random.Random(seed)
    began = 0.0
    for phase in schedule:
        moment = chance.expovariate(phase.rate)
        while moment < phase.seconds:
            yield began + moment
            moment += chance.expovariate(phase.rate)
        began += phase.seconds
