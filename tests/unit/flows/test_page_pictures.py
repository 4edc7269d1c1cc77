"""The page's pictures: what stands where is what the rows say."""

from __future__ import annotations

from datetime import date
from math import sqrt
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.page.by_day import GROUPS, panels, points
from flows.page.by_segment import offline
from flows.page.curves import arrivals, arriving, reliability
from flows.page.estimates import estimated
from flows.page.picture import Picture, named_days, round_numbers
from tests.unit.flows.published_nights import delay, estimate, reliable, value

QUALITY = GROUPS[0]
COLOURS = {"recommend:1": "#123456", "recommend:2": "#abcdef"}


def _parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def _texts(svg: str) -> list[str]:
    return list(_parsed(svg).itertext())


def test_values_stand_where_the_scales_put_them() -> None:
    picture = Picture((120, 70), (10, 10, 10, 10), x=(0, 10), y=(0, 1))
    picture.dot(5, 0.25, "red", "a quarter")
    (dot,) = _parsed(picture.svg()).findall(".//{*}circle")
    assert (dot.get("cx"), dot.get("cy")) == ("50.0", "37.5")
    assert _texts(picture.svg()) == ["a quarter"]


def test_names_are_text_and_nothing_else() -> None:
    picture = Picture((120, 70), (10, 10, 10, 10), x=(0, 10), y=(0, 1))
    picture.name_y({0.5: "<b>Fish & chips"})
    assert _texts(picture.svg()) == ["<b>Fish & chips"]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 5, [0, 0.25, 0.5, 0.75, 1]),
        (0, 0.043, 4, [0, 0.02, 0.04]),
        (10.8, 11.6, 4, [11, 11.25, 11.5]),
        (0, 23_000, 4, [0, 10_000, 20_000]),
    ],
)
def test_round_numbers_stand_beside_an_axis(
    low: float, high: float, most: int, expected: list[float]
) -> None:
    assert round_numbers(low, high, most) == pytest.approx(expected)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(3, 8))
def test_round_numbers_are_between_the_ends_and_not_too_many(
    low: float, span: float, most: int
) -> None:
    found = round_numbers(low, low + span, most)
    assert 1 <= len(found) <= most
    assert all(low - 1e-3 * span <= at <= low + 1.001 * span for at in found)


def test_the_last_day_is_named_and_others_at_even_distances() -> None:
    named = named_days(date(2024, 3, 1), date(2024, 3, 28), most=4)
    assert list(named.values()) == ["28 Mar", "21 Mar", "14 Mar", "7 Mar"]
    assert list(named_days(date(2024, 3, 1), date(2024, 3, 1), 4).values()) == ["1 Mar"]


def test_a_day_that_can_be_judged_counts_as_it_is() -> None:
    row = value(15, value=0.2, maturity=0.96, corrected=0.3)
    (point,) = points([row], "ndcg@10")["recommend:1", "champion"]
    assert (point.value, point.young, point.so_far) == (0.2, False, None)


def test_a_young_day_counts_as_what_it_is_expected_to_come_to() -> None:
    row = value(15, value=0.2, maturity=0.6, corrected=0.3, corrected_error=0.02)
    (point,) = points([row], "ndcg@10")["recommend:1", "champion"]
    assert (point.value, point.error, point.young, point.so_far) == (0.3, 0.02, True, 0.2)
    assert "expected 0.3000 ± 0.0200" in point.says
    assert "so far 0.2000" in point.says_so_far


def test_a_young_day_of_which_nobody_knows_more_counts_as_it_is_so_far() -> None:
    row = value(15, value=0.2, maturity=None, corrected=None, corrected_error=None)
    (point,) = points([row], "ndcg@10")["recommend:1", "champion"]
    assert (point.value, point.young, point.so_far) == (0.2, True, None)


def test_a_panel_has_a_dot_for_each_day_of_each_model_and_hollow_ones_for_young_days() -> None:
    other = {"model_tag": "recommend:2", "variant": "challenger"}
    rows = [
        value(14),
        value(15),
        value(16, maturity=0.5),
        value(16, maturity=0.5, standard_error=None, corrected_error=None) | other,
    ]
    (panel,) = panels(rows, QUALITY, COLOURS)
    dots = [d for d in _parsed(panel.svg).findall(".//{*}circle") if d.get("r") != "1"]
    assert sorted((d.get("stroke"), d.get("fill") == d.get("stroke")) for d in dots) == [
        ("#123456", False),
        ("#123456", True),
        ("#123456", True),
        ("#abcdef", False),
    ]


def test_a_panel_says_the_champions_last_value_that_can_be_judged() -> None:
    rows = [
        value(14, value=0.25, standard_error=0.0125),
        value(14, value=0.5, model_tag="recommend:2", variant="challenger"),
        value(15, maturity=0.5),
    ]
    (panel,) = panels(rows, QUALITY, COLOURS)
    assert panel.latest == "0.2500 ± 0.0125, 14 Mar"


def test_metrics_without_values_have_no_panel() -> None:
    rows = [value(15, metric="mrr"), value(15, metric="of_tomorrow")]
    assert [panel.metric for panel in panels(rows, QUALITY, COLOURS)] == ["mrr"]


@pytest.mark.parametrize("share", [0.0, 1e-9, 1.0])
def test_a_metric_that_never_changes_is_drawn(share: float) -> None:
    rows = [value(d, metric="mrr", value=share, standard_error=0.0) for d in (14, 15)]
    assert panels(rows, QUALITY, COLOURS)


