"""How much of a day's outcomes has come, and what its young values will come to.

A share of requests that something followed is corrected by the delays of that something: its raw
value is the final one times its maturity. A mean over the requests that something was bought after
is not: there both its sums grow. It is corrected by how such means have grown before.
"""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warehouse.intervals import Values

MATURE = 0.95  # of the outcomes: less is not judged

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class DelayCurve:
    """Kaplan-Meier: the share of requests that an event has not followed by each delay."""

    delays: Values  # seconds, ascending
    survival: Values
    variance: Values  # Greenwood's sum: of survival, divided by its square

    def at(self, ages: Values) -> tuple[Values, Values]:
        """Survival and variance at some ages; before the first delay nothing has come."""
        places = np.searchsorted(self.delays, ages, side="right")
        return np.append(1.0, self.survival)[places], np.append(0.0, self.variance)[places]


class Maturity(NamedTuple):
    """The share of its outcomes that a window has, and the relative standard error of that."""

    share: float
    relative_error: float


class Correction(NamedTuple):
    """What a raw value is multiplied by, and the relative standard error of that."""

    factor: float
    relative_error: float


COMPLETE = Maturity(1.0, 0.0)
UNCHANGED = Correction(1.0, 0.0)


def maturity(
    curve: DelayCurve | None, window: float, ages: Values, counts: Counts
) -> Maturity | None:
    """Of requests of these ages in seconds, with an attribution window of so many seconds.

    The curve at a request's age is held against the curve at the window's end: what never comes is
    not waited for. As long as no request has been observed for the whole window, or none that an
    event followed, nobody knows how much is still to come: None, but where every window is closed.
    The error is that of the ratio of two points of a Kaplan-Meier curve, by the delta method: their
    covariance is Greenwood's sum at the earlier one.
    """
    ages = np.minimum(ages, window)
    if ages.min() == window:
        return COMPLETE
    if curve is None or curve.delays[-1] < window or curve.survival[-1] == 1:
        return None
    of_all = counts / counts.sum()
    survival, variance = curve.at(ages)
    last, last_variance = curve.survival[-1], curve.variance[-1]
    come, to_come = float(of_all @ (1 - survival)), float(1 - last)
    if come == 0:
        return Maturity(0.0, 0.0)
    left = of_all * survival / come
    left_last = last / to_come
    relative_variance = (
        _of_pairs(left, variance) + left_last**2 * last_variance - 2 * left_last * (left @ variance)
    )
    return Maturity(come / to_come, sqrt(max(relative_variance, 0.0)))


def _of_pairs(weights: Values, variance: Values) -> float:
    """The sum of w_i w_j min(v_i, v_j) over all pairs: steps of v, for the pairs that have them."""
    order = np.argsort(variance)
    from_here = weights[order][::-1].cumsum()[::-1]
    return float(np.diff(variance[order], prepend=0.0) @ from_here**2)


def of_share(found: Maturity | None) -> Correction | None:
    """For the share of requests that an event followed; of nothing nothing can be said."""
    if found is None or found.share == 0:
        return None
    return Correction(1 / found.share, found.relative_error)


def corrected(
    value: float, error: float | None, correction: Correction | None
) -> tuple[float | None, float | None]:
    """The value that is expected in the end, and its standard error, which is the wider one."""
    if correction is None:
        return None, None
    if correction == UNCHANGED:  # also of a value that is not finite
        return value, error
    widened = None if error is None else sqrt(error**2 + (value * correction.relative_error) ** 2)
    factor = correction.factor
    return value * factor, None if widened is None else widened * factor
