"""What a day's metrics are expected to come to before its outcomes have, and how far off that is.

What was shown, where and with which scores is known at once; what it is worth is learnt from closed
days, whose sums give the probability that a product of such a score is clicked or bought once it is
looked at. Each closed day is expected once from the others, as if its outcomes were not known yet
(leave-one-out); a regression through the origin of what came on what was expected then says by
which factor expectations are off, as they are where one answer has several purchases, and by how
much days depart from it, which gives the interval of a day that is still open.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from warehouse.examination import Places, rising
from warehouse.intervals import Values

LEAST_DAYS = 7  # that closed, before anything is said
_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Cells:
    """N sums of what was shown alike, and of the events that followed.

    ``day`` and ``ranker`` count from 0. ``group`` is the bin of the score among the G bins that
    there are, ``scorer`` [G] whose score that is.
    """

    day: Places
    ranker: Places
    group: Places
    scorer: Places
    rank: Places
    n_shown: Values
    looked_at: Values  # the probability
    events: Values

    @property
    def looks(self) -> Values:
        """[N] how often such products were probably looked at."""
        return self.n_shown * self.looked_at


@dataclass(frozen=True, eq=False)
class Expected:
    """[rankers, days] of a metric, and the variance that chance alone gives it; NaN: not known."""

    value: Values
    variance: Values


@dataclass(frozen=True)
class Interval:
    """What a metric will probably come to, from how far off ``n_days`` closed days were."""

    value: float
    low: float
    high: float
    n_days: int


Metric = Callable[[Cells, Values], Expected]


def ctr(cells: Cells, wanted: Values) -> Expected:
    """Clicks a product shown among the first ten, products being ``wanted`` [N] if looked at."""
    first = cells.rank <= 10
    clicked = cells.looked_at * wanted
    shown = _sums(cells, cells.n_shown * first)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _sums(cells, cells.n_shown * clicked * first) / shown
        chance = _sums(cells, cells.n_shown * clicked * (1 - clicked) * first) / shown**2
    return Expected(value, chance)


def ndcg(cells: Cells, wanted: Values) -> Expected:
    """Of purchases, as if each answer had one at most."""
    gain = np.where(cells.rank <= 10, 1 / np.log2(cells.rank + 1), 0.0)
    bought = cells.looks * wanted
    n = _sums(cells, bought)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _sums(cells, bought * gain) / n
        chance = (_sums(cells, bought * gain**2) / n - value**2) / n
    return Expected(value, chance)


def expect(cells: Cells, closed: NDArray[np.bool_], metric: Metric) -> Expected:
    """Each day from the closed ones, but not from itself; ``closed`` is [days].

    Of a scorer that none of them knows products are wanted as they are on the whole.
    """
    shape = (int(cells.scorer.size), len(closed))
    events, looks = np.zeros((2, *shape))
    np.add.at(events, (cells.group, cells.day), cells.events)
    np.add.at(looks, (cells.group, cells.day), cells.looks)
    all_events, all_looks = events[:, closed].sum(axis=1), looks[:, closed].sum(axis=1)
    of_all = rising(cells.scorer, all_events, all_looks)
    wanted = of_all[cells.group]
    for day in np.flatnonzero(closed):
        others = rising(cells.scorer, all_events - events[:, day], all_looks - looks[:, day])
        of_day = cells.day == day
        wanted[of_day] = others[cells.group[of_day]]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_the_whole = all_events.sum() / all_looks.sum()
    return metric(cells, np.where(np.isnan(wanted), on_the_whole, wanted))


def interval(
    expected: Values, variance: Values, came: Values, one: float, its_variance: float
) -> Interval | None:
    """Of ``one`` open day, from closed ones; None where they are too few.

    Least squares through the origin, days weighted by how exact chance lets them be; a prediction
    interval by Student's t.
    """
    known = np.isfinite(expected) & np.isfinite(came) & (variance > 0)
    n = int(known.sum())
    if n < LEAST_DAYS or not (np.isfinite(one) and its_variance > 0):
        return None
    expected, variance, came = expected[known], variance[known], came[known]
    weight = float((expected**2 / variance).sum())
    factor = float((expected * came / variance).sum()) / weight
    spread = float(((came - factor * expected) ** 2 / variance).sum()) / (n - 1)
    error = np.sqrt(spread * (its_variance + one**2 / weight))
    half = float(student.ppf((1 + _LEVEL) / 2, n - 1) * error)
    value = factor * one
    return Interval(value, max(value - half, 0.0), min(value + half, 1.0), n)


def _sums(cells: Cells, values: Values) -> Values:
    shape = (int(cells.ranker.max()) + 1, int(cells.day.max()) + 1)
    found: Values = np.zeros(shape)
    np.add.at(found, (cells.ranker, cells.day), values)
    return found
