"""Whether distributions are further from each other than days are anyway: pure functions.

With a day's traffic any difference between two days is beyond chance: one weekday is no other, and
no two days are drawn from the same shoppers. So a distance is held against those that earlier days
had from the weeks before them, each found in the same way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FALSE_DISCOVERIES = 0.05  # the share of them among what is called drift
LEAST_DISTANCE = 0.02  # Jensen-Shannon, beyond that of earlier days: less is nobody's business
LEAST_EFFECT = 0.01  # or so much of the metric
_LEAST_EARLIER = 10  # days, for their spread to be known
_LEAST_OF_WEEKDAY = 4  # of them, for their mean to count
_ROOT = 1 / 5

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Distances:
    """Of distributions from their references: [N] each."""

    series: NDArray[np.int64]  # which series each is of
    distance: Floats  # that sees any difference: Jensen-Shannon's, of embeddings the MMD
    shift: Floats  # one way: KS, of embeddings how well they are told apart; NaN: there is none
    n: Floats  # that the distribution is of
    n_days: Floats  # of the reference
    weekday: Floats  # of the distribution

    def select(self, which: NDArray[np.bool_]) -> "Distances":
        """Those of them."""
        return Distances(**{name: of[which] for name, of in vars(self).items()})


def p_values(found: Distances, earlier: Distances) -> Floats:
    """[N] how likely each distance is where nothing but the day changed.

    NaN where too few earlier ones are known, and where there is no distance at all: what is always
    the same is no test.

    The smaller of Jensen-Shannon's, which sees any bin, and that of Kolmogorov and Smirnov, which
    sees shifts of many bins by a little, twice (Bonferroni).
    """
    any_difference = _p_values(found, earlier, found.distance, earlier.distance)
    ordered = ~np.isnan(earlier.shift)
    shift = _p_values(found, earlier.select(ordered), found.shift, earlier.shift[ordered])
    either = np.minimum(2 * np.fmin(any_difference, shift), 1)
    return np.where(np.isnan(shift), any_difference, either)


def _p_values(found: Distances, earlier: Distances, distance: Floats, before: Floats) -> Floats:
    """[N] by Student's t, of one more after so many; 0 or 1 where those did not differ.

    The square of a distance is a sum of squares of differences between days. Its cube root would be
    nearly normal were these so (Wilson and Hilferty 1931), its logarithm were they products of
    many causes; the fifth root lies between. Differences from the mean of m days have 1 + 1 / m
    times a day's own variance. Weeks that follow each other share references: they count for half
    as many. A day of less traffic than the earlier ones is as much further by chance, and some
    weekdays vary more than others: where the day's own was further off, its mean counts.
    """
    k, traffic, mean, spread = _usual(found, earlier, _root(before, earlier.n_days))
    with np.errstate(divide="ignore", invalid="ignore"):
        fewer = np.maximum(traffic / found.n, 1)
        off = _root(distance, found.n_days) / fewer**_ROOT - mean
        p: Floats = stats.t.sf(off / spread, k / 2 - 1)
    p[spread == 0] = off[spread == 0] <= 0
    p[(k < _LEAST_EARLIER) | ~(distance > 0)] = np.nan
    return p


def _usual(found: Distances, earlier: Distances, roots: Floats) -> list[Floats]:
    """What is known of the earlier ones of each of those found: [N] each.

    How many they are, their mean traffic, the mean root of their distances, and the standard
    deviation that one more has from that.
    """
    n_series = _n_series(found, earlier)
    weekday = np.zeros(n_series)
    weekday[found.series] = found.weekday
    same = earlier.weekday == weekday[earlier.series]

    def summed(values: Floats) -> Floats:
        sums: Floats = np.bincount(earlier.series, values, n_series).astype(np.float64)
        return sums

    with np.errstate(divide="ignore", invalid="ignore"):
        k, n_same = summed(np.ones(len(roots))), summed(same)
        mean = summed(roots) / k
        of_weekday = np.maximum(mean, summed(roots * same) / n_same)
        squares = summed((roots - mean[earlier.series]) ** 2)
        spread = np.sqrt(squares / (k - 1) * (1 + 1 / k))
        mean = np.where(n_same >= _LEAST_OF_WEEKDAY, of_weekday, mean)
        traffic = summed(earlier.n) / k
    return [of[found.series] for of in (k, traffic, mean, spread)]


def _n_series(found: Distances, earlier: Distances) -> int:
    return int(max(found.series.max(initial=0), earlier.series.max(initial=0))) + 1


def _root(distance: Floats, n_days: Floats) -> Floats:
    root: Floats = (distance**2 / (1 + 1 / n_days)) ** _ROOT
    return root


def q_values(p: Floats) -> Floats:
    """[N] the false discovery rate at which each is a discovery (Benjamini and Hochberg 1995)."""
    q = np.full(len(p), np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested], method="bh")
    return q


def beyond(found: Distances, earlier: Distances) -> Floats:
    """[N] how much further in distance than earlier days in the mean, as squares go.

    All of it where no earlier day is known.
    """
    n_series = _n_series(found, earlier)
    squares = np.bincount(earlier.series, earlier.distance**2, n_series)
    usual = squares / np.maximum(np.bincount(earlier.series, minlength=n_series), 1)
    return np.sqrt(np.maximum(found.distance**2 - usual[found.series], 0))


def drifted(q: Floats, distance: Floats, effect: Floats) -> NDArray[np.bool_]:
    """[N] whether it is a discovery, and large enough for anybody to care."""
    matters = (distance >= LEAST_DISTANCE) | (np.abs(np.nan_to_num(effect)) >= LEAST_EFFECT)
    found: NDArray[np.bool_] = (np.nan_to_num(q, nan=1.0) <= FALSE_DISCOVERIES) & matters
    return found


def of_columns(columns: dict[str, NDArray[Any]]) -> Distances:
    """Distances from columns of the names that ``drift_values`` has."""
    names = ("jensen_shannon", "ks", "n", "n_days", "weekday")
    values = (columns[name].astype(np.float64) for name in names)
    return Distances(columns["series"].astype(np.int64), *values)
