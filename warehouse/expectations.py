"""What a day's metrics are expected to come to before its outcomes have, and how far off that is.

What was shown, where and with which scores is known at once; what it is worth is learnt from closed
days, whose sums give the probability that a product of such a score is clicked once it is looked
at, and what the ranking of an answer that promises as much comes to. Each closed day is expected
once from the others, as if its outcomes were not known yet (leave-one-out); a regression through
the origin of what came on what was expected then says by which factor expectations are off, and by
how much days depart from it, which gives the interval of a day that is still open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from warehouse.examination import Places, rising
from warehouse.intervals import Values

Closed = NDArray[np.bool_]  # [days]

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
class Answers:
    """N sums of answers that promised alike, and of what a metric of their rankings came to.

    ``day`` and ``ranker`` count from 0. ``group`` is the bin of the promise among the G bins that
    there are, ``scorer`` [G] whose scores promise it.
    """

    day: Places
    ranker: Places
    group: Places
    scorer: Places
    n: Values
    n_followed: Values  # of them, those that have a value
    total: Values  # of the values
    squares: Values


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


def ctr(cells: Cells, closed: Closed) -> Expected:
    """Clicks a product shown among the first ten: each day from the closed ones, but not itself."""
    wanted = _learnt(cells, cells.events, cells.looks, closed)
    first = cells.rank <= 10
    clicked = cells.looked_at * wanted
    shown = _sums(cells, cells.n_shown * first, closed)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _sums(cells, cells.n_shown * clicked * first, closed) / shown
        chance = _sums(cells, cells.n_shown * clicked * (1 - clicked) * first, closed) / shown**2
    return Expected(value, chance)


def ranking(answers: Answers, closed: Closed) -> Expected:
    """The mean of a ranking metric over the answers that something follows, likewise.

    The variance is that of a ratio of sums (Cochran 1977, 6.4), given what the answers promise.
    """
    followed = _learnt(answers, answers.n_followed, answers.n, closed)
    value = _learnt(answers, answers.total, answers.n_followed, closed)
    square = _learnt(answers, answers.squares, answers.n_followed, closed)
    n = _sums(answers, answers.n * followed, closed)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _sums(answers, answers.n * followed * value, closed) / n
        off = value - mean[answers.ranker, answers.day]
        varies = np.maximum(square - value**2, 0) + (1 - followed) * off**2
        chance = _sums(answers, answers.n * followed * varies, closed) / n**2
    return Expected(mean, chance)


def _learnt(sums: Cells | Answers, events: Values, looks: Values, closed: Closed) -> Values:
    """[N] events a look of what is alike, on the closed days but for each one's own.

    Of a scorer that none of them knows, as on the whole.
    """
    by_day = np.zeros((2, int(sums.scorer.size), len(closed)))
    np.add.at(by_day[0], (sums.group, sums.day), events)
    np.add.at(by_day[1], (sums.group, sums.day), looks)
    all_events, all_looks = by_day[:, :, closed].sum(axis=2)
    found = rising(sums.scorer, all_events, all_looks)[sums.group]
    for day in np.flatnonzero(closed):
        its_events, its_looks = by_day[:, :, day]
        others = rising(sums.scorer, all_events - its_events, all_looks - its_looks)
        of_day = sums.day == day
        found[of_day] = others[sums.group[of_day]]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_the_whole = all_events.sum() / all_looks.sum()
    return np.where(np.isnan(found), on_the_whole, found)


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


def _sums(of: Cells | Answers, values: Values, closed: Closed) -> Values:
    found: Values = np.zeros((int(of.ranker.max(initial=-1)) + 1, len(closed)))
    np.add.at(found, (of.ranker, of.day), values)
    return found
