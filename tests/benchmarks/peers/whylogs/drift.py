"""whylogs: profiles of both sides, of which it compares KS and chi-square: two of the five."""

import os

os.environ["WHYLOGS_NO_ANALYTICS"] = "true"

from pathlib import Path
from typing import Any

import whylogs
from drifting import COLUMNS, frames, run
from whylogs.viz.drift.column_drift_algorithms import KS, ChiSquare


def load(data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Frames by model."""
    return frames(data)


def compare(
    loaded: tuple[dict[str, Any], dict[str, Any]],
) -> dict[str, dict[str, dict[str, float]]]:
    """Its sketches are its bins."""
    now, then = loaded
    found: dict[str, dict[str, dict[str, float]]] = {column: {} for column in COLUMNS}
    for model in now:
        views = [whylogs.log(pandas=side[model]).view() for side in (now, then)]
        for column in COLUMNS:
            of_numbers, of_bins = (
                [view.get_column(name) for view in views] for name in (column, f"{column}_bin")
            )
            scores = {
                "ks": KS().calculate(*of_numbers, with_thresholds=False),
                "chi_square": ChiSquare().calculate(*of_bins, with_thresholds=False),
            }
            found[column][model] = {
                name: float(score.statistic) for name, score in scores.items() if score is not None
            }
    return found


if __name__ == "__main__":
    run(__doc__, load, compare)
