"""NannyML: four of the five statistics (it has no PSI), one calculator a model."""

import os

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"

from pathlib import Path
from typing import Any

from drifting import COLUMNS, frames, run
from nannyml import UnivariateDriftCalculator

_NUMERICAL = {"ks": "kolmogorov_smirnov", "wasserstein": "wasserstein"}
_CATEGORICAL = {"jensen_shannon": "jensen_shannon", "chi_square": "chi2"}


def load(data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Frames by model."""
    return frames(data)


def compare(
    loaded: tuple[dict[str, Any], dict[str, Any]],
) -> dict[str, dict[str, dict[str, float]]]:
    """The reference is fitted, and all that is now is one chunk."""
    now, then = loaded
    found: dict[str, dict[str, dict[str, float]]] = {column: {} for column in COLUMNS}
    for model in now:
        calculator = UnivariateDriftCalculator(
            column_names=list(now[model].columns),
            treat_as_categorical=[f"{column}_bin" for column in COLUMNS],
            continuous_methods=list(_NUMERICAL.values()),
            categorical_methods=list(_CATEGORICAL.values()),
            chunk_number=1,
        )
        drift = calculator.fit(then[model]).calculate(now[model])
        last = drift.filter(period="analysis").to_df().iloc[0]
        for column in COLUMNS:
            found[column][model] = {
                **{name: last[(column, its, "value")] for name, its in _NUMERICAL.items()},
                **{
                    name: last[(f"{column}_bin", its, "value")]
                    for name, its in _CATEGORICAL.items()
                },
            }
    return found


if __name__ == "__main__":
    run(__doc__, load, compare)
