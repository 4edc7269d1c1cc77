"""Where a change of a metric comes from: which segments hold most of it, and what is mix or rate.

A metric of some days is held against the same weekdays of the weeks before them. Of each segment,
and of each two that cross, it is known how much of the change is theirs (`decomposition`); the one
to look at explains much of it though it is small (Bhagwan et al. 2014, Adtributor, call these
explanatory power and succinctness). Errors are clustered by buckets of users, as everywhere.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from warehouse.connection import Connection
from warehouse.decomposition import (
    Sums,
    by_dimension,
    by_segment,
    jackknifed,
    without_each,
)
from warehouse.intervals import Values
from warehouse.statements import columns

EXPLAINED = (  # the metrics that cross_partials hold
    *("zero_results_share", "reformulation_share", "click_share", "ctr@10", "click_ndcg@10"),
    *("purchase_share", "revenue_per_answer", "ndcg@10"),
)
WEEKS = 4  # before, that are held against
MOST = 0.5  # of the change: what explains less is not named
NARROWER = 0.1  # by so much its share of the change is more than its share of the answers
_SIMPLER = 0.05  # two segments crossed are named where they are so much better than one
_ERRORS = 2.0
_BUCKETS = 16  # of users
_ALL = "all"
_KINDS = {
    **dict.fromkeys(("light", "medium", "heavy"), "activity"),
    **dict.fromkeys(("head", "torso", "tail", "new"), "popularity"),
}


@dataclass(frozen=True)
class Segment:
    """What segments that cross have to do with a change; shares are of the change."""

    names: tuple[str, ...]  # one, or two that cross; none: all others of their dimensions
    mix: float  # that there are more or fewer of them
    rate: float  # that they are better or worse
    share_error: float  # the standard error of both together
    weight_before: float  # their share of what the metric is a mean over
    weight_now: float

    @property
    def share(self) -> float:
        """Of the change."""
        return self.mix + self.rate


@dataclass(frozen=True)
class Change:
    """A metric of some days against the same weekdays before, and where the difference is."""

    metric: str
    first: date
    last: date
    before: float
    now: float
    relative: float  # now / before - 1
    low: float  # 95%
    high: float
    where: Segment | None  # None: no one or two segments hold most of it
    segments: tuple[Segment, ...]  # all of the dimensions of `where`, which add up to the change
    dimensions: dict[str, float]  # the mix of each, how they go together, and the rate: the same


def explain(
    connection: Connection, scenario: str, metric: str, first: date, last: date
) -> Change | None:
    """Of a metric of `EXPLAINED` in the days from ``first`` to ``last``.

    None where nothing is known of the metric in one of the windows, or it is the same in both.
    """
    asked = {"scenario": scenario, "metric": metric, "first": first, "last": last}
    sums = columns(connection, "changes/sums", weeks=WEEKS, **asked)
    crossed = _Crossed.of(sums)
    whole = crossed.places.get((_ALL, _ALL))
    if whole is None or not (crossed.weight[:, whole].sum(axis=1) > 0).all():
        return None
    means = crossed.total[:, whole].sum(axis=1) / crossed.weight[:, whole].sum(axis=1)
    before, now = means.tolist()
    if before == now or before == 0:
        return None
    left = without_each(crossed.total[:, whole]) / without_each(crossed.weight[:, whole])
    error = float(jackknifed(left[:, 1] / left[:, 0]))
    half = float(t.ppf(0.975, _BUCKETS - 1)) * error
    where = _where(crossed, whole, now - before)
    names = where.names if where else _of_most_mix(crossed, whole)
    segments, dimensions = _split(crossed, names, now - before)
    return Change(
        metric=metric,
        first=first,
        last=last,
        before=before,
        now=now,
        relative=now / before - 1,
        low=now / before - 1 - half,
        high=now / before - 1 + half,
        where=where,
        segments=segments,
        dimensions=dimensions,
    )


def dimension(segment: str) -> str:
    """What kind of segment it is: ``category`` of ``category=Tea``, ``activity`` of ``light``."""
    return _KINDS.get(segment) or segment.split("=")[0]


@dataclass(frozen=True, eq=False)
class _Crossed:
    """Sums of both windows, [2, pairs of segments, buckets]."""

    pairs: tuple[tuple[str, str], ...]
    weight: Values
    total: Values

    @classmethod
    def of(cls, sums: dict[str, NDArray[np.generic]]) -> "_Crossed":
        names = list(zip(sums["segment"].tolist(), sums["other_segment"].tolist(), strict=True))
        pairs = tuple(dict.fromkeys(names))
        numbers = {pair: number for number, pair in enumerate(pairs)}
        row = np.array([numbers[name] for name in names], dtype=int)
        weight, total = np.zeros((2, 2, len(pairs), _BUCKETS))
        for window, when in enumerate(("before", "now")):
            weight[window, row, sums["bucket"]] = sums[f"weight_{when}"]
            total[window, row, sums["bucket"]] = sums[f"total_{when}"]
        return cls(pairs, weight, total)

    @property
    def places(self) -> dict[tuple[str, str], int]:
        return {pair: number for number, pair in enumerate(self.pairs)}

    def sums(self, rows: list[int]) -> tuple[Values, Values]:
        """[2, rows] weights and totals of some pairs of segments."""
        return self.weight[:, rows].sum(axis=-1), self.total[:, rows].sum(axis=-1)


def _where(crossed: _Crossed, whole: int, change: float) -> Segment | None:
    """What explains most, for what it weighs: by the least that it surely explains."""
    shares = _against_rest(crossed.weight, crossed.total, whole).sum(axis=0)
    of_change = np.minimum(shares / change, 1)
    left = np.array(
        [
            _against_rest(weight, total, whole).sum(axis=0)
            / _moved(weight[:, whole, 0], total[:, whole, 0])
            for weight, total in zip(
                without_each(crossed.weight)[..., np.newaxis],
                without_each(crossed.total)[..., np.newaxis],
                strict=True,
            )
        ]
    )
    errors = jackknifed(left)
    weights = crossed.weight.sum(axis=-1)
    weights = (weights / weights[:, [whole]]).mean(axis=0)
    narrower = of_change - _ERRORS * errors - weights
    singles = np.array([other == _ALL for _, other in crossed.pairs])
    best = int(np.argmax(narrower - np.where(singles, 0, _SIMPLER)))
    if of_change[best] < MOST or narrower[best] < NARROWER:
        return None
    mix, rate = _against_rest(crossed.weight, crossed.total, whole)[:, best] / change
    of_windows = crossed.weight[:, best].sum(axis=-1) / crossed.weight[:, whole].sum(axis=-1)
    return Segment(_names(crossed.pairs[best]), mix, rate, errors[best], *of_windows.tolist())


def _against_rest(weight: Values, total: Values, whole: int) -> Values:
    """[mix and rate, pairs]: the part of each pair of segments, in two with all else."""
    weight, total = weight.sum(axis=-1), total.sum(axis=-1)
    before, now = (
        Sums(
            np.stack([weight[window], weight[window, whole] - weight[window]], axis=-1),
            np.stack([total[window], total[window, whole] - total[window]], axis=-1),
        )
        for window in (0, 1)
    )
    split = by_segment(before, now)
    return np.stack([split.mix[:, 0], split.rate[:, 0]])


def _moved(weight: Values, total: Values) -> float:
    before, now = (total / weight).tolist()
    return float(now - before)


def _names(pair: tuple[str, str]) -> tuple[str, ...]:
    return tuple(name for name in pair if name != _ALL)


def _of_most_mix(crossed: _Crossed, whole: int) -> tuple[str, ...]:
    """A segment of the dimension whose mix has most to do with it."""
    found = np.abs(_against_rest(crossed.weight, crossed.total, whole)[0])
    singles = [other == _ALL and one != _ALL for one, other in crossed.pairs]
    best = int(np.argmax(np.where(singles, found, -1)))
    return _names(crossed.pairs[best])


def _split(
    crossed: _Crossed, names: tuple[str, ...], change: float
) -> tuple[tuple[Segment, ...], dict[str, float]]:
    """All segments that the dimensions of ``names`` cross in, and each dimension's mix.

    What is in none of a dimension's segments is one more, the last.
    """
    dimensions = [dimension(name) for name in names]
    values = [
        [one for one, other in crossed.pairs if other == _ALL and dimension(one) == each]
        for each in dimensions
    ]
    weight, total = _table(crossed.weight, crossed, values), _table(crossed.total, crossed, values)
    of_all = [Sums(weight[window].sum(axis=-1), total[window].sum(axis=-1)) for window in (0, 1)]
    shape = of_all[0].weight.shape
    flat = [Sums(sums.weight.ravel(), sums.total.ravel()) for sums in of_all]
    split = by_segment(*flat)
    errors = _errors(weight, total)
    segments = []
    for place in np.flatnonzero(flat[0].weight + flat[1].weight > 0).tolist():
        at = np.unravel_index(place, shape)
        named = tuple(own[int(n)] for own, n in zip(values, at, strict=True) if int(n) < len(own))
        segments.append(
            Segment(
                names=named,
                mix=float(split.mix[place] / change),
                rate=float(split.rate[place] / change),
                share_error=float(errors[place]),
                weight_before=float(flat[0].shares[place]),
                weight_now=float(flat[1].shares[place]),
            )
        )
    of_dimensions = by_dimension(*of_all).values / change
    told = [*dimensions, *(["together"] if len(dimensions) > 1 else []), "rate"]
    return tuple(segments), dict(zip(told, of_dimensions.tolist(), strict=True))


def _errors(weight: Values, total: Values) -> Values:
    """[segments] standard errors of the shares of the change."""
    left = []
    for weights, totals in zip(without_each(weight), without_each(total), strict=True):
        before, now = (Sums(weights[n].ravel(), totals[n].ravel()) for n in (0, 1))
        split = by_segment(before, now)
        left.append((split.mix + split.rate) / float(now.mean - before.mean))
    return jackknifed(np.array(left))


def _table(sums: Values, crossed: _Crossed, values: list[list[str]]) -> Values:
    """[2, segments of each dimension and the rest, buckets]."""
    places = crossed.places
    found = np.zeros((2, *(len(own) + 1 for own in values), _BUCKETS))
    if len(values) == 1:
        (own,) = values
        for n, one in enumerate(own):
            found[:, n] = sums[:, places[one, _ALL]]
        found[:, -1] = sums[:, places[_ALL, _ALL]] - found.sum(axis=1)
        return found
    own, others = values
    for n, one in enumerate(own):
        for m, other in enumerate(others):
            pair = places.get((one, other), places.get((other, one)))
            if pair is not None:
                found[:, n, m] = sums[:, pair]
        found[:, n, -1] = sums[:, places[one, _ALL]] - found[:, n].sum(axis=1)
    for m, other in enumerate(others):
        found[:, -1, m] = sums[:, places[other, _ALL]] - found[:, :, m].sum(axis=1)
    found[:, -1, -1] = sums[:, places[_ALL, _ALL]] - found.sum(axis=(1, 2))
    return found
