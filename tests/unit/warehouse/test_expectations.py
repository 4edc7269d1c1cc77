"""What open days are expected to come to, from days that closed."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.stats import t as student

from warehouse.expectations import Answers, Cells, ctr, interval, ranking

CLOSED = np.array([True, True, False])


def _cells(*rows: tuple[int, int, int, float, float, float], scorer: tuple[int, ...] = ()) -> Cells:
    """(day, bin, rank, shown, looked at, events), all of one ranker."""
    day, bins, rank, shown, looked_at, events = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Cells(
        day=day,
        ranker=np.zeros(len(rows), np.int64),
        group=bins,
        scorer=np.array(scorer or (0,) * (bins.max() + 1)),
        rank=rank,
        n_shown=shown.astype(float),
        looked_at=looked_at.astype(float),
        events=events.astype(float),
    )


def test_clicks_are_expected_by_score_and_by_who_looks() -> None:
    cells = _cells(
        (0, 0, 1, 100, 1.0, 10),  # a score of which one in ten looks is a click
        (0, 1, 2, 100, 0.5, 20),  # and one of which 40 in a hundred are
        (1, 0, 1, 100, 1.0, 10),
        (1, 1, 2, 100, 0.5, 20),
        (2, 0, 2, 30, 0.5, 0),
        (2, 1, 1, 10, 1.0, 0),
        (2, 1, 11, 99, 0.1, 0),  # no part of the first ten
    )
    found = ctr(cells, CLOSED)
    assert found.value[0, 2] == pytest.approx((30 * 0.05 + 10 * 0.4) / 40)
    chance = 30 * 0.05 * 0.95 + 10 * 0.4 * 0.6
    assert found.variance[0, 2] == pytest.approx(chance / 40**2)


def _answers(*rows: tuple[int, int, int, int, float, float]) -> Answers:
    """(day, bin, answers, of them followed, sum of the values, of their squares), of one ranker."""
    day, bins, n, followed, total, squares = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Answers(
        day=day,
        ranker=np.zeros(len(rows), np.int64),
        group=bins,
        scorer=np.zeros(bins.max() + 1, np.int64),
        n=n.astype(float),
        n_followed=followed.astype(float),
        total=total.astype(float),
        squares=squares.astype(float),
    )


def test_rankings_are_expected_to_come_to_what_answers_that_promised_alike_did() -> None:
    found = ranking(
        _answers(
            (0, 0, 100, 20, 4, 2),  # one in five is followed, its ranking worth 0.2
            (0, 1, 100, 40, 16, 8),  # two in five, 0.4
            (1, 0, 100, 20, 4, 2),
            (1, 1, 100, 40, 16, 8),
            (2, 0, 50, 0, 0, 0),  # open: 10 and 4 are to come
            (2, 1, 10, 0, 0, 0),
        ),
        CLOSED,
    )
    value = (10 * 0.2 + 4 * 0.4) / 14
    assert found.value[0, 2] == pytest.approx(value)
    # within each promise 0.1 - 0.04 and 0.2 - 0.16, and whether an answer is followed at all
    varies = [0.06 + 0.8 * (0.2 - value) ** 2, 0.04 + 0.6 * (0.4 - value) ** 2]
    assert found.variance[0, 2] == pytest.approx((10 * varies[0] + 4 * varies[1]) / 14**2)


def test_what_follows_a_closed_day_is_no_part_of_what_is_expected_of_it() -> None:
    found = ranking(
        _answers(
            (0, 0, 100, 100, 10, 2),
            (1, 0, 300, 300, 90, 30),
            (2, 0, 50, 50, 50, 50),  # open: what is known of it is not looked at
        ),
        CLOSED,
    )
    assert found.value[0] == pytest.approx([0.3, 0.1, 0.25])


def test_no_closed_day_is_expected_from_its_own_outcomes() -> None:
    cells = _cells(
        (0, 0, 1, 100, 1.0, 10),
        (1, 0, 1, 300, 1.0, 90),
        (2, 0, 1, 50, 1.0, 50),  # open: what is known of it is not looked at
    )
    found = ctr(cells, CLOSED).value[0]
    assert found == pytest.approx([0.3, 0.1, 0.25])


def test_scores_of_nobody_known_are_worth_what_all_are() -> None:
    cells = _cells(
        (0, 0, 1, 100, 1.0, 10), (1, 0, 1, 100, 1.0, 30), (2, 1, 1, 10, 1.0, 0), scorer=(0, 1)
    )
    assert ctr(cells, CLOSED).value[0, 2] == pytest.approx(0.2)


def test_an_interval_by_hand() -> None:
    expected, variance = np.full(7, 0.2), np.full(7, 0.0001)
    came = 0.3 + 0.03 * np.array([1, -1, 1, -1, 1, -1, 0])
    found = interval(expected, variance, came, 0.1, 0.0004)
    assert found is not None
    assert found.value == pytest.approx(0.15)  # days came to one and a half times what was expected
    spread = 6 * 0.03**2 / 0.0001 / 6
    error = sqrt(spread * (0.0004 + 0.1**2 / (7 * 0.2**2 / 0.0001)))
    assert found.high - found.value == pytest.approx(student.ppf(0.975, 6) * error)
    assert found.n_days == 7


def test_before_seven_days_have_closed_nothing_is_said() -> None:
    expected, variance, came = np.full(7, 0.2), np.full(7, 0.01), np.full(7, 0.2)
    came[3] = np.nan
    assert interval(expected, variance, came, 0.2, 0.01) is None
    assert interval(
        np.append(expected, 0.2), np.append(variance, 0.01), np.append(came, 0.3), 0.2, 0.01
    )


@pytest.mark.parametrize("one", [(np.nan, 0.1), (0.2, 0.0), (0.2, np.nan)])
def test_a_day_without_traffic_is_not_estimated(one: tuple[float, float]) -> None:
    assert interval(np.full(9, 0.2), np.full(9, 0.01), np.full(9, 0.2), *one) is None


def test_intervals_hold_on_nineteen_days_in_twenty() -> None:
    rng = np.random.default_rng(3)
    held = []
    for _ in range(1000):
        n = rng.integers(100, 3000, 9)
        expected = rng.uniform(0.1, 0.3, 9)
        variance = expected * (1 - expected) / n
        came = 0.8 * expected + rng.normal(0, 2 * np.sqrt(variance))  # days vary more than chance
        found = interval(expected[:8], variance[:8], came[:8], expected[8], variance[8])
        assert found is not None
        held.append(found.low <= came[8] <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)
