"""ranx (Bassani 2022): compiled by numba, on all cores."""

from pathlib import Path

from ranking import JUDGMENTS, METRICS, RUN, by_query, run
from ranx import Qrels, Run, evaluate


def load(data: Path) -> tuple[Qrels, Run]:
    """Its own two classes, from dictionaries: its reader of Parquet makes them more slowly."""
    return Qrels(by_query(data / JUDGMENTS, "gain")), Run(by_query(data / RUN, "score"))


def means(loaded: tuple[Qrels, Run]) -> dict[str, float]:
    """Its metrics have the names that we use."""
    found: dict[str, float] = evaluate(*loaded, list(METRICS), save_results_in_run=False)
    return found


if __name__ == "__main__":
    run(__doc__, load, means)
