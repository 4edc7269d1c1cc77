"""How much of a change of a mean is mix, and how much rate, by segment and by dimension.

A mean is a sum over segments of share x rate. With both factors as players its change has these
Shapley values, in closed form: of the mix, what shares moved by x the mean of both rates (less the
mean of both wholes, since shares sum to one); of the rate, what rates moved by x the mean of both
shares (Kitagawa 1955, Components of a difference between two rates; Shorrocks 2013, Decomposition
procedures for distributional analysis).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from warehouse.intervals import Values
from warehouse.shapley import Coalitions, Parts, shapley

_SMALLEST = 1e-12  # share of a segment that one of the windows does not have
_FITS = 200  # rounds at most, in which a table comes to its margins


@dataclass(frozen=True, eq=False)
class Sums:
    """What a mean is made of in a window: sums of weights and totals, [..., segments]."""

    weight: Values
    total: Values

    @property
    def mean(self) -> Values:
        """Of all segments together."""
        found: Values = self.total.sum(axis=-1) / self.weight.sum(axis=-1)
        return found

    @property
    def shares(self) -> Values:
        """Of the weight."""
        found: Values = self.weight / self.weight.sum(axis=-1, keepdims=True)
        return found


@dataclass(frozen=True, eq=False)
class Split:
    """The two parts of a change of a mean, in its units, [..., segments]: together the change."""

    mix: Values
    rate: Values


def by_segment(before: Sums, now: Sums) -> Split:
    """Of segments that together are the whole, each one's part.

    A segment that one window does not have changed by its mix alone: its rate is the other one's.
    """
    rate_before, rate_now = _rates(before, now)
    share_before, share_now = before.shares, now.shares
    centre = (before.mean + now.mean)[..., np.newaxis] / 2
    return Split(
        mix=(share_now - share_before) * ((rate_before + rate_now) / 2 - centre),
        rate=(share_before + share_now) / 2 * (rate_now - rate_before),
    )


def by_dimension(before: Sums, now: Sums) -> Parts:
    """Of segments that dimensions cross in, [A, B, …]: the mix of each, of both as such, the rate.

    Players are the margins of each dimension, in their order, then, of several, how their segments
    go together (the odds ratios), then the rates. A table of shares with the odds ratios
    of one window and margins of another is the one by iterative proportional fitting (Deming and
    Stephan 1940).
    """
    rates = _rates(before, now)
    tables = [np.maximum(sums.weight / sums.weight.sum(), _SMALLEST) for sums in (before, now)]
    tables = [table / table.sum() for table in tables]
    dimensions = before.weight.ndim

    def worth(coalitions: Coalitions) -> Values:
        return np.array([_of(coalition.astype(int)) for coalition in coalitions])

    def _of(changed: Values) -> float:
        *margins, rate = changed
        together = margins.pop() if dimensions > 1 else margins[0]
        found = tables[together]
        if any(margin != together for margin in margins):
            wanted = [_margin(tables[margin], axis) for axis, margin in enumerate(margins)]
            found = _fitted(found, wanted)
        return float((found * rates[rate]).sum())

    return shapley(worth, dimensions + (dimensions > 1) + 1)


def jackknifed(of_buckets: Values) -> Values:
    """The standard error of a figure, from [buckets, ...] it without each bucket of users.

    Efron and Stein 1981, The jackknife estimate of variance.
    """
    n = len(of_buckets)
    errors: Values = np.sqrt(
        ((of_buckets - of_buckets.mean(axis=0)) ** 2).sum(axis=0) * (n - 1) / n
    )
    return errors


def without_each(of_buckets: Values) -> Values:
    """[buckets, ...]: sums over [..., buckets] without each bucket, one after another."""
    return np.moveaxis(of_buckets.sum(axis=-1, keepdims=True) - of_buckets, -1, 0)


def _rates(before: Sums, now: Sums) -> tuple[Values, Values]:
    rates = []
    for sums, other in pairwise((before, now, before)):
        own, others = sums.weight > 0, other.weight > 0
        rate = np.divide(other.total, other.weight, out=np.zeros_like(sums.total), where=others)
        rates.append(np.divide(sums.total, sums.weight, out=rate, where=own))
    return rates[0], rates[1]


def _margin(table: Values, axis: int) -> Values:
    others = tuple(other for other in range(table.ndim) if other != axis)
    found: Values = table.sum(axis=others, keepdims=True)
    return found


def _fitted(table: Values, margins: list[Values]) -> Values:
    for _ in range(_FITS):
        start = table
        for axis, margin in enumerate(margins):
            table = table * (margin / _margin(table, axis))
        if np.abs(table - start).max() < 1e-15:
            break
    return table
