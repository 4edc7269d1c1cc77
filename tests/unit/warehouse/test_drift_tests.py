"""What counts as drift: p-values from earlier days, false discoveries, what is worth telling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from warehouse.drift_tests import Distances, beyond, drifted, p_values, q_values

NAN = np.nan


def distances(
    series: list[int],
    js: list[float],
    ks: float | list[float] = NAN,
    weekday: list[int] | None = None,
) -> Distances:
    n = len(series)
    return Distances(
        np.array(series),
        np.array(js, float),
        np.broadcast_to(np.array(ks, float), n),
        np.full(n, 1000.0),
        np.full(n, 4.0),
        np.full(n, 1.0) if weekday is None else np.array(weekday, float),
    )


EARLIER = [0.01, 0.02, 0.03, 0.02, 0.01, 0.02, 0.03, 0.02, 0.02, 0.02]


def by_hand(distance: float, earlier: list[float]) -> float:
    """Student's t, with half as many degrees of freedom as there are days, less one."""
    roots = (np.array(earlier) ** 2 / 1.25) ** 0.2
    spread = roots.std(ddof=1) * np.sqrt(1 + 1 / len(roots))
    off = (distance**2 / 1.25) ** 0.2 - roots.mean()
    return float(t.sf(off / spread, len(roots) / 2 - 1))


def test_a_distance_is_held_against_those_of_earlier_days() -> None:
    found = distances([1, 2], [0.05, 0.02])
    earlier = distances([1] * 10 + [2] * 10, EARLIER * 2)
    assert p_values(found, earlier) == pytest.approx(
        [by_hand(0.05, EARLIER), by_hand(0.02, EARLIER)]
    )


def test_a_weekday_that_varies_more_than_others_is_held_against_its_own_mean() -> None:
    """Of twelve days the last four are such; three would be too few to tell."""
    js = [*EARLIER[:8], 0.05, 0.05, 0.05, 0.05]
    roots = (np.array(js) ** 2 / 1.25) ** 0.2
    spread = roots.std(ddof=1) * np.sqrt(1 + 1 / 12)
    for n_same, mean in ((4, roots[-4:].mean()), (3, roots.mean())):
        earlier = distances([1] * 12, js, weekday=[2] * (12 - n_same) + [1] * n_same)
        off = (0.07**2 / 1.25) ** 0.2 - mean
        assert p_values(distances([1], [0.07]), earlier) == pytest.approx([t.sf(off / spread, 5)])


def test_of_two_distances_the_one_that_is_less_likely_counts_twice() -> None:
    found = distances([1], [0.02], 0.05)
    earlier = distances([1] * 10, EARLIER, EARLIER)
    assert p_values(found, earlier) == pytest.approx([2 * by_hand(0.05, EARLIER)])


def test_of_fewer_than_ten_days_nobody_knows_how_much_they_differ() -> None:
    found, earlier = distances([1], [0.5]), distances([1] * 9, EARLIER[:9])
    assert np.isnan(p_values(found, earlier)).all()


def test_where_no_day_differed_any_difference_is_one() -> None:
    found = distances([1, 2], [0.1, 0.1])
    earlier = distances([1] * 10 + [2] * 10, [0.0] * 10 + [0.2] * 10)
    assert p_values(found, earlier).tolist() == [0.0, 1.0]


def test_what_is_the_same_as_ever_is_no_test() -> None:
    found, earlier = distances([1], [0.0]), distances([1] * 10, EARLIER)
    assert np.isnan(p_values(found, earlier)).all()


def test_a_day_of_a_quarter_of_the_traffic_may_be_twice_as_far_off() -> None:
    earlier = distances([1] * 10, EARLIER)
    few = distances([1], [0.1])
    few.n[:] = 250
    assert p_values(few, earlier) == pytest.approx(p_values(distances([1], [0.05]), earlier))


def test_false_discoveries_are_held_over_all_tests_of_a_night() -> None:
    """The q-values of 0.01, 0.02, 0.03 and 0.5: 4/1, 4/2, 4/3 and 4/4 of them."""
    q = q_values(np.array([0.03, NAN, 0.01, 0.5, 0.02]))
    assert q == pytest.approx([0.04, NAN, 0.04, 0.5, 0.04], nan_ok=True)


def test_nothing_is_discovered_where_nothing_was_tested() -> None:
    assert np.isnan(q_values(np.array([NAN]))).all()


def test_what_is_too_small_to_matter_is_no_drift_however_sure() -> None:
    q = np.array([0.001, 0.001, 0.001, 0.2, NAN])
    distance = np.array([0.019, 0.021, 0.001, 0.5, 0.5])
    effect = np.array([0.001, NAN, -0.02, 0.5, 0.5])
    assert drifted(q, distance, effect).tolist() == [False, True, True, False, False]


def test_what_counts_is_the_distance_beyond_that_of_earlier_days() -> None:
    """0.05 squared less the mean of 0.03 squared and 0.01 squared: 0.0025 - 0.0005."""
    found, earlier = distances([1, 2], [0.05, 0.3]), distances([1, 1], [0.03, 0.01])
    assert beyond(found, earlier) == pytest.approx([np.sqrt(0.002), 0.3])
