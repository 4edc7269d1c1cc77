"""What the benchmark's processes do; each keeps its streams and detectors once it has them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from tests.benchmarks.incidents import runs
from tests.benchmarks.incidents.detectors import DETECTORS, Detector
from tests.benchmarks.incidents.faults import Injected
from tests.benchmarks.incidents.warm import Span, Warm, warm


@dataclass(frozen=True)
class Asked:
    """What every process is told."""

    detectors: tuple[str, ...]
    peers: Path  # where their environments are
    data: Path
    span: Span


@cache
def _warm(asked: Asked, stream: str) -> Warm:
    return warm(stream, asked.data, asked.span)


@cache
def _detectors(asked: Asked) -> dict[str, Detector]:
    return {name: DETECTORS[name](asked.peers) for name in asked.detectors}


def starts(asked: Asked, stream: str) -> list[date]:
    """The days that a stream's faults begin on, its homes being made before."""
    return _warm(asked, stream).starts


def untouched(asked: Asked, stream: str) -> runs.Untouched:
    """What is said of a stream that no fault came into."""
    return runs.untouched(_warm(asked, stream), _detectors(asked))


def run(asked: Asked, injected: Injected) -> runs.Ran:
    """Runs a fault."""
    return runs.run(injected, _warm(asked, injected.fault.stream), _detectors(asked))
