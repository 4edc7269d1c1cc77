"""ranx (Bassani 2022): compiled by numba, on all cores."""

from pathlib import Path
from typing import Any

from ranking import JUDGMENTS, METRICS, RUN, by_query, run
from ranx import evaluate

ByQuery = dict[str, dict[str, Any]]


def load(data: Path) -> tuple[ByQuery, ByQuery]:
    """Dictionaries: its own classes, and its reader of Parquet, take many times as long."""
    judgments, scores = by_query(data / JUDGMENTS, "gain"), by_query(data / RUN, "score")
    return judgments, {query: scores[query] for query in judgments}  # both in one order


def means(loaded: tuple[ByQuery, ByQuery]) -> dict[str, float]:
    """Its metrics have the names that we use."""
    found: dict[str, float] = evaluate(*loaded, list(METRICS))
    return found


if __name__ == "__main__":
    run(__doc__, load, means)
