"""What every system that measures rankings shares: its command line, and how it is timed.

`python evaluate.py --data DIR` reads `run.parquet` (query_id, product_id, score, and the rank that
follows from it) and `judgments.parquet` (query_id, product_id, gain), and prints a JSON object: the
seconds it took to load them and to evaluate, the peak of its memory, and the mean of each metric
over all queries. Every query has a positive and an answer, and no two scores of one are the same.
The same on the few queries of `DIR/few` comes first, so that what is compiled is compiled.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq

METRICS = ("precision@10", "recall@10", "recall@20", "hit_rate@10", "ndcg@10", "mrr")
FEW = "few"
RUN, JUDGMENTS = "run.parquet", "judgments.parquet"

Loaded = TypeVar("Loaded")


def run(
    description: str | None,
    load: Callable[[Path], Loaded],
    evaluate: Callable[[Loaded], Mapping[str, float]],
    arguments: Sequence[str] | None = None,
) -> None:
    """What a system's script does; ``arguments`` are by default those of the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder with the two files")
    data = parser.parse_args(arguments).data
    evaluate(load(data / FEW))
    began = time.perf_counter()
    loaded = load(data)
    ready = time.perf_counter()
    means = evaluate(loaded)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    answer = {"load": ready - began, "evaluate": done - ready, "peak_memory": peak}
    sys.stdout.write(json.dumps({**answer, "means": dict(means)}) + "\n")


def by_query(path: Path, column: str) -> dict[str, dict[str, Any]]:
    """A file as query: product: value of the column, which is what the libraries take."""
    found: dict[str, dict[str, Any]] = {}
    for batch in pq.ParquetFile(path).iter_batches():
        queries, products, values = (
            batch[name].to_numpy(zero_copy_only=False).tolist()
            for name in ("query_id", "product_id", column)
        )
        for query, product, value in zip(queries, products, values, strict=True):
            if query in found:
                found[query][product] = value
            else:
                found[query] = {product: value}
    return found
