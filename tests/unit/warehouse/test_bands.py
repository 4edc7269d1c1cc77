"""Forecasts of daily series: worked by hand, against least squares, and in simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from warehouse import bands
from warehouse.bands import HISTORY_DAYS, LEAST_DAYS, Forecast, forecast

if TYPE_CHECKING:
    from warehouse.intervals import Values

WEEK = np.array([0.30, 0.31, 0.29, 0.30, 0.33, 0.40, 0.38])


def _tell(values: Values, **of_days: Any) -> Forecast | None:
    """Of the day after some, of a thousand answers each, unless told otherwise."""
    days = len(values) + 1
    known = {"n": np.full(days, 1000.0), "errors": np.full(days, np.nan)}
    known |= {"banded": np.ones(days, bool)}
    return forecast(np.append(values, 0.4), **known | of_days)


def _forecast(values: Values, **of_days: Any) -> Forecast:
    found = _tell(values, **of_days)
    assert found is not None
    return found


def _noisy(rng: np.random.Generator, days: int, error: float = 0.01) -> Values:
    return np.resize(WEEK, days) + rng.normal(0, error, days)


@pytest.mark.parametrize("days", [28, 31, HISTORY_DAYS])
def test_what_comes_every_week_alike_is_expected_again(days: int) -> None:
    found = _forecast(np.resize(WEEK, days))
    assert found.expected == pytest.approx(WEEK[days % 7], abs=1e-6)


def test_a_line_goes_on() -> None:
    found = _forecast(np.arange(-20.0, 36.0))
    assert found.expected == pytest.approx(36.0, abs=1e-6)


def test_growth_goes_on() -> None:
    """Of one percent a day, which is a thousand percent a year and more."""
    rng = np.random.default_rng(3)
    values = 5000 * 1.01 ** np.arange(HISTORY_DAYS) * np.exp(rng.normal(0, 0.01, HISTORY_DAYS))
    found = _forecast(values)
    assert found.expected == pytest.approx(5000 * 1.01**HISTORY_DAYS, rel=0.02)


def test_a_level_that_stays_is_least_squares_on_weekdays_and_a_line() -> None:
    values = _noisy(np.random.default_rng(5), 56)
    days = np.arange(57)
    regressors = np.column_stack([days, np.eye(7)[days % 7]])
    past, now = regressors[:-1], regressors[-1]
    slopes, *_ = np.linalg.lstsq(past, values, rcond=None)
    leverage = now @ np.linalg.solve(past.T @ past, now)
    found = bands._Filtered.of(np.append(values, np.nan), np.ones(57), moves=0.0)
    assert found.centre == pytest.approx(now @ slopes, abs=1e-9)
    assert found.n == 56 - 8
    another = bands._Filtered.of(np.append(values, np.nan), np.append(np.ones(56), 4.0), moves=0.0)
    assert another.error / found.error == pytest.approx(
        np.sqrt((4 + leverage) / (1 + leverage)), abs=1e-9
    )


def test_bands_hold_as_many_days_as_they_say() -> None:
    """Days of about 10,000 answers; the level of half the series wanders."""
    rng = np.random.default_rng(7)
    chances = []
    for series in range(60):
        wander = np.cumsum(rng.normal(0, 0.004 * (series % 2), HISTORY_DAYS + 8))
        values = _noisy(rng, HISTORY_DAYS + 8) + wander
        for first in range(8):
            found = _forecast(values[first : first + HISTORY_DAYS])
            chances.append(_two_sided(found, values[first + HISTORY_DAYS]))
    of_chances = np.array(chances)
    assert (of_chances > 0.05).mean() == pytest.approx(0.95, abs=0.025)
    assert (of_chances > 0.5).mean() == pytest.approx(0.5, abs=0.06)
    assert (of_chances < 0.001).sum() <= 3


def _two_sided(found: Forecast, value: float) -> float:
    off = abs(np.arcsin(np.sqrt(value)) - found.centre) / found.error
    return float(2 * student.sf(off, found.freedom))


@pytest.mark.parametrize("before", [0.0, 2.0, -3.5, 9.0])
def test_a_value_is_outside_its_band_where_its_p_value_is_smaller(before: float) -> None:
    found = _forecast(_noisy(np.random.default_rng(9), HISTORY_DAYS))
    low, high = found.band(0.001, before)
    assert low < found.expected < high
    for edge, inward in ((low, 1e-6), (high, -1e-6)):
        assert found.p_value(edge + inward, before) > 0.001
        assert found.p_value(edge - inward, before) < 0.001


def test_p_values_are_those_of_two_tests_by_hand() -> None:
    """Student's t of 20 degrees of freedom: 2.845 is as unlikely as a normal 2.576, 0.005."""
    found = Forecast(scale="any", centre=10.0, error=2.0, freedom=20.0, least=0.1)
    value = 10 + 2 * 2.8453
    assert found.score(value) == pytest.approx(2.5758, abs=1e-3)
    assert found.p_value(value) == pytest.approx(2 * 0.01, rel=1e-3)
    assert found.p_value(value, before=-3.0) == pytest.approx(2 * 0.01, rel=1e-3)
    together = (2.5758 + 3.0) / np.sqrt(2)  # 3.9427
    assert found.p_value(value, before=3.0) == pytest.approx(4 * norm.sf(together), rel=1e-2)
    assert found.band(0.02)[1] == pytest.approx(value, abs=1e-3)


