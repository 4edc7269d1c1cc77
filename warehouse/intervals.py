"""How sure a mean over queries is: paired differences and bootstrap intervals (Efron 1979)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_RESAMPLES = 1000
_SEED = 20171120
_COUNTS_AT_ONCE = 4_000_000  # of resamples x queries: bounds the memory, whatever the traffic


@dataclass(frozen=True)
class Difference:
    """The mean of ``a - b`` over the same ``n`` queries, its standard error and 95% interval."""

    mean: float
    standard_error: float
    low: float
    high: float
    n: int


def bootstrap_intervals(values: Values) -> Values:
    """95% percentile intervals of the means of ``values`` [rows, queries], as [rows, 2].

    Every row sees the same resamples of the queries; seeded, so that a run can be repeated.
    """
    n = values.shape[1]
    rng = np.random.default_rng(_SEED)
    at_once = max(1, _COUNTS_AT_ONCE // n)
    sizes = [min(at_once, _RESAMPLES - done) for done in range(0, _RESAMPLES, at_once)]
    draws = (rng.multinomial(n, np.full(n, 1 / n), size=size) for size in sizes)
    means = np.concatenate([values @ draw.T for draw in draws], axis=1) / n
    low, high = np.percentile(means, [2.5, 97.5], axis=1)
    return np.stack([low, high], axis=1)


def paired_difference(a: Values, b: Values) -> Difference:
    """Compares two rankers on the same queries; ``a`` and ``b`` are [queries]."""
    difference = a - b
    error = standard_error(difference)
    ((low, high),) = bootstrap_intervals(difference[np.newaxis])
    return Difference(float(difference.mean()), error, float(low), float(high), len(difference))


def standard_error(values: Values) -> float:
    """Of the mean of ``values`` [queries]; 0 of a single one, which says nothing of it."""
    n = len(values)
    return float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0


def paired_differences(
    champion: Mapping[str, Values], challenger: Mapping[str, Values]
) -> dict[str, Difference]:
    """The challenger minus the champion in each segment that both were measured on."""
    return {
        segment: paired_difference(challenger[segment], champion[segment])
        for segment in champion
        if segment in challenger
    }
