"""What is distributed otherwise than before: counted once a day, in bins that never change.

A day's counts add up, so that references are sums of days, and a night costs what its day has.
"""

from datetime import date

import numpy as np
import pyarrow as pa

from warehouse.connection import Connection, replace_rows, transaction
from warehouse.drift_tests import beyond, drifted, of_columns, p_values, q_values
from warehouse.statements import columns, run


def count_distributions(connection: Connection, scenario: str, day: date) -> None:
    """Counts how a staged day is distributed.

    Called when its ``day_answers``, ``first_ten`` and ``product_places`` are taken, what it showed
    is counted, and ``clicked`` is known as of its end.
    """
    asked = {"scenario": scenario, "day": day}
    for step in ("start_day", "count_requests", "count_shown", "count_products", "count_labels"):
        run(connection, f"drift/{step}", **asked)
    for step in ("quality/take_catalogue", "drift/count_catalogue"):
        run(connection, step, **asked)
    with transaction(connection):
        for step in ("forget_day", "keep_day"):
            run(connection, f"drift/{step}", **asked)


def measure_drift(connection: Connection, scenario: str, day: date) -> int:
    """Compares a counted day with its references; returns how many subjects drifted.

    A subject is compared for each model and reference. Earlier days are read, later ones never: in
    whatever order days are measured again, that of the days is enough.
    """
    asked = {"scenario": scenario, "day": day}
    for step in ("series", "reference_days", "counts", "statistics"):
        run(connection, f"drift/{step}", **asked)
    found = columns(connection, "drift/found", **asked)
    distances = of_columns(found)
    earlier = of_columns(columns(connection, "drift/earlier", **asked))
    p = p_values(distances, earlier)
    q = q_values(p)
    has = drifted(q, beyond(distances, earlier), found["effect"].astype(np.float64))
    del found["series"], found["weekday"]
    tested = {"p_value": _known(p), "q_value": _known(q), "drifted": has}
    names = {name: pa.repeat(value, len(p)) for name, value in asked.items()}
    nullable = {name: _known(found[name]) for name in ("ks", "wasserstein", "effect")}
    steps = ("forget", "store", "forget_distributions", "store_distributions")
    drifts = pa.table(names | found | nullable | tested)
    replace_rows(connection, [f"drift/{step}" for step in steps], {"drifts": drifts}, **asked)
    return int(has.sum())


def _known(values: np.ndarray) -> pa.Array:
    """NaN as null."""
    return pa.array(values, pa.float64(), from_pandas=True)
