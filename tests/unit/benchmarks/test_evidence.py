"""Enough evidence: by hand, against simulated tests, and of each fault's quantity."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import norm

from tests.benchmarks.incidents.evidence import (
    LEVEL,
    POWER,
    QUANTITIES,
    Told,
    first_night,
    measured,
)
from tests.benchmarks.incidents.faults import FAULTS, Injected
from tests.unit.warehouse.conftest import memory_warehouse

MONDAY = date(2024, 3, 4)
NEXT_MONDAY = MONDAY + timedelta(weeks=1)


def days(*values: float, error: float = 0.0, after: int = 0) -> dict[date, Told]:
    """Values of days that follow each other."""
    return {
        MONDAY + timedelta(days=after + n): Told(value, error) for n, value in enumerate(values)
    }


def usual(deviation: float, weeks: int = 9) -> dict[date, Told]:
    """Mondays are one higher than tuesdays, and so on; two in three days lie off by a deviation."""
    signs = np.resize([1.0, -1.0, 0.0], weeks)
    values = (signs[:, None] * deviation + np.arange(7)[::-1]).ravel()
    return days(*values.tolist())


def test_weekdays_are_no_chance() -> None:
    """Days like the same weekday of all other weeks: any difference is enough."""
    clean = usual(deviation=0.0)
    assert first_night(clean, days(6.001, after=7), NEXT_MONDAY, direction=1) == 1


def test_the_first_night_is_worked_out_by_hand() -> None:
    """Nine weeks, two in three one off: a variance of 42 / 56; enough are 3.608 deviations.

    After n nights of a difference of 1.5 it is 1.5 n / sqrt(0.75 n): 3.464 after four, 3.873 then.
    """
    clean = usual(deviation=1.0)
    of_night = [clean[MONDAY + timedelta(days=n)].value + 1.5 for n in range(7)]
    assert first_night(clean, days(*of_night), MONDAY, direction=1) == 5
    assert first_night(clean, days(*of_night[:4]), MONDAY, direction=1) is None


def test_a_difference_in_the_other_direction_is_no_evidence() -> None:
    clean = usual(deviation=0.1)
    assert first_night(clean, days(9.0, after=7), NEXT_MONDAY, direction=-1) is None
    assert first_night(clean, days(-9.0, after=7), NEXT_MONDAY, direction=-1) == 1


def test_a_day_of_few_rows_tells_less() -> None:
    clean = usual(deviation=0.1)
    assert first_night(clean, days(7.0, after=7), NEXT_MONDAY, direction=1) == 1
    assert first_night(clean, days(7.0, error=1.0, after=7), NEXT_MONDAY, direction=1) is None


def test_nights_without_the_quantity_tell_nothing_and_count() -> None:
    clean = usual(deviation=0.1)
    third = days(clean[MONDAY + timedelta(days=9)].value + 5, after=9)
    assert first_night(clean, third, NEXT_MONDAY, direction=1) == 3
    assert first_night(clean, {}, MONDAY, direction=1) is None
    assert first_night({}, third, NEXT_MONDAY, direction=1) is None


def test_a_test_that_is_told_has_that_power_on_that_night() -> None:
    """Of 20,000 such faults the test finds nine in ten, and of none one in a hundred."""
    rng = np.random.default_rng(5)
    needed = float(norm.ppf(1 - LEVEL) + norm.ppf(POWER))
    for nights in (1, 4):
        effect = needed / np.sqrt(nights)
        statistic = (effect + rng.standard_normal((20_000, nights))).sum(axis=1) / np.sqrt(nights)
        found = (statistic > norm.ppf(1 - LEVEL)).mean()
        assert found == pytest.approx(POWER, abs=0.01)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_each_quantity_can_be_asked_of_an_empty_warehouse(fault: object) -> None:
    """Counts are 0, means are not known."""
    connection = memory_warehouse()
    injected = Injected(fault, "strong", MONDAY)  # type: ignore[arg-type]
    found = measured(connection, injected, "recommend", [MONDAY])
    assert {told.value for told in found.values()} <= {0.0}


def test_every_quantity_is_some_faults_evidence() -> None:
    files = {path.stem for path in QUANTITIES.glob("*.sql")}
    assert files == {fault.evidence for fault in FAULTS.values()} | {"macros"}


def test_quantities_carry_the_error_of_their_rows() -> None:
    """Of four prices, one missing: a share of a quarter, known but for one row in four."""
    connection = memory_warehouse()
    connection.executemany(
        "insert into stg_products (product_id, text, price, recommendable, attributes) "
        "values (?, '', ?, true, map {})",
        [("a", 1.0), ("b", 2.0), ("c", None), ("d", 4.0)],
    )
    injected = Injected(FAULTS["feed without prices"], "weak", MONDAY)
    assert measured(connection, injected, "search", [MONDAY]) == {MONDAY: Told(0.25, 0.25)}
    connection.executemany(
        "insert into stg_events (event_id, event_type, occurred_at, logged_at, product_id, price, "
        "source) values (?, 'purchase', ?, ?, 'a', ?, 'shop')",
        [(str(n), MONDAY, MONDAY, price) for n, price in enumerate([1.0, None, None, 3.0])],
    )
    lost = measured(
        connection, Injected(FAULTS["orders without prices"], "weak", MONDAY), "shop", [MONDAY]
    )
    assert lost[MONDAY].value == 0.5
    assert lost[MONDAY].standard_error == pytest.approx(np.std([0, 1, 1, 0], ddof=1) / 2)
    came = measured(connection, Injected(FAULTS["closed"], "weak", MONDAY), "shop", [MONDAY])
    assert came == {MONDAY: Told(2.0, 0.5)}
