"""The peers that score offline: started once, then asked for a round at a time."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.environments import PEERS, environment
from tests.benchmarks.http_peers import QUIET, THREADS
from tests.benchmarks.peers.reading import Job, Precision

OFFLINE_PEERS = ("onnxruntime", "openvino", "sentence_transformers", "torch_ragged")


class PeerEnded(Exception):
    """A peer ended where it should have answered."""

    def __init__(self, command: Sequence[str], said: Path) -> None:
        super().__init__(f"{' '.join(command)} ended before its time; what it said is in {said}")


@dataclass(frozen=True)
class Scoring:
    """A system that has read what is to be scored."""

    found: NDArray[np.float32]  # raw scores [N] or vectors [N, D]
    batch: int  # the size it chose
    pid: int
    _process: "subprocess.Popen[str]"
    _said: Path

    def round(self) -> float:
        """Scores everything once more; returns the seconds that took."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        seconds: float = _answer(self._process, self._said)["seconds"]
        return seconds


def command_of(peer: str, home: Path) -> list[str]:
    """What starts a peer in its environment in ``home``, installed first where it is not there."""
    return [str(environment(peer, home)), str(PEERS / peer / "score.py")]


@contextmanager
def scoring(
    command: Sequence[str],
    job: Job,
    model: Path,
    precision: Precision,
    items: Sequence[Any],
    folder: Path,
    threads: int = THREADS,
) -> Iterator[Scoring]:
    """Starts a system that keeps to `peers/reading.py`, and yields it once it is warm.

    ``items`` are [query, text] pairs, or texts for the job ``texts``; files go to ``folder``.

    Raises:
        PeerEnded: it ended before it was asked to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, out, said = (folder / name for name in ("items.json", "found.npy", "said.log"))
    data.write_text(json.dumps(items), encoding="utf-8")
    whole = [*command, "--job", job, "--model", str(model), "--precision", precision]
    whole += ["--threads", str(threads), "--data", str(data), "--out", str(out)]
    own = {"OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
    with (
        said.open("wb") as errors,
        subprocess.Popen(
            whole,
            env={**os.environ, **QUIET, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            ready = _answer(process, said)
            yield Scoring(np.load(out), ready["batch"], process.pid, process, said)
        finally:
            process.kill()  # it only waits


def _answer(process: "subprocess.Popen[str]", said: Path) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert isinstance(process.args, list)
        raise PeerEnded(process.args, said)
    answer: dict[str, Any] = json.loads(line)
    return answer
