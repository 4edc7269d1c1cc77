"""How likely ranks are looked at: from what scores promise, and from what stood at several ranks.

The position-based model (Craswell et al. 2008): what is shown is clicked if its rank is looked at
and the product is wanted. Two things tell the one from the other. A score says how much a product
is wanted, wherever it stands: what is clicked less than its score promises stood where fewer look
(regression-EM, Wang et al. 2018, whose fixed point is found on sums alone). And what the same
shopper was shown at two ranks is wanted alike at both (intervention harvesting, Agarwal et al.
2019). The first needs little traffic, and errs where scores do; the second errs nowhere, and needs
ranks that vary. So the first is where the second begins, and as sure as scores usually are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from warehouse.intervals import Values

_ROUNDS = 1000  # at most; twenty are usual, more where scores hardly vary at a rank
_SETTLED = 1e-7
_STEPS = 50  # Newton's; it takes five or six
_BENDS = tuple(0.1 * 2.0**n for n in range(9))  # of the slope, by rank e: hardly, to at any rank
_ANY_SLOPE = 10.0
_DOUBT = 0.05  # how far scores mislead: standard deviation of log examination at rank e

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shown:
    """What was shown and clicked at each of K ranks, the first one first, in G bins of scores."""

    n_shown: Values  # [K, G]
    n_clicked: Values  # [K, G]
    scorer: Places  # [G] whose scores they are; those of one lie together, from low to high


@dataclass(frozen=True, eq=False)
class Examination:
    """By rank, against the first."""

    probability: Values  # [K]
    standard_error: Values  # [K]


def learn(shown: Shown, contrasts: Values) -> Examination:
    """``contrasts``: [K, K] clicks at a rank on what stood at another one, too.

    Clicks at two ranks are as their probabilities (Bradley and Terry 1952, for whom ranks are
    players and clicks are games won). Each has been clicked at least once. The curve is as smooth
    as it is likeliest to be.
    """
    clicks = shown.n_clicked.sum(axis=1)
    if not len(clicks):
        return Examination(clicks, clicks)
    begin = np.log(by_score(shown))[1:]
    doubt = np.linalg.inv(_doubt(clicks)).astype(np.float64)
    found = max(
        (_curve(begin, doubt, _bent(len(begin), bend), contrasts) for bend in _BENDS),
        key=lambda curve: curve.evidence,
    )
    probability = np.exp(np.append(0.0, found.logarithm))
    return Examination(probability, probability * np.append(0.0, found.error))


@dataclass(frozen=True, eq=False)
class _Curve:
    """The logarithms of the ranks below the first, and how likely their smoothness is."""

    logarithm: Values  # [K-1]
    error: Values  # [K-1]
    evidence: float


def _curve(begin: Values, doubt: Values, smooth: Values, contrasts: Values) -> _Curve:
    """The likeliest curve by Newton's steps; its evidence by Laplace's approximation."""
    games = contrasts + contrasts.T
    learnt = begin
    for _ in range(_STEPS):
        slope, curvature = _bradley_terry(learnt, contrasts, games)
        slope = slope - doubt @ (learnt - begin) - smooth @ learnt
        step = np.linalg.solve(curvature + doubt + smooth, slope)
        learnt = learnt + step
        if np.abs(step).max(initial=0.0) < _SETTLED:
            break
    precision = _bradley_terry(learnt, contrasts, games)[1] + doubt + smooth
    error = np.sqrt(np.diag(np.linalg.inv(precision)))
    strength = np.append(0.0, learnt)
    lost = contrasts * np.logaddexp(0.0, strength[np.newaxis] - strength[:, np.newaxis])
    off = learnt - begin
    misfit = lost.sum() + (off @ doubt @ off + learnt @ smooth @ learnt) / 2
    volume = np.linalg.slogdet(smooth)[1] - np.linalg.slogdet(precision)[1]
    return _Curve(learnt, error, float(volume / 2 - misfit))


def _bent(n: int, bend: float) -> Values:
    """[n, n]: the precision of the logarithms, if log examination bends so much along log rank.

    A smoothing spline (Wahba 1978): any slope is as likely as any other, and it changes like a
    random walk. Far down, where clicks are few, ranks lie close together and tell of each other.
    """
    at = np.log(np.arange(2, n + 2))
    first, last = np.minimum.outer(at, at), np.maximum.outer(at, at)
    covariance = _ANY_SLOPE**2 * np.outer(at, at) + bend**2 * first**2 * (3 * last - first) / 6
    found: Values = np.linalg.inv(covariance)
    return found


def by_score(shown: Shown) -> Values:
    """[K]: what scores alone say, products with like scores being wanted alike on the whole.

    How much a score is wanted is the mean over all that was shown with it, each click counted as
    often as its rank is overlooked. The likeliest would weigh by looks, and take the first ranks'
    word for it: there a score stands that is better than others like it, having been compared with
    all the rest. On simulated shops that errs twice as much.
    """
    clicks = shown.n_clicked.sum(axis=1)
    n_shown = shown.n_shown.sum(axis=0)
    probability = 1 / np.arange(1, len(clicks) + 1)
    for _ in range(_ROUNDS):
        wanted = rising(shown.scorer, (1 / probability) @ shown.n_clicked, n_shown)
        found = clicks / (shown.n_shown @ wanted)
        found = found / found[0]
        moved = np.abs(found / probability - 1).max()
        probability = found
        if moved < _SETTLED:
            break
    return probability


def rising(scorer: Places, events: Values, looks: Values) -> Values:
    """[G]: events a look, made to rise with each scorer's scores.

    Where nothing was looked at it is what is between its neighbours; of a scorer of whom nothing
    was, nobody knows.
    """
    found = np.full(len(events), np.nan)
    for one in np.unique(scorer):
        (of,) = np.nonzero(scorer == one)
        seen = of[looks[of] > 0]
        if len(seen):
            share = isotonic_regression(events[seen] / looks[seen], weights=looks[seen]).x
            found[of] = np.interp(of, seen, share)
    return found


def _doubt(clicks: Values) -> Values:
    """[K-1, K-1]: the covariance of the logarithms that scores give the ranks below the first.

    Scores err alike at ranks that are neighbours, the more the further from the first. Clicks are
    few besides.
    """
    logarithm = np.log(np.arange(2, len(clicks) + 1))
    misled = _DOUBT**2 * np.minimum.outer(logarithm, logarithm)
    found: Values = misled + np.diag(1 / clicks[1:]) + 1 / clicks[0]
    return found


def _bradley_terry(learnt: Values, won: Values, games: Values) -> tuple[Values, Values]:
    """The slope [K-1] and curvature [K-1, K-1] of minus the logarithm of the likelihood."""
    strength = np.append(0.0, learnt)
    chance = 1 / (1 + np.exp(strength[np.newaxis] - strength[:, np.newaxis]))
    slope = (won - games * chance).sum(axis=1)
    weight = games * chance * (1 - chance)
    curvature = np.diag(weight.sum(axis=1)) - weight
    return slope[1:], curvature[1:, 1:]
