"""What a daily series is expected to come to next: a forecast and its band.

A local level with a drift and a pattern of weekdays, the basic structural model (Harvey 1989,
Forecasting, Structural Time Series Models and the Kalman Filter, 2.3), by the Kalman filter of
statsmodels. How fast the level moves is what makes the past forecasts likeliest, of a few choices;
how far off they were, robustly, is the width of the band: nothing is assumed of what days have in
common that the sample of a day does not tell.
"""

from dataclasses import dataclass
from math import asin, copysign, expm1, log, log1p, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit
from statsmodels.robust.scale import qn_scale
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter

from warehouse.intervals import Values

HISTORY_DAYS = 84  # twelve weeks: long enough for a scale, short enough for a pattern to hold
LEAST_DAYS = 24  # with a value: four weeks, of which a few are missing
LEAST_FORECAST = 8  # of them, that those before them tell of: what is known of weekdays comes first
LEAST_WEEKDAYS = 3  # with a value, of the weekday that is forecast
LEAST_MOVE = 0.01  # of what is expected: nobody gets up for less
LEAST_EVENTS = 10  # by which a share has to move, in answers

_MOVES = (0.0, 0.003, 0.03, 0.3)  # variance of the level's step, to that of a day of the usual size
_OUTLIER = 5.0  # scales: a day of before there were bands that was so far off is left out
_EFFICIENCY = 0.82  # of the scale's estimate, of normal errors (Rousseeuw and Croux 1993)
_FARTHEST = 37.0  # as a normal deviate: less likely than any number
_ROOT = sqrt(2)
_WEEKDAYS = 7
_STATES = 2 + _WEEKDAYS - 1
_LEAST_SCALE = 1e-9  # of a series that never moved


@dataclass(frozen=True)
class Forecast:
    """What a day is expected to come to: Student's t around ``centre``, on the series' scale."""

    scale: str  # share, positive or any
    centre: float
    error: float
    freedom: float
    least: float  # a move of less is none, in the series' own units

    @property
    def expected(self) -> float:
        """In the series' own units."""
        return _back(self.scale, self.centre)

    def score(self, value: float) -> float:
        """How far off the day is, as a normal deviate that is as unlikely."""
        off = (_to(self.scale, value) - self.centre) / self.error
        return float(copysign(min(-ndtri(stdtr(self.freedom, -abs(off))), _FARTHEST), off))

    def p_value(self, value: float, before: float = 0.0) -> float:
        """How likely the day is as far off, by itself or together with the one before it.

        ``before`` is the score of that one; to the same side the two tell as much as their sum over
        the root of 2 (Stouffer 1949). Two-sided, of two tests; 1 where the day hardly moved.
        """
        if abs(value - self.expected) <= self.least:
            return 1.0
        score = self.score(value)
        together = (score + before) / _ROOT if score * before > 0 else 0.0
        return float(min(4 * ndtr(-max(abs(score), abs(together))), 1.0))

    def band(self, p_value: float, before: float = 0.0) -> tuple[float, float]:
        """Outside of which the day's `p_value` is smaller: never narrower than a move."""
        far = -float(ndtri(p_value / 4))
        low, high = (
            _back(self.scale, self.centre + side * self._half(far, before * side))
            for side in (-1, 1)
        )
        return min(low, self.expected - self.least), max(high, self.expected + self.least)

    def _half(self, far: float, before: float) -> float:
        """Nearer, where the day before was off to the same side."""
        near = min(far, max(_ROOT * far - before, 0.0)) if before > 0 else far
        return -float(stdtrit(self.freedom, ndtr(-near))) * self.error