def test_shares_of_what_comes_are_those_of_the_delay_curve() -> None:
    # A fifth clicks in the end: half of that within the first hour, all of it within a day.
    (arrival,) = arrivals([delay(1, 0.9, variance=1e-4), delay(24, 0.8, variance=3e-4)])
    before, after = arrival.ages < 3600, (arrival.ages > 3600) & (arrival.ages < 86_400)
    assert set(arrival.share[before]) == {0}
    assert arrival.share[after] == pytest.approx(0.5)
    # Relative variance of (1 - S) / (1 - S'): (.9/.1)^2 V + (.8/.2)^2 V' - 2 (.9/.1)(.8/.2) V
    relative = sqrt(81e-4 + 16 * 3e-4 - 2 * 36e-4)
    assert arrival.error[after] == pytest.approx(0.5 * relative)
    assert (arrival.share[-1], arrival.error[-1]) == (1, 0)


def test_what_comes_faster_comes_first_and_what_never_came_is_left_out() -> None:
    rows = [
        *(delay(hours, survival, "return") for hours, survival in ((300, 0.99), (672, 0.98))),
        *(delay(hours, survival, "click") for hours, survival in ((0.1, 0.7), (24, 0.6))),
        delay(24, 1.0, "impression", n_events=0, variance=None),
    ]
    found = arrivals(rows)
    assert [arrival.event_type for arrival in found] == ["click", "return"]
    said = _texts(arriving(found))
    assert "return: of what comes within 28 days" in said
    assert "click: of what comes within 24 hours" in said


def test_an_event_that_was_only_ever_seen_within_seconds_is_drawn() -> None:
    found = arrivals([delay(0.01, 0.9)])
    assert np.isfinite(found[0].share).all()
    assert _texts(arriving(found))


def test_what_scores_promised_stands_against_what_came() -> None:
    rows = [reliable(2, 0.2, 0.4, n=300), reliable(1, 0.1, 0.1)]
    svg = reliability(rows, COLOURS)
    assert svg is not None
    assert "recommend:1, promised 0.2000, came 0.4000 ± 0.0100, n 300" in _texts(svg)
    low, high = (
        [float(dot.get(axis) or "nan") for axis in ("cx", "cy")]
        for dot in _parsed(svg).findall(".//{*}circle")
    )
    plane = 400 - 24 - 38  # pixels, and the scale ends at 1.08 * 0.4
    assert high[1] - low[1] == pytest.approx(-0.3 / 0.432 * plane, abs=0.1)


def test_scores_that_are_no_probabilities_have_no_reliability() -> None:
    assert reliability([reliable(1, 0.1, 0.1), reliable(2, 1.7, 0.3)], COLOURS) is None


def test_scores_that_earlier_days_calibrate_are_drawn_as_these_promise() -> None:
    logits = [reliable(1, -3.5, 0.1, calibrated=0.1), reliable(2, 1.7, 0.3, calibrated=0.2)]
    svg = reliability(logits, COLOURS)
    assert svg is not None
    assert "recommend:1, calibrated to 0.2000, came 0.3000 ± 0.0100, n 500" in _texts(svg)
    drawn = [
        [float(dot.get(axis) or "nan") for axis in ("cx", "cy")]
        for dot in _parsed(svg).findall(".//{*}circle")
    ]
    as_probabilities = reliability([reliable(1, 0.1, 0.1), reliable(2, 0.2, 0.3)], COLOURS)
    assert as_probabilities is not None
    assert drawn == [
        [float(dot.get(axis) or "nan") for axis in ("cx", "cy")]
        for dot in _parsed(as_probabilities).findall(".//{*}circle")
    ]


def test_estimates_say_how_often_what_came_lay_within_and_how_wide_they_are() -> None:
    rows = [estimate(12, 0.05), estimate(13, 0.06), estimate(14, 0.07), estimate(15, None)]
    (found,) = estimated(rows)
    assert "within the interval 2 of 3 times (67%)" in found.says
    assert "2.00% wide in the mean, 33% of what came" in found.says
    dots = list(_parsed(found.svg).findall(".//{*}circle"))
    assert [dot.get("fill") == dot.get("stroke") for dot in dots] == [True, True, False]


def test_estimates_of_which_nothing_came_yet_say_so() -> None:
    (found,) = estimated([estimate(15, None)])
    assert "Of no day it is known yet what came" in found.says


def test_estimates_of_metrics_and_variants_stand_by_themselves_the_champions_first() -> None:
    shadow: dict[str, Any] = {"variant": "challenger"}
    rows = [
        estimate(15, 0.05) | shadow,
        estimate(15, 0.2, metric="ndcg@10"),
        estimate(15, 0.05, model_tag="recommend:2"),
        estimate(14, 0.05),
    ]
    assert [(each.metric, each.variant) for each in estimated(rows)] == [
        ("ctr@10", "champion"),
        ("ndcg@10", "champion"),
        ("ctr@10", "challenger"),
    ]


def test_segments_are_drawn_even_where_a_ranker_lacks_one() -> None:
    rows = [value(15), value(15, segment="light"), value(15, model_tag="popularity")]
    said = _texts(offline(rows, "ndcg@10"))
    for name in ("all", "light", "recommend:1", "popularity"):
        assert name in said
