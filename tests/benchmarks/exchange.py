"""What a peer is given and what it gives back: tables in a folder, a run, its times."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.environments import script
from warehouse.connection import Connection
from warehouse.marts import catalogue, training_rows

# Threads that wait by spinning cost four times the time where another process has a core.
_THREADS = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}


@dataclass(frozen=True)
class Ranking:
    """A system's answer to every query, what it took, and the settings it chose."""

    run: pa.Table  # query_id, product_id, score
    seconds: Mapping[str, float]  # of tune, fit and rank
    settings: Mapping[str, Any]


class PeerFailed(Exception):
    """A peer did not answer."""

    def __init__(self, peer: str, code: int) -> None:
        super().__init__(f"{peer} failed with exit code {code}; what it said stands above")


def export(connection: Connection, folder: Path, cut: date, queries: Sequence[str]) -> None:
    """Writes what may be known before ``cut`` of the shop, and who is asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(training_rows(connection, "recommend", cut), folder / "purchases.parquet")
    pq.write_table(catalogue(connection), folder / "products.parquet")
    asked = pa.table({"query_id": pa.array(queries, pa.string())})
    pq.write_table(asked, folder / "queries.parquet")


def rank_with(peer: str, python: Path, folder: Path, cut: date, seed: int) -> Ranking:
    """Runs a peer in its environment on an exported folder.

    Raises:
        PeerFailed: it ended with an error.
    """
    out = folder / f"{peer}.parquet"
    command = [str(python), str(script(peer)), "--data", str(folder), "--cut", cut.isoformat()]
    ended = subprocess.run(
        [*command, "--out", str(out), "--seed", str(seed)],
        env={**os.environ, **_THREADS},
        stdout=sys.stderr,
    )
    if ended.returncode:
        raise PeerFailed(peer, ended.returncode)
    report = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    return Ranking(pq.read_table(out), report["seconds"], report["settings"])
