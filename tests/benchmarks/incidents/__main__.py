"""Incidents: faults injected into streams of days, and how soon each system says what is wrong.

Each fault comes at three strengths and on several days into a fork of a stream's warm warehouse,
which goes through the nights since then without Prefect. A test that is told what to look for says
on which night there was enough evidence; detection is in time on that night or the next. Streams
that no fault came into tell how often each system cries wolf. Checks that would have stopped a
night are a system of their own.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from flows.settings import Settings
from tests.benchmarks.figures import say, show, show_object
from tests.benchmarks.incidents import work
from tests.benchmarks.incidents.detectors import DETECTORS
from tests.benchmarks.incidents.faults import FAULTS, STRENGTHS, Injected
from tests.benchmarks.incidents.report import BENCH, false_alarms, figures, of_the_fault, row
from tests.benchmarks.incidents.runs import Ran, Untouched
from tests.benchmarks.incidents.streams import STREAMS, lacks
from tests.benchmarks.incidents.warm import MOST_STARTS, Span, forget_others


def main() -> None:
    """Warms up what is not warm yet, and runs what is asked for."""
    arguments = _arguments()
    home = Settings().home.resolve() / "bench"
    asked = work.Asked(
        tuple(arguments.detectors),
        arguments.peers_home or home / "peers",
        home / "data" / BENCH,
        Span(arguments.warm_days, arguments.clean_days),
    )
    forget_others(asked.data, asked.span)
    for name in asked.detectors:  # installs what they need, once
        DETECTORS[name](asked.peers)
    streams = [name for name in arguments.streams if _is_there(name)]
    faults = [FAULTS[name] for name in arguments.faults if FAULTS[name].stream in streams]
    with _workers(arguments.workers) as workers:
        starts = dict(zip(streams, workers.map(partial(work.starts, asked), streams), strict=True))
        injected = [
            Injected(fault, strength, first)
            for fault in sorted(faults, key=lambda fault: streams.index(fault.stream))
            for strength in arguments.strengths
            for first in starts[fault.stream][: arguments.starts]
        ]
        quiet = {name: workers.submit(work.untouched, asked, name) for name in streams}
        runs = [workers.submit(work.run, asked, each) for each in injected]
        ran = [_shown(each) for each in _counted(runs, quiet)]
        for name, said in quiet.items():
            for figure in false_alarms(name, said.result(), asked.span.clean_days):
                show(figure)
    settings = {"starts": arguments.starts, **asdict(asked.span)}
    for figure in figures(ran, settings):
        show(figure)


@contextmanager
def _workers(n: int) -> Iterator[ProcessPoolExecutor]:
    """Processes; where one fails, what the others have not begun is left."""
    workers = ProcessPoolExecutor(
        n,
        get_context("spawn"),
        # DuckDB takes a spawned process for a notebook, and draws its progress where figures go
        partial(os.dup2, 2, 1),
    )
    try:
        yield workers
    finally:
        workers.shutdown(cancel_futures=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    for name, choices in {
        "faults": FAULTS,
        "streams": STREAMS,
        "detectors": DETECTORS,
        "strengths": STRENGTHS,
    }.items():
        every = [*choices]
        parser.add_argument(f"--{name}", nargs="+", choices=every, default=every, metavar="NAME")
    parser.add_argument(
        "--starts",
        type=int,
        choices=range(1, MOST_STARTS + 1),
        default=2,
        help="so many days that each fault begins on",
    )
    parser.add_argument("--warm-days", type=int, default=Span.warm_days, help="before any fault")
    parser.add_argument("--clean-days", type=int, default=Span.clean_days, help="that are judged")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peers-home", type=Path, help="where their environments are installed")
    return parser.parse_args()


def _is_there(stream: str) -> bool:
    missing = lacks(stream)
    if missing is not None:
        say(f"{stream} is left out: {missing} is not there; SHOPKEEPER_TEST_DATA names its folder")
    return missing is None


def _counted(
    runs: Sequence["Future[Ran]"], quiet: Mapping[str, "Future[Untouched]"]
) -> Iterator[Ran]:
    began = time.monotonic()
    for number, done in enumerate(as_completed(runs), start=1):
        left = (time.monotonic() - began) / number * (len(runs) - number)
        ran = done.result()
        ran = of_the_fault(ran, quiet[ran.injected.fault.stream].result())
        found = ", ".join(f"{name}: {each.detected}" for name, each in ran.found.items())
        say(
            f"{number} of {len(runs)}: {ran.injected.fault.name}, {ran.injected.strength}, from "
            f"{ran.injected.first}: enough evidence on night {ran.evidence}; found on ({found}); "
            f"{timedelta(seconds=round(left))} left"
        )
        yield ran


def _shown(ran: Ran) -> Ran:
    show_object(row(ran))
    return ran


if __name__ == "__main__":
    main()