def test_a_day_with_a_quarter_of_the_answers_has_a_band_twice_as_wide() -> None:
    values = np.arange(-20.0, 64.0) + np.random.default_rng(11).normal(0, 1, HISTORY_DAYS)
    n = np.append(np.full(HISTORY_DAYS, 1000.0), 250.0)
    assert _forecast(values, n=n).error / _forecast(values).error == pytest.approx(2, rel=0.1)


def test_a_day_that_is_less_sure_of_itself_has_a_wider_band() -> None:
    """A single great purchase moves a mean, and makes its standard error three times as great."""
    values = np.arange(-20.0, 64.0) + np.random.default_rng(12).normal(0, 1, HISTORY_DAYS)
    errors = np.append(np.full(HISTORY_DAYS, 0.5), 1.5)
    assert _forecast(values, errors=errors).error / _forecast(values).error == pytest.approx(
        3, rel=0.1
    )


def test_an_outlier_of_before_there_were_bands_is_left_out() -> None:
    values = _noisy(np.random.default_rng(13), HISTORY_DAYS)
    spoilt, without = values.copy(), values.copy()
    spoilt[-4], without[-4] = 0.05, np.nan
    robust = _forecast(spoilt, banded=np.zeros(HISTORY_DAYS + 1, bool))
    clean = _forecast(without)
    assert robust.expected == pytest.approx(clean.expected, rel=0.01)
    assert robust.error == pytest.approx(clean.error, rel=0.1)


def test_a_week_of_an_incident_that_is_left_out_moves_nothing() -> None:
    values = _noisy(np.random.default_rng(15), HISTORY_DAYS)
    gap = values.copy()
    gap[-7:] = np.nan
    assert _forecast(gap).expected == pytest.approx(_forecast(values).expected, rel=0.03)


def test_too_short_a_history_says_nothing() -> None:
    assert _tell(_noisy(np.random.default_rng(17), LEAST_DAYS - 1)) is None


def test_of_a_weekday_that_the_shop_is_closed_on_nothing_is_expected() -> None:
    values = np.resize(WEEK, HISTORY_DAYS)
    values[::7] = np.nan  # the weekday of the day that follows
    assert _tell(values) is None
    assert _tell(values[:-1]) is not None


def test_two_weekdays_alone_tell_neither_what_is_a_weekday_nor_how_much_days_vary() -> None:
    values = _noisy(np.random.default_rng(9), HISTORY_DAYS)
    values[np.arange(HISTORY_DAYS) % 7 > 1] = np.nan
    assert np.isfinite(values).sum() >= LEAST_DAYS
    assert _tell(values) is None


@pytest.mark.parametrize("seed", range(20))
def test_days_that_are_missing_here_and_there_leave_a_band_or_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = _noisy(rng, HISTORY_DAYS)
    values[rng.random(HISTORY_DAYS) < 0.65] = np.nan
    found = _tell(values)
    assert found is None or np.isfinite([found.expected, *found.band(0.001)]).all()


def test_a_share_that_never_moved_has_a_band_ten_answers_wide() -> None:
    found = _forecast(np.zeros(HISTORY_DAYS))
    assert found.band(0.001) == (pytest.approx(-0.01), pytest.approx(0.01))
    assert found.p_value(0.01) == 1
    assert found.p_value(0.02) < 1e-6


def test_a_mean_that_hardly_moved_is_as_expected() -> None:
    found = _forecast(np.full(HISTORY_DAYS, 200.0))
    assert found.p_value(201.9) == 1
    assert found.p_value(202.1) < 1e-6
