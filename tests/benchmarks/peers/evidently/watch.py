"""Asked for one night after another: which columns its default preset finds drifted.

A line on standard input names two Parquet files, {"current": ..., "reference": ...}; a line on
standard output says {"drifted": [columns], "share": of all columns}.
"""

import json
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
from evidently import Dataset, Report
from evidently.metrics import ValueDrift
from evidently.presets import DataDriftPreset

warnings.simplefilter("ignore")


class Tested(DataDriftPreset):  # type: ignore[misc]
    """The preset's tests of columns; not its pictures, nor all of them once more to count them."""

    def generate_metrics(self, context: Any) -> Sequence[Any]:
        """See `DataDriftPreset`."""
        return [each for each in super().generate_metrics(context) if isinstance(each, ValueDrift)]

    def render(self, *_: Any) -> list[Any]:
        """Nothing."""
        return []


def main() -> None:
    """Answers until nobody asks any more."""
    for line in sys.stdin:
        asked = json.loads(line)
        found = _drift(pd.read_parquet(asked["current"]), pd.read_parquet(asked["reference"]))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def _drift(current: pd.DataFrame, reference: pd.DataFrame) -> dict[str, Any]:
    """Of the columns that hold something on both sides: it takes no others."""
    names = [
        name for name in current if current[name].notna().any() and reference[name].notna().any()
    ]
    report = Report([Tested()]).run(
        Dataset.from_pandas(current[names]), Dataset.from_pandas(reference[names])
    )
    columns = report.dict()["metrics"]
    drifted = [_column(each) for each in columns if _is_drifted(each)]
    return {"drifted": drifted, "share": len(drifted) / len(columns)}


def _column(metric: dict[str, Any]) -> str:
    return str(metric["config"]["column"])


def _is_drifted(metric: dict[str, Any]) -> bool:
    """A p-value is low, a distance high: the method's name says which."""
    value, threshold = float(metric["value"]), float(metric["config"]["threshold"])
    return value < threshold if "p_value" in metric["config"]["method"] else value >= threshold


if __name__ == "__main__":
    main()
