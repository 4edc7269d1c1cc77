"""Which series a night judges, and what is an alert, on metrics of simulated days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from warehouse.alerts import FALSE_NIGHTS, false_discovery_cut, judge_series
from warehouse.bands import LEAST_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.warehouse.conftest import Rows, Shop

FIRST = date(2024, 1, 1)
N = 10_000
CTR = "ctr@10"


class Days:
    """Metrics of days as nights store them: a click rate of a tenth, and whatever tests add."""

    def __init__(self, shop: Shop, seed: int = 1) -> None:
        self.shop = shop
        self.rng = np.random.default_rng(seed)
        self.last = FIRST - timedelta(days=1)

    def night(self, *rows: dict[str, Any], share: float = 0.1, requests: int | None = N) -> int:
        """Stores and judges the next day."""
        self.last += timedelta(days=1)
        if requests is not None:
            came = int(self.rng.poisson(requests))
            self.measure("requests", float(came), n=came, standard_error=None)
            self.measure(CTR, self.rng.binomial(N, share) / N)
        for row in rows:
            self.measure(**row)
        return judge_series(self.shop.connection, "search", self.last)

    def nights(self, n: int, **of_each: Any) -> list[int]:
        return [self.night(**of_each) for _ in range(n)]

    def measure(self, metric: str, value: float, **other: Any) -> None:
        measured = {
            "scenario": "search",
            "metric": metric,
            "window": "day",
            "window_start": self.last,
            "segment": "all",
            "model_tag": "search:a",
            "variant": "champion",
            "as_of": self.last,
            "value": value,
            "standard_error": 0.003,
            "n": N,
            "maturity": 1.0,
            "corrected": value,
            "corrected_error": 0.003,
        }
        self.shop.add("metric_values", measured | other)

    def alerts(self, metric: str = CTR) -> Rows:
        """Days since the first, and directions."""
        found = self.shop.connection.execute(
            "select day - $1::date, direction from alerts "
            "where metric = $2 and direction is not null order by all",
            [FIRST, metric],
        )
        return found.fetchall()

    def judged(self, columns: str = "*") -> Rows:
        return self.shop.rows("alerts", columns)


@pytest.fixture
def days(shop: Shop) -> Iterator[Days]:
    return Days(shop)


def test_of_few_p_values_the_cut_is_worked_by_hand() -> None:
    """Steps of 0.05: 0.01, 0.02, 0.03, 0.04, 0.05; the third smallest is the last below its own."""
    assert false_discovery_cut([0.9, 0.012, 0.001, 0.029, 0.2], 0.05) == pytest.approx(0.03)
    assert false_discovery_cut([0.9, 0.8], 0.05) == pytest.approx(0.025)
    assert false_discovery_cut([], 0.05) == 0.05


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        chances = np.concatenate([rng.random(30), rng.random(8) * rng.choice([1e-4, 0.01, 0.1])])
        found = chances <= false_discovery_cut(chances.tolist(), 0.1)
        assert (found == (false_discovery_control(chances) <= 0.1)).all()


def test_a_metric_that_falls_is_an_alert_and_others_are_none(days: Days) -> None:
    days.nights(40)
    assert days.night(share=0.08) == 1
    assert days.alerts() == [(40, "down")]
    assert days.alerts("requests") == []
    ((value, low, expected, high),) = days.shop.connection.execute(
        "select value, low, expected, high from alerts where direction = 'down'"
    ).fetchall()
    assert value < low < expected < high
    assert expected == pytest.approx(0.1, abs=0.003)


def test_before_four_weeks_nothing_is_expected(days: Days) -> None:
    assert days.nights(LEAST_DAYS) == [0] * LEAST_DAYS
    assert {expected for (expected,) in days.judged("expected")} == {None}
    days.night()
    assert None not in {expected for (_, expected) in days.judged("day, expected")[-2:]}


def test_a_day_that_nobody_asked_on_is_an_alert(days: Days) -> None:
    days.nights(40)
    assert days.night(requests=None) == 1
    assert days.alerts("requests") == [(40, "down")]


def test_where_nobody_ever_asked_nothing_is_judged(days: Days) -> None:
    days.nights(3, requests=None)
    assert days.judged() == []


def test_a_night_again_leaves_the_same_rows(days: Days) -> None:
    days.nights(45)
    days.night(share=0.07)
    before = days.judged()
    for n in (45, 30, 44, 45):
        judge_series(days.shop.connection, "search", FIRST + timedelta(days=n))
    assert days.judged() == before


def test_the_series_goes_on_with_another_model(days: Days) -> None:
    """Of a challenger, and of the champion that answered less on the day of the change, nothing."""
    days.nights(39)
    days.night(
        {"metric": CTR, "value": 0.5, "model_tag": "search:b", "n": 500},
        {"metric": CTR, "value": 0.9, "variant": "challenger", "n": 2 * N},
    )
    assert days.alerts() == []
    days.last += timedelta(days=1)
    days.measure(CTR, 0.07, model_tag="search:b")
    days.measure("requests", float(N), n=N)
    assert judge_series(days.shop.connection, "search", days.last) == 1
    assert days.judged("day, model_tag, direction")[-2:] == [
        (days.last, "all", None),
        (days.last, "search:b", "down"),
    ]


def test_a_day_is_judged_on_the_first_night_that_it_is_mature(days: Days) -> None:
    days.nights(2)
    young = {"metric": "ndcg@10", "value": 0.2}
    days.night(young | {"maturity": 0.9, "corrected": 0.22})
    again = {"window_start": days.last}
    days.night(young | again | {"maturity": 0.96, "corrected": 0.21})
    days.night(young | again | {"maturity": 1.0, "corrected": 0.205})
    of_metric = [row for row in days.judged('metric, "day", as_of, value') if row[0] == "ndcg@10"]
    assert of_metric == [
        ("ndcg@10", FIRST + timedelta(days=2), FIRST + timedelta(days=3), 0.21),
    ]


def test_of_few_answers_no_value_is_judged(days: Days) -> None:
    days.night({"metric": "ndcg@10", "value": 0.2, "n": 99})
    assert {metric for (metric,) in days.judged("metric")} == {CTR, "requests"}


def test_segments_are_the_largest_of_core_metrics(days: Days) -> None:
    segments = {f"category=c{n}": 1000 + n for n in range(20)} | {"hour=14": N}
    days.night(
        *({"metric": CTR, "value": 0.1, "segment": s, "n": n} for s, n in segments.items()),
        {"metric": "novelty@10", "value": 9.0, "segment": "query=head"},
        {"metric": "cold_ms_p95", "value": 9.0},
        {"metric": "queue_ms_p50", "value": 9.0},
        {"metric": "calibrated_click_ece", "value": 9.0},
    )
    expected = {("all", CTR), ("all", "requests")}
    expected |= {(f"category=c{n}", CTR) for n in range(5, 20)}
    assert set(days.judged("segment, metric")) == expected


def test_days_of_before_there_were_alerts_count_as_history(days: Days) -> None:
    for _ in range(40):
        days.last += timedelta(days=1)
        days.measure(CTR, days.rng.binomial(N, 0.1) / N)
    days.night()
    assert len(days.judged()) == 42
    assert days.night(share=0.08) == 1


def test_what_one_night_cannot_tell_two_can(days: Days) -> None:
    """A fall of 4.2 standard deviations of a day's sample: a night in two misses it."""
    missed, two = 0, 0
    for seed in range(6):
        world = Days(days.shop, seed)
        world.shop.connection.execute("delete from metric_values; delete from alerts")
        world.nights(50)
        world.nights(2, share=0.1 - 4.2 * 0.003)
        alerts = [day for day, _ in world.alerts() if day >= 50]
        missed += 50 not in alerts
        two += bool(alerts)
    assert missed > 0
    assert two >= 5


def test_an_incident_leaves_no_trace_and_its_end_is_no_alert(days: Days) -> None:
    days.nights(60)
    days.nights(6, share=0.05)
    days.nights(30)
    assert days.alerts() == [(60 + n, "down") for n in range(6)]


def test_what_stays_is_expected_at_last(days: Days) -> None:
    days.nights(60)
    days.nights(70, share=0.08)
    alerts = days.alerts()
    assert alerts[:14] == [(60 + n, "down") for n in range(14)]
    assert max(day for day, _ in alerts) < 60 + 35


def test_without_a_fault_a_night_in_two_months_has_an_alert(days: Days) -> None:
    """Six metrics over 100 nights: 1.7 of them are expected to have one, 7 or more once in 500."""
    others = [{"metric": f"metric {n}", "value": 0.0} for n in range(4)]
    nights = []
    for _ in range(100 + LEAST_DAYS):
        for metric in others:
            metric["value"] = metric["corrected"] = 50 * float(np.exp(days.rng.normal(0, 0.03)))
        nights.append(days.night(*others))
    assert sum(alerts > 0 for alerts in nights) < 7
    assert FALSE_NIGHTS * 30 == 0.5
