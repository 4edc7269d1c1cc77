"""What every peer that reads texts shares: its command line, and how an offline one is timed.

`python serve.py --pairs DIR --texts DIR --precision bf16 --threads 2 --port 3000` serves on
127.0.0.1 until it is told to end: scores of a query and its documents by the cross-encoder in
``pairs``, vectors of texts by the sentence encoder in ``texts``. Both folders say how many tokens
are read. Paths, requests and answers are each peer's own: see `tests.benchmarks.dialects`.

`python score.py --job pairs --model DIR --precision bf16 --threads 2 --data pairs.json --out F.npy`
reads a JSON list of [query, text] pairs (of texts for the job `texts`), chooses its batch size on
some of them, which warms it up, and writes their raw scores [N] (vectors [N, D]) to `F.npy`. Then
it says so, and for every line on standard input scores all of them again, tokenising included, and
answers with the seconds that took: so systems can take turns. Answers are JSON, one a line.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Precision = Literal["bf16", "fp32"]
Job = Literal["pairs", "texts"]
Floats = NDArray[np.float32]
Score = Callable[[Sequence[Any], int], Floats]  # of items, so many together

HOST = "127.0.0.1"

_TRIED = 256  # items that the batch size is chosen on


@dataclass(frozen=True)
class Serving:
    """What is to be served, and how."""

    pairs: Path
    texts: Path
    precision: Precision
    threads: int
    port: int

    @classmethod
    def of_command_line(cls, description: str | None) -> "Serving":
        """Reads the command line."""
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--pairs", type=Path, required=True, help="folder of a cross-encoder")
        parser.add_argument("--texts", type=Path, required=True, help="of a sentence encoder")
        parser.add_argument("--precision", choices=get_args(Precision), required=True)
        parser.add_argument("--threads", type=int, required=True, help="of a matrix product")
        parser.add_argument("--port", type=int, required=True)
        return cls(**vars(parser.parse_args()))

    def to_environment(self) -> dict[str, str]:
        """For workers, which a peer's own command starts."""
        return {f"PEER_{name.upper()}": str(value) for name, value in asdict(self).items()}

    @classmethod
    def of_environment(cls) -> "Serving":
        """What ``to_environment`` wrote."""
        said = {name: os.environ[f"PEER_{name.upper()}"] for name in cls.__dataclass_fields__}
        precision: Precision = "bf16" if said["precision"] == "bf16" else "fp32"
        return cls(
            pairs=Path(said["pairs"]),
            texts=Path(said["texts"]),
            precision=precision,
            threads=int(said["threads"]),
            port=int(said["port"]),
        )


@dataclass(frozen=True)
class Task:
    """What a peer is to do."""

    job: Job
    model: Path
    precision: Precision
    threads: int


def run(description: str | None, load: Callable[[Task], Score], sizes: Sequence[int]) -> None:
    """What a peer's script does; ``sizes`` of batches are in whatever the peer counts."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--job", choices=get_args(Job), required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--precision", choices=get_args(Precision), required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="pairs or texts, .json")
    parser.add_argument("--out", type=Path, required=True, help="scores or vectors, .npy")
    arguments = parser.parse_args()
    items = json.loads(arguments.data.read_text(encoding="utf-8"))
    task = Task(arguments.job, arguments.model, arguments.precision, arguments.threads)
    score = load(task)
    size = _fastest(score, items, sizes)
    np.save(arguments.out, score(items, size))
    _answer({"ready": True, "batch": size})
    for _ in sys.stdin:
        _answer({"seconds": _seconds(score, items, size)})


def _fastest(score: Score, items: Sequence[Any], sizes: Sequence[int]) -> int:
    """The size that takes least time, of two turns each after one that warms up."""
    some = items[:: max(len(items) // _TRIED, 1)][:_TRIED]
    score(some, sizes[0])
    return min(sizes, key=lambda size: min(_seconds(score, some, size) for _ in range(2)))


def _seconds(score: Score, items: Sequence[Any], size: int) -> float:
    began = time.perf_counter()
    score(items, size)
    return time.perf_counter() - began


def _answer(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()
