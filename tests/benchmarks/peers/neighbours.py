"""What every nearest-neighbour peer shares: its command line, the vectors, and how it is measured.

`python search.py --data DIR --out figures.json` reads `vectors.npy` [N, D] and `queries.npy`
[Q, D], unit vectors in fp32, and `nearest.npy` [Q, 10], the true nearest ones. An index is built by
two threads, then searched by one, a query at a time as a service does, ever more broadly until its
recall@10 is 0.98. Seconds are the processor's, so that what else runs on a machine counts little.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAREST = 10
RECALL = 0.98
THREADS = 2  # that build

Vectors = NDArray[np.float32]
Search = Callable[[Vectors], NDArray[Any]]  # a query's [D] nearest ones, [10]
Build = Callable[[Vectors], Callable[[int], Search]]  # of vectors; of a breadth
Breadths = Callable[[int], Iterable[int]]  # to try among so many vectors


@dataclass(frozen=True)
class Measured:
    """One index: what it took to build, and to search at the breadth that was needed."""

    build_seconds: float
    queries_per_second: float
    recall: float
    breadth: int


def measure(build: Build, breadths: Breadths, data: Path) -> Measured:
    """Builds and searches; where no breadth is enough, the broadest counts."""
    vectors, queries, nearest = (
        np.load(data / f"{name}.npy") for name in ("vectors", "queries", "nearest")
    )
    began = time.process_time()
    searching = build(vectors)
    built = time.process_time() - began
    measured = None
    for breadth in breadths(len(vectors)):
        search = searching(breadth)
        search(queries[0])
        began = time.process_time()
        found = [search(query) for query in queries]
        seconds = time.process_time() - began
        hits = [len(np.intersect1d(*pair)) for pair in zip(found, nearest, strict=True)]
        recall = float(np.mean(hits)) / NEAREST
        measured = Measured(built, len(queries) / seconds, recall, breadth)
        if recall >= RECALL:
            break
    assert measured is not None
    return measured


def run(description: str, build: Build, breadths: Breadths) -> None:
    """What a peer's script does."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder with the vectors")
    parser.add_argument("--out", type=Path, required=True, help="the figures to write, .json")
    arguments = parser.parse_args()
    figures = asdict(measure(build, breadths, arguments.data))
    arguments.out.write_text(json.dumps(figures), encoding="utf-8")
