"""What benchmarks print: one JSON object a line, on standard output and nothing else there."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FLOOR = "floor"  # what costs nothing to have: the best baseline, or the machine's own limit


@dataclass(frozen=True)
class Figure:
    """One measured number of one system."""

    bench: str
    system: str  # shopkeeper, a peer's name, or the floor
    metric: str
    value: float
    unit: str
    n: int
    settings: Mapping[str, Any] = field(default_factory=dict)


def show(figure: Figure) -> None:
    """Prints a figure."""
    show_object(asdict(figure))


def show_object(row: Mapping[str, Any]) -> None:
    """Prints an object of any shape."""
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Tells people, on standard error, what is going on."""
    sys.stderr.write(f"bench: {text}\n")


def figures_in(lines: Iterable[str]) -> list[Figure]:
    """The figures among printed lines; other objects are left out."""
    objects = [json.loads(line) for line in lines if line.strip()]
    return [Figure(**found) for found in objects if "bench" in found]
