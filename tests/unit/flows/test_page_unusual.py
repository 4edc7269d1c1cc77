"""What is out of the ordinary, on the page: its order, its pictures, and where it is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flows.page.distributions import bars_of_numbers, distributions, drawn, shares_of_values
from flows.page.heat import heat_map, subjects
from flows.page.unusual import Unusual, read_unusual
from flows.page.waterfall import steps, waterfall
from tests.unit.flows.published_nights import (
    changed,
    counted,
    drift,
    incident,
    march,
    publish,
)


def _titles(svg: str) -> list[str]:
    return [title.text or "" for title in ElementTree.fromstring(svg).findall(".//{*}title")]


def _number(middle: float, n: int, n_reference: int, **changes: Any) -> dict[str, Any]:
    return counted(None, n, n_reference, bin=int(middle * 100), middle=middle, **changes)


def test_open_incidents_come_worst_first_and_those_that_ended_lately_apart(tmp_path: Path) -> None:
    over = {"ended_on": march(14), "ended_by": "its signals were as usual again"}
    rows = [
        incident(12, severity="warning"),
        incident(13, "taste", severity="notice"),
        incident(11, "gap", severity="critical"),
        incident(10, "late", **over),
        incident(10, "bots", **over | {"ended_on": march(14).replace(month=2)}),
        incident(10, "encoding", scenario="search"),
    ]
    found = read_unusual(publish(tmp_path, incidents=rows), "recommend", march(15))
    assert [each.incident["cause"] for each in found.incidents] == ["gap", "missing_field", "taste"]
    assert [row["cause"] for row in found.ended] == ["late"]


def test_before_the_first_night_nothing_is_out_of_the_ordinary(tmp_path: Path) -> None:
    found = read_unusual(tmp_path, "recommend", None)
    assert found == Unusual((), (), (), ())


def test_of_drifts_the_last_four_weeks_are_read(tmp_path: Path) -> None:
    last = march(31)
    publish(tmp_path, drift_values=[drift(3), drift(4), drift(31)])
    found = read_unusual(tmp_path, "recommend", last)
    assert [row["day"] for row in found.drifts] == [march(4), last]


def test_meanings_stand_on_the_map_by_their_mmd(tmp_path: Path) -> None:
    found = {"scenario": "recommend", "model_tag": "m:1", "subject": "product_meaning", "mmd": 0.21}
    rows = [found | {"day": march(n), "drifted": n == 15} for n in (14, 15)]
    publish(tmp_path, drift_values=[drift(15, drifted=False)], embedding_drift_values=rows)
    picture = heat_map(read_unusual(tmp_path, "recommend", march(15)).drifts)
    assert picture is not None
    assert "product_meaning, 15 Mar: distance 0.210, drifted" in _titles(picture)
    assert "product_meaning, 14 Mar: distance 0.210" in _titles(picture)


def test_subjects_are_sorted_by_the_effect_of_what_drifted() -> None:
    rows = [
        drift(14, "hour", effect=-0.5, drifted=False),
        drift(14, "price", effect=0.02),
        drift(15, "price", effect=0.01),
        drift(14, "brand", effect=-0.08),
        drift(14, "catalogue_price", effect=None, jensen_shannon=0.9),
        drift(14, "brand", reference="training", effect=0.01, drifted=False),
        drift(14, "store", reference="training", effect=0.03),
    ]
    assert [subject.name for subject in subjects(rows)] == [
        *("brand", "store, training", "price", "catalogue_price", "hour")
    ]


def test_the_map_marks_what_drifted_and_says_how_far_it_was() -> None:
    rows = [drift(14), drift(15, drifted=False, effect=0.001, jensen_shannon=0.01)]
    svg = heat_map(rows)
    assert svg is not None
    assert len(ElementTree.fromstring(svg).findall(".//{*}circle")) == 1
    assert "category, 14 Mar: distance 0.250, effect -3.1%, drifted" in _titles(svg)
    assert "category, 15 Mar: distance 0.010, effect +0.1%" in _titles(svg)
    assert "-3.1%" in list(ElementTree.fromstring(svg).itertext())


def test_of_several_models_a_day_shows_the_one_that_drifted() -> None:
    rows = [drift(14), drift(14, model_tag="recommend:2", jensen_shannon=0.5, drifted=False)]
    (subject,) = subjects(rows)
    assert subject.days[march(14)]["model_tag"] == "recommend:1"


def test_where_nothing_drifted_there_is_no_map() -> None:
    assert heat_map([drift(14, drifted=False)]) is None
    assert heat_map([]) is None


def test_values_are_shares_the_most_frequent_by_themselves() -> None:
    rows = [counted(f"v{n}", 10 - n, 1) for n in range(9)]
    rows += [counted(None, 31, 0), counted("all others", 15, 1)]
    found = shares_of_values(rows)
    assert list(found) == ["missing", *(f"v{n}" for n in range(7)), "all others"]
    assert found["missing"] == pytest.approx((0.31, 0.0))
    assert found["v0"] == pytest.approx((0.1, 0.1))
    assert found["all others"] == pytest.approx((0.2, 0.3))


def test_few_numbers_stand_each_by_itself_named_by_what_their_bin_begins_with() -> None:
    bars, names = bars_of_numbers([_number(5.03, 30, 10), _number(23.125, 70, 90)])
    assert names == {0.0: "5", 1.0: "23"}
    assert [(bar.now, bar.then) for bar in bars] == [(0.3, 0.1), (0.7, 0.9)]


@pytest.mark.parametrize(("step", "in_logs"), [(1.01, False), (1.2, True)])
def test_many_numbers_are_counted_in_bars_that_add_up(step: float, in_logs: bool) -> None:
    rows = [_number(step**n, n, 50 - n) for n in range(50)]
    bars, names = bars_of_numbers(rows)
    assert len(bars) == 24
    assert sum(bar.now for bar in bars) == pytest.approx(1)
    assert sum(bar.then for bar in bars) == pytest.approx(1)
    widths = [bar.right - bar.left for bar in bars]
    assert widths == pytest.approx([widths[0]] * 24)
    assert (bars[-1].right < 5) == (in_logs or step**49 < 5)
    assert 2 <= len(names) <= 8
    assert all(bars[0].left <= at <= bars[-1].right for at in names)


def test_a_long_tail_stands_in_the_outermost_bar_of_four_decades() -> None:
    rows = [_number(10.0**-n, 10, 10) for n in range(40)]
    bars, _ = bars_of_numbers(rows)
    assert (bars[0].left, bars[-1].right) == pytest.approx((-4, 0))
    assert bars[0].now == pytest.approx(36 / 40)


def test_what_has_no_place_among_numbers_is_in_their_shares_and_in_no_bar() -> None:
    rows = [_number(5.03, 50, 100), counted(None, 50, 0, bin=16320)]
    bars, _ = bars_of_numbers(rows)
    assert [(bar.now, bar.then) for bar in bars] == [(0.5, 1.0)]


def test_a_subject_of_which_all_went_missing_still_has_a_picture() -> None:
    assert "<svg" in drawn([counted(None, 50, 50, bin=16320)])


def test_distributions_are_those_of_the_greatest_effect_first_and_of_weeks_where_known() -> None:
    drifts = [
        drift(15, "price", effect=0.01),
        drift(15, effect=-0.2),
        drift(15, reference="training"),
        drift(14, "store", reference="training", effect=0.1, missing_share=0.5),
    ]
    counts = [
        counted("1", 1, 2, subject="price"),
        counted("Tea", 1, 2),
        counted("Tea", 1, 2, reference="training"),
        counted("s1", 1, 2, day=14, subject="store", reference="training"),
        counted("x", 1, 2, subject="not known any more"),
    ]
    found = distributions(drifts, counts)
    assert [each.subject for each in found] == ["category", "store", "price"]
    assert found[1].says == (
        "14 Mar, effect +10.0%, missing 50%, before 0%, against the training window, recommend:1"
    )


def test_the_steps_of_a_waterfall_add_up_to_the_change() -> None:
    parts = [changed(f"store={n}", 0.1) for n in range(10)]
    found = steps(parts)
    assert [step.name for step in found][-1] == "3 more together"
    assert len(found) == 8
    assert sum(step.mix + step.rate for step in found) == pytest.approx(0.03 - 0.04)
    assert found[0].mix == pytest.approx(-0.01 * 0.1 * 0.2)


def test_a_waterfall_names_both_ends_and_each_segment() -> None:
    parts = [changed("query=tail", 0.75), changed("query=head", 0.25)]
    svg = waterfall(parts)
    assert svg is not None
    texts = list(ElementTree.fromstring(svg).itertext())
    assert {"before", "tail queries", "head queries", "now", "75%", "25%"} <= set(texts)
    assert "tail queries, 75% of the change: -0.60% rate" in texts
    assert waterfall([]) is None


def test_segments_that_cross_are_named_with_what_is_left_of_them() -> None:
    crossed = [
        changed("", 0.5, segments=["query=tail", "category=Tea"]),
        changed("", 0.3, segments=["query=tail"]),
        changed("", 0.2, segments=[]),
    ]
    assert [step.name for step in steps(crossed)] == [
        *("tail queries in Tea", "tail queries, all others", "all others")
    ]
