"""Fits calibrations on scores of queries that were held out."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit

from bentos.search.calibration import Calibration, Doubles, Method

_BINS = 10


def fit_calibration(
    method: Method, scores: NDArray[np.floating], relevant: NDArray[np.bool_]
) -> Calibration:
    """Fits on held-out scores [n] and whether each product is relevant [n].

    Where all or none are relevant there is nothing to fit: the constant share is what is left.
    """
    x, y = np.asarray(scores, np.float64), np.asarray(relevant, np.bool_)
    if y.all() or not y.any():
        return _constant(y)
    return _isotonic(x, y) if method == "isotonic" else _platt(x, y)


def expected_calibration_error(
    probability: NDArray[np.floating], relevant: NDArray[np.bool_]
) -> float:
    """The mean gap of probability and share of relevant ones over ten bins of equal width.

    Each bin weighs as much as it holds (Naeini et al. 2015).
    """
    place = np.minimum((probability * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(place, probability - relevant, _BINS)
    return float(np.abs(gaps).sum() / len(probability))


def _constant(relevant: NDArray[np.bool_]) -> Calibration:
    share = float((relevant.sum() + 1) / (len(relevant) + 2))
    return Calibration("isotonic", (0.0,), (share,))


def _platt(scores: Doubles, relevant: NDArray[np.bool_]) -> Calibration:
    """Platt's targets, which leave room for what was not seen, keep the slope finite."""
    n_relevant = int(relevant.sum())
    targets = np.where(
        relevant, (n_relevant + 1) / (n_relevant + 2), 1 / (len(relevant) - n_relevant + 2)
    )
    centre, width = scores.mean(), max(float(scores.std()), 1e-9)
    z = (scores - centre) / width

    def loss(w: Doubles) -> tuple[float, Doubles]:
        logit = w[0] + w[1] * z
        gap = expit(logit) - targets
        value = np.logaddexp(0, logit).mean() - (targets * logit).mean()
        return float(value), np.array([gap.mean(), (gap * z).mean()])

    found = minimize(loss, np.array([0.0, 1.0]), jac=True, bounds=[(None, None), (1e-6, None)])
    intercept, slope = found.x
    return Calibration(
        "platt", (float(intercept - slope * centre / width),), (float(slope / width),)
    )


def _isotonic(scores: Doubles, relevant: NDArray[np.bool_]) -> Calibration:
    """Equal scores are one point: without that, their order would decide."""
    distinct, place = np.unique(scores, return_inverse=True)
    weights = np.bincount(place).astype(np.float64)
    share = np.bincount(place, relevant) / weights
    value = isotonic_regression(share, weights=weights).x
    flat = np.zeros(len(value), np.bool_)  # inner points of a flat stretch say nothing
    flat[1:-1] = (value[1:-1] == value[:-2]) & (value[1:-1] == value[2:])
    return Calibration("isotonic", tuple(distinct[~flat].tolist()), tuple(value[~flat].tolist()))
