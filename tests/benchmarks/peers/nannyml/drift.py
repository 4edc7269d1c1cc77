"""NannyML: four of the five statistics (it has no PSI), one calculator a model."""

import os

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

from pathlib import Path
from typing import Any

from drifting import COLUMNS, OURS, OWN, frames, run
from nannyml import UnivariateDriftCalculator

_METHODS = {
    "ks": "kolmogorov_smirnov",
    "wasserstein": "wasserstein",
    "jensen_shannon": "jensen_shannon",
    "chi_square": "chi2",
}
_OF_NUMBERS = {OWN: tuple(_METHODS)[:3], OURS: tuple(_METHODS)[:2]}

Loaded = tuple[dict[str, Any], dict[str, Any], str]


def load(data: Path, bins: str) -> Loaded:
    """Frames by model."""
    return *frames(data, bins), bins


def compare(loaded: Loaded) -> dict[str, dict[str, dict[str, float]]]:
    """The reference is fitted, and all that is now is one chunk."""
    now, then, bins = loaded
    of_numbers = _OF_NUMBERS[bins]
    of_bins = [name for name in _METHODS if name not in of_numbers]
    found: dict[str, dict[str, dict[str, float]]] = {column: {} for column in COLUMNS}
    for model in now:
        calculator = UnivariateDriftCalculator(
            column_names=list(now[model].columns),
            treat_as_categorical=[f"{column}_bin" for column in COLUMNS],
            continuous_methods=[_METHODS[name] for name in of_numbers],
            categorical_methods=[_METHODS[name] for name in of_bins],
            chunk_number=1,
        )
        drift = calculator.fit(then[model]).calculate(now[model])
        last = drift.filter(period="analysis").to_df().iloc[0]
        for column in COLUMNS:
            found[column][model] = {
                name: last[(column if name in of_numbers else f"{column}_bin", its, "value")]
                for name, its in _METHODS.items()
            }
    return found


if __name__ == "__main__":
    run(__doc__, load, compare)
