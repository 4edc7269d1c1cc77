"""What a daily series is expected to come to next: a forecast and its band.

A local level with a drift and a pattern of weekdays, the basic structural model (Harvey 1989,
Forecasting, Structural Time Series Models and the Kalman Filter, 2.3), by the Kalman filter of
statsmodels. How fast the level moves is what makes the past forecasts likeliest, of a few choices;
how far off they were, robustly, is the width of the band: nothing is assumed of what days have in
common that the sample of a day does not tell.
"""

from dataclasses import dataclass
from math import asin, expm1, log, log1p, pi, sin, sqrt

import numpy as np
from scipy.special import stdtr, stdtrit
from statsmodels.robust.scale import qn_scale
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter

from warehouse.intervals import Values

HISTORY_DAYS = 84  # twelve weeks: long enough for a scale, short enough for a pattern to hold
LEAST_DAYS = 24  # with a value: four weeks, of which a few are missing
LEAST_WEEKDAYS = 3  # with a value, of the weekday that is forecast
LEAST_MOVE = 0.01  # of what is expected: nobody gets up for less
LEAST_EVENTS = 10  # by which a share has to move, in answers

_MOVES = (0.0, 0.003, 0.03, 0.3)  # variance of the level's step, to that of a day of the usual size
_OUTLIER = 5.0  # scales: a day of before there were bands that was so far off is left out
_EFFICIENCY = 0.82  # of the scale's estimate, of normal errors (Rousseeuw and Croux 1993)
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

    def p_value(self, value: float) -> float:
        """How likely the day is as far off as that, to either side; 1 where it hardly moved."""
        if abs(value - self.expected) <= self.least:
            return 1.0
        off = abs(_to(self.scale, value) - self.centre) / self.error
        return float(2 * stdtr(self.freedom, -off))

    def band(self, p_value: float) -> tuple[float, float]:
        """What holds the day with a probability of 1 - ``p_value``, never narrower than a move."""
        half = float(stdtrit(self.freedom, 1 - p_value / 2)) * self.error
        low, high = (_back(self.scale, self.centre + side * half) for side in (-1, 1))
        return min(low, self.expected - self.least), max(high, self.expected + self.least)


def forecast(values: Values, n: Values, banded: Values, n_now: float) -> Forecast | None:
    """Of the day after ``values`` [days], oldest first, of which those that don't count are NaN.

    ``n`` [days] is what each is the mean of: a day of twice as many varies by half as much; all
    ones for a count. ``banded`` [days] says which had a band when they came: outliers among the
    others are left out. None, as long as there is too little to tell from: `LEAST_DAYS` with a
    value, of them `LEAST_WEEKDAYS` of the day's weekday.
    """
    known = np.isfinite(values)
    if known.sum() < LEAST_DAYS or known[-_WEEKDAYS::-_WEEKDAYS].sum() < LEAST_WEEKDAYS:
        return None
    scale = _scale(values[known])
    series = np.full(len(values) + 1, np.nan)
    series[:-1][known] = [_to(scale, value) for value in values[known].tolist()]
    sizes = np.append(np.where(known, n, 1.0), n_now)
    variances = np.median(n[known]) / sizes
    filtered = [_Filtered.of(series, variances, moves) for moves in _MOVES]
    best = min(filtered, key=lambda each: each.badness)
    outliers = (best.off > _OUTLIER) & ~banded.astype(bool)
    if outliers.any():
        series[:-1][outliers] = np.nan
        best = _Filtered.of(series, variances, best.moves)
    expected = _back(scale, best.centre)
    of_share = LEAST_EVENTS / n_now if scale == "share" else 0.0
    return Forecast(
        scale=scale,
        centre=best.centre,
        error=best.error,
        freedom=_EFFICIENCY * best.n,
        least=max(LEAST_MOVE * abs(expected), of_share),
    )


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
        scale = max(float(qn_scale(off[told])), _LEAST_SCALE)
        n = int(told.sum())
        return cls(
            moves=moves,
            n=n,
            off=np.abs(off[:-1]) / scale,
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
