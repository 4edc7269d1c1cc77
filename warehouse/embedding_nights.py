"""Whether what people ask for, or choose, has moved in meaning: the embeddings of a night.

A sample of a day is held against one of the same weekday of the four weeks before, embedded by the
same model; and how far they are from each other against how far earlier days were.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.connection import Connection, replace_rows, rows_for, transaction
from warehouse.drift_tests import (
    FALSE_DISCOVERIES,
    Distances,
    Floats,
    beyond,
    drifted,
    p_values,
    q_values,
)
from warehouse.embedding_drift import Vectors, classifier_test, mmd_test
from warehouse.statements import columns, run

SAMPLE = 250  # of a day, and of its reference
LEAST = 50  # of each: fewer tell nothing
_PERMUTATIONS = 199
_SEEN = ("classifier_area", "mmd", "n", "n_days")
_SUBJECTS = {"search": "query_meaning", "recommend": "product_meaning"}

Row = Mapping[str, Any]
Embed = Callable[[str, Sequence[str]], Vectors | None]
"""The vectors [N, D] that a model (its tag) sees in N queries or products.

NaN where it knows none of one; None where the model has no vectors.
"""


def measure_embedding_drift(
    connection: Connection, scenario: str, day: date, embed: Embed
) -> bool | None:
    """Compares a staged day with its reference, after `measure_drift`; whether it drifted.

    None where there is no model, it has no vectors, or fewer than `LEAST` were asked for on a side.
    """
    asked = {"scenario": scenario, "day": day, "n": SAMPLE}
    run(connection, f"embeddings/draw_{scenario}", **asked)
    with transaction(connection):
        for step in ("forget_sample", "keep_sample"):
            run(connection, f"embeddings/{step}", **asked)
    row = _compared(connection, asked, embed)
    drifts = rows_for(connection, "embedding_drift_values", [] if row is None else [row])
    steps = ("embeddings/forget", "embeddings/store")
    replace_rows(connection, steps, {"embedding_drifts": drifts}, **asked)
    return None if row is None else bool(row["drifted"])


def _compared(connection: Connection, asked: Mapping[str, Any], embed: Embed) -> Row | None:
    """In the columns of the table."""
    samples = columns(connection, "embeddings/samples", **asked)
    model = run(connection, "embeddings/live_model", **asked).fetchone()
    if model is None or _are_few(samples["is_now"]):
        return None
    vectors = embed(model[0], samples["asked"].tolist())
    if vectors is None:
        return None
    known = ~np.isnan(vectors).any(axis=1)
    is_now, vectors = samples["is_now"][known], vectors[known]
    if _are_few(is_now):
        return None
    now, then = vectors[is_now], vectors[~is_now]
    sizes = {"n": len(now), "n_reference": len(then), "n_days": int(samples["n_days"][-1])}
    told_apart, mmd = (test(now, then, _PERMUTATIONS) for test in (classifier_test, mmd_test))
    row: dict[str, Any] = {
        "scenario": asked["scenario"],
        "day": asked["day"],
        "model_tag": model[0],
        "subject": _SUBJECTS[asked["scenario"]],
        "classifier_area": told_apart.statistic,
        "classifier_p": told_apart.p_value,
        "mmd": mmd.statistic**0.5,
        "mmd_p": mmd.p_value,
    }
    row |= sizes
    return row | _verdict(connection, asked, row)


def _are_few(is_now: NDArray[np.bool_]) -> bool:
    return bool(min(is_now.sum(), (~is_now).sum()) < LEAST)


def _verdict(connection: Connection, asked: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """Whether it is further off than earlier days, beyond chance, and enough to care.

    The rate of false discoveries is held over all of the night's tests. As samples are small, days
    may differ by chance alone; so one of the tests by permutation has to say that it is none.
    """
    weekday = asked["day"].isoweekday()
    found = _distances({name: np.array([row[name]]) for name in _SEEN} | {"weekday": [weekday]})
    earlier = _distances(columns(connection, "embeddings/earlier", **asked))
    p = p_values(found, earlier)
    others = columns(connection, "embeddings/other_tests", **asked)["p_value"]
    q = q_values(np.concatenate([others, p]))[-1:]
    further = beyond(found, earlier)
    by_chance = 2 * min(row["classifier_p"], row["mmd_p"])  # of two tests (Bonferroni)
    is_so = bool(drifted(q, further, np.full(1, np.nan))[0]) and by_chance <= FALSE_DISCOVERIES
    return {"beyond": further[0], "p_value": _known(p), "q_value": _known(q), "drifted": is_so}


def _distances(seen: Mapping[str, Any]) -> Distances:
    """Of one series, from columns."""
    area, mmd, *others = (np.asarray(seen[name], np.float64) for name in (*_SEEN, "weekday"))
    better_than_chance = np.maximum(2 * area - 1, 0)  # Gini's coefficient
    return Distances(np.zeros(len(area), np.int64), mmd, better_than_chance, *others)


def _known(value: Floats) -> float | None:
    return None if np.isnan(value[0]) else float(value[0])
