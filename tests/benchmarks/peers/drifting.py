"""What every system that compares two files shares: its command line, and how it is timed.

`python drift.py --data DIR` compares ten columns of `now.parquet` with those of `then.parquet`, for
each value of `model`, and prints a JSON object: the seconds it took to load the files and to
compare them, the peak of its memory, and each statistic it has by column and model. The same on the
few rows of `DIR/few` comes first, so that what is compiled is compiled. Numbers lie in the bins of
`warehouse/sql/macros/value_bin.sql`; who is given loaded frames is given the bins, too: the middle
of its bin for each number, and the bin itself for what takes values.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

COLUMNS = tuple(f"c{n}" for n in range(10))
STATISTICS = ("psi", "jensen_shannon", "ks", "wasserstein", "chi_square")
FEW = "few"
NOW, THEN = "now.parquet", "then.parquet"
MODEL = "model"

Loaded = TypeVar("Loaded")
Found = Mapping[str, Mapping[str, Mapping[str, float]]]  # column: model: statistic


def run(
    description: str | None,
    load: Callable[[Path], Loaded],
    compare: Callable[[Loaded], Found],
    arguments: Sequence[str] | None = None,
) -> None:
    """What a system's script does; ``arguments`` are by default those of the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder with the two files")
    data = parser.parse_args(arguments).data
    compare(load(data / FEW))
    began = time.perf_counter()
    loaded = load(data)
    ready, cpu = time.perf_counter(), time.process_time()
    found = compare(loaded)
    took = {"compare": time.perf_counter() - ready, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    answer = {"load": ready - began, "peak_memory": peak, "found": found}
    sys.stdout.write(json.dumps(answer | took) + "\n")


def frames(data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both files as pandas frames by model: each column as numbers, and as `<column>_bin`."""
    return _by_model(data / NOW), _by_model(data / THEN)


def _by_model(path: Path) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    frame = pd.read_parquet(path)
    for column in COLUMNS:
        bits = frame[column].to_numpy().astype(np.float32).view(np.uint32) >> 17
        middle = (bits << 17) | np.uint32(1 << 16)
        middle[bits << 18 == 0] = 0
        frame[column] = middle.view(np.float32).astype(np.float64)
        frame[f"{column}_bin"] = bits.astype(np.int64)
    return {str(model): of.drop(columns=MODEL) for model, of in frame.groupby(MODEL)}
