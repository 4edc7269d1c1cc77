"""Whether scores keep what they promise: held against the clicks of a day, once all have come.

A score that is no probability promises what products of such scores came to on earlier days, as
clicks a look. That is known when the day ends, and none of the day's own clicks are in it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from warehouse.connection import Connection, replace_rows
from warehouse.delays import CLICK, attribution_days
from warehouse.examination import rising
from warehouse.expectations import LEAST_DAYS
from warehouse.intervals import Values
from warehouse.statements import columns

_STEPS = ("promises", "forget", "reliability", "metrics")


def measure_calibration(connection: Connection, scenario: str, as_of: date) -> None:
    """Holds scores against clicks, of the day whose clicks have all come by ``as_of``.

    Called when that day's other metrics are stored.
    """
    click_days = attribution_days(connection)[CLICK]
    day = as_of - timedelta(days=click_days)
    asked = {"scenario": scenario, "day": day, "as_of": as_of}
    known = columns(connection, "calibration/known", click_days=click_days, **asked)
    calibrated = calibrate(known)
    worth = pa.table(
        {name: known[name] for name in ("scored_by", "score_bin", "are_probabilities")}
        | {"calibrated": pa.array(calibrated, mask=np.isnan(calibrated))}
    )
    steps = [f"calibration/{step}" for step in _STEPS]
    replace_rows(connection, steps, {"worth": worth}, **asked)


def calibrate(known: Mapping[str, NDArray[Any]]) -> Values:
    """[N] clicks a look that scores promise, from the columns of ``calibration/known``.

    They rise with a model's scores (isotonic regression: Zadrozny and Elkan 2002). NaN of scores
    that are probabilities themselves, and of a model of which fewer than `LEAST_DAYS` have closed.
    """
    clicks_a_look = rising(known["scorer"], known["n_clicked"], known["n_looked_at"])
    promised = ~known["are_probabilities"] & (known["n_days"] >= LEAST_DAYS)
    # Looks are estimated: of a few products there may be fewer than clicks.
    return np.where(promised, np.minimum(clicks_a_look, 1.0), np.nan)
