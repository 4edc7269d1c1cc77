"""What every system that compares two files shares: its command line, and how it is timed.

`python drift.py --data DIR` compares ten columns of `now.parquet` with those of `then.parquet`, for
each value of `model`, and prints a JSON object: the seconds it took to load the files and to
compare them, the peak of its memory, and each statistic it has by column and model. The same on the
few rows of `DIR/few` comes first, so that what is compiled is compiled.

We put numbers into the bins of `warehouse/sql/macros/value_bin.sql` while we compare. Who is given
loaded frames gets them in one of two ways (`--bins`): `own`, the numbers as they are, so that it
puts them into bins itself where a statistic needs any; or `ours`, each number as the middle of its
bin, so that it need not. In both it finds the bins as whole numbers, for what takes values alone.
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
OWN, OURS = "own", "ours"

Loaded = TypeVar("Loaded")
Found = Mapping[str, Mapping[str, Mapping[str, float]]]  # column: model: statistic


def run(
    description: str | None,
    load: Callable[[Path, str], Loaded],
    compare: Callable[[Loaded], Found],
    arguments: Sequence[str] | None = None,
) -> None:
    """What a system's script does; ``arguments`` are by default those of the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder with the two files")
    parser.add_argument("--bins", choices=(OWN, OURS), default=OURS)
    asked = parser.parse_args(arguments)
    compare(load(asked.data / FEW, asked.bins))
    began = time.perf_counter()
    loaded = load(asked.data, asked.bins)
    ready, cpu = time.perf_counter(), time.process_time()
    found = compare(loaded)
    took = {"compare": time.perf_counter() - ready, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    answer = {"load": ready - began, "peak_memory": peak, "found": found}
    sys.stdout.write(json.dumps(answer | took) + "\n")


def frames(data: Path, bins: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both files as pandas frames by model: each column as numbers, and as `<column>_bin`."""
    return _by_model(data / NOW, bins), _by_model(data / THEN, bins)


def _by_model(path: Path, bins: str) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    frame = pd.read_parquet(path)
    for column in COLUMNS:
        bits = frame[column].to_numpy().astype(np.float32).view(np.uint32) >> 17
        middle = (bits << 17) | np.uint32(1 << 16)
        middle[bits << 18 == 0] = 0
        if bins == OURS:
            frame[column] = middle.view(np.float32).astype(np.float64)
        frame[f"{column}_bin"] = bits.astype(np.int64)
    return {str(model): of.drop(columns=MODEL) for model, of in frame.groupby(MODEL)}
