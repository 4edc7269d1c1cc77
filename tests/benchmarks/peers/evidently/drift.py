"""Evidently: all five statistics, one report a model."""

import os

os.environ["DO_NOT_TRACK"] = "1"

from pathlib import Path
from typing import Any

from drifting import COLUMNS, frames, run
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift

_NUMERICAL = {"ks_p_value": "ks", "wasserstein_in_deviations": "wasserstein"}
_CATEGORICAL = {
    "psi": "psi",
    "jensen_shannon_in_nats": "jensenshannon",
    "chi_square_p_value": "chisquare",
}
_METHODS = _NUMERICAL | _CATEGORICAL


def load(data: Path) -> dict[str, tuple[Any, Any]]:
    """Datasets by model."""
    now, then = frames(data)
    definition = DataDefinition(
        numerical_columns=list(COLUMNS),
        categorical_columns=[f"{column}_bin" for column in COLUMNS],
    )
    return {
        model: tuple(Dataset.from_pandas(of, definition) for of in (now[model], then[model]))
        for model in now
    }


def compare(loaded: dict[str, tuple[Any, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """In Evidently's own terms, which are not always ours."""
    found: dict[str, dict[str, dict[str, float]]] = {column: {} for column in COLUMNS}
    asked = [(column, name) for column in COLUMNS for name in _METHODS]
    report = Report(
        [
            ValueDrift(
                column=column if name in _NUMERICAL else f"{column}_bin", method=_METHODS[name]
            )
            for column, name in asked
        ]
    )
    for model, (now, then) in loaded.items():
        snapshot = report.run(now, then)
        for (column, name), metric in zip(asked, snapshot.dict()["metrics"], strict=True):
            found[column].setdefault(model, {})[name] = float(metric["value"])
    return found


if __name__ == "__main__":
    run(__doc__, load, compare)