def forecast(
    values: Values, n: Values, errors: Values, banded: NDArray[np.bool_]
) -> Forecast | None:
    """Of the last of some days in a row, from those before it; all arrays are [days].

    Of ``values`` those that don't count are NaN; the last is the day's own, which tells nothing but
    what its standard error is worth. ``n`` is what each is the mean of, all ones for a count, and
    ``errors`` are standard errors, NaN where nobody knows: a day varies by as much more than others
    as it has fewer answers, or is less sure of itself, whichever says more. ``banded``
    tells which had a band when they came: outliers among the others are left out. None, as long as
    there is too little to tell from: `LEAST_DAYS` with a value, of them `LEAST_WEEKDAYS` of the
    day's weekday and `LEAST_FORECAST` that those before them tell of.
    """
    known = np.isfinite(values)
    known[-1] = False
    if known.sum() < LEAST_DAYS or known[-1 - _WEEKDAYS :: -_WEEKDAYS].sum() < LEAST_WEEKDAYS:
        return None
    scale = _scale(values[known])
    series = np.full(len(values), np.nan)
    series[known] = [_to(scale, value) for value in values[known].tolist()]
    variances = np.fmax(
        _against_usual(1 / np.maximum(n, 1), known),
        _against_usual((errors * _slopes(scale, values)) ** 2, known),
    )
    filtered = [_Filtered.of(series, variances, moves) for moves in _MOVES]
    if filtered[0].n < LEAST_FORECAST:
        return None
    best = min(filtered, key=lambda each: each.badness)
    outliers = (best.off > _OUTLIER) & ~banded
    if outliers.any():
        series[outliers] = np.nan
        best = _Filtered.of(series, variances, best.moves)
        if best.n < LEAST_FORECAST:
            return None
    expected = _back(scale, best.centre)
    of_share = LEAST_EVENTS / float(n[-1]) if scale == "share" else 0.0
    return Forecast(
        scale=scale,
        centre=best.centre,
        error=best.error,
        freedom=_EFFICIENCY * best.n,
        least=max(LEAST_MOVE * abs(expected), of_share),
    )


def _against_usual(variances: Values, known: NDArray[np.bool_]) -> Values:
    """Each day's against the median of those that count; ones where nothing is known of them."""
    told = known & np.isfinite(variances) & (variances > 0)
    if not told.any():
        return np.ones(len(variances))
    against: Values = variances / np.median(variances[told])
    return np.where(np.isfinite(against), against, 1.0)


@dataclass(frozen=True)
class _Filtered:
    """Each day forecast from those before it, with one choice of how the level moves."""

    moves: float
    n: int  # days that were forecast, and came
    off: Values  # [days]: how far off each was, in scales; 0 where nobody knows
    badness: float  # -2 log likelihood, of normal errors of a robust scale
    centre: float  # of the day after
    error: float

    @classmethod
    def of(cls, series: Values, variances: Values, moves: float) -> "_Filtered":
        model = KalmanFilter(k_endog=1, k_states=_STATES)
        model.bind(series)
        model["design"], model["transition"] = _DESIGN, _TRANSITION
        model["selection"] = np.eye(_STATES)
        model["state_cov"] = np.diag([moves] + [0.0] * (_STATES - 1))
        model["obs_cov"] = variances[np.newaxis, np.newaxis]
        model.initialize_diffuse()
        found = model.filter()
        variance = found.forecasts_error_cov[0, 0]
        told = np.isfinite(series) & (found.forecasts_error_diffuse_cov[0, 0] == 0)
        off = np.zeros(len(series))
        off[told] = found.forecasts_error[0, told] / np.sqrt(variance[told])
        n = int(told.sum())
        scale = max(float(qn_scale(off[told])), _LEAST_SCALE) if n > 1 else _LEAST_SCALE
        return cls(
            moves=moves,
            n=n,
            off=np.abs(off) / scale,
            badness=float(np.log(variance[told]).sum()) + 2 * n * log(scale),
            centre=float(found.forecasts[0, -1]),
            error=scale * sqrt(variance[-1]),
        )


def _scale(values: Values) -> str:
    """On which a series varies alike at every height: of shares, of positive numbers, or any."""
    if values.min() < 0:
        return "any"
    return "share" if values.max() <= 1 else "positive"


def _to(scale: str, value: float) -> float:
    """The arcsine of shares (Anscombe 1948), the logarithm of what is positive."""
    if scale == "share":
        return asin(sqrt(min(max(value, 0.0), 1.0)))
    return log1p(max(value, 0.0)) if scale == "positive" else value


def _slopes(scale: str, values: Values) -> Values:
    """[days] by how much a standard error is more on the scale; NaN at its ends."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "share":
            found: Values = 0.5 / np.sqrt(values * (1 - values))
            return np.where(np.isfinite(found), found, np.nan)
        return 1 / (1 + values) if scale == "positive" else np.ones(len(values))


def _back(scale: str, value: float) -> float:
    if scale == "share":
        return sin(min(max(value, 0.0), pi / 2)) ** 2
    return expm1(value) if scale == "positive" else value


def _transition() -> Values:
    """[states, states]: level, drift, and the weekdays' pattern, which sums to none in a week."""
    matrix = np.zeros((_STATES, _STATES))
    matrix[0, :2] = matrix[1, 1] = 1
    matrix[2, 2:] = -1
    matrix[3:, 2:-1] = np.eye(_WEEKDAYS - 2)
    return matrix


_TRANSITION = _transition()
_DESIGN = np.array([[1.0, 0.0, 1.0, *[0.0] * (_WEEKDAYS - 2)]])
