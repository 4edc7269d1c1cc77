"""Kills -9 of a process that writes answers through the real log at full rate.

The process is a fork of this one, so that a kill costs milliseconds. It tells each answer that the
log took, as a service answers its client, over a pipe; then what it told is held against what can
be read. Kills take turns between coroutines and threads, and between the two kinds of safety;
segments are small, so that many a kill meets one that is being closed.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Literal

from bentos.serving.jsonl import JsonLinesReader, JsonLinesWriter
from bentos.serving.segments import Keeping
from tests.benchmarks.figures import Figure, say, show
from tests.benchmarks.logged_answers import answer, named

BENCH = "log_kills"
SEGMENT_BYTES = 128 * 1024
AT_ONCE = 16  # requests
LONGEST_SECONDS = 0.03  # that a process goes on after its first answer

Tell = Callable[[int], None]
Way = Callable[[JsonLinesWriter, str, Tell], None]


@dataclass
class Found:
    """What became of all kills together."""

    told: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0  # last lines: nobody was told of them
    segments: int = 0


def main() -> None:
    """Kills as often as the command line asks."""
    arguments = _arguments()
    found = Found()
    random.seed(arguments.seed)
    with TemporaryDirectory(dir=arguments.folder) as folder:
        reader = JsonLinesReader(Path(folder))
        for number in range(arguments.kills):
            way = (_coroutines, _threads)[number % 2]
            sync: Literal["os", "disk"] = "disk" if number % 4 > 1 else "os"
            _kill(number, Path(folder), Keeping(sync, SEGMENT_BYTES), way, reader, found)
            if number % 500 == 499:
                say(f"{number + 1} kills: {found}")
    for metric, value in vars(found).items():
        unit = "segments" if metric == "segments" else "lines"
        show(Figure(BENCH, "shopkeeper", metric, value, unit, arguments.kills))
    if found.lost or found.doubled:
        sys.exit("the log lost or doubled what it had taken")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="on the disk that the log is to lie on")
    return parser.parse_args()


def _kill(
    number: int, folder: Path, keeping: Keeping, way: Way, reader: JsonLinesReader, found: Found
) -> None:
    with _writing(f"{number}", folder, keeping, way) as told:
        time.sleep(random.uniform(0, LONGEST_SECONDS))
    there = Counter(line["request_id"] for line in reader.new_lines())
    found.told += len(told)
    found.lost += sum(not there[name] for name in told)
    found.doubled += sum(times - 1 for times in there.values())
    for path in folder.iterdir():
        found.segments += 1
        found.torn += not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
        path.unlink()


@contextmanager
def _writing(name: str, folder: Path, keeping: Keeping, way: Way) -> Iterator[list[str]]:
    """A process that writes until the block ends; then the list is filled with what it told."""
    told: list[str] = []
    reading, telling = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        _write(name, JsonLinesWriter(folder, keeping), way, telling)
    os.close(telling)
    try:
        select([reading], [], [])  # the first answer
        yield told
    finally:
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        with os.fdopen(reading, "rb") as pipe:
            told += [f"{name}-{n}" for n in memoryview(pipe.read()).cast("q")]
    if not os.WIFSIGNALED(status):
        raise RuntimeError("the writing process ended before it was killed; it says why above")


def _write(name: str, writer: JsonLinesWriter, way: Way, telling: int) -> None:
    def tell(n: int) -> None:
        os.write(telling, n.to_bytes(8, sys.byteorder))

    try:
        way(writer, name, tell)
    finally:
        traceback.print_exc()
        os._exit(1)


def _coroutines(writer: JsonLinesWriter, name: str, tell: Tell) -> None:
    template, numbers = answer(100), count()

    async def client() -> None:
        for n in numbers:
            await writer.append_soon([named(template, f"{name}-{n}")])
            tell(n)

    async def serve() -> None:
        await asyncio.gather(*(client() for _ in range(AT_ONCE)))

    asyncio.run(serve())


def _threads(writer: JsonLinesWriter, name: str, tell: Tell) -> None:
    template, numbers = answer(100), count()

    def client(_: int) -> None:
        for n in numbers:
            writer.append([named(template, f"{name}-{n}")])
            tell(n)

    with ThreadPoolExecutor(AT_ONCE) as clients:
        list(clients.map(client, range(AT_ONCE)))


if __name__ == "__main__":
    main()
