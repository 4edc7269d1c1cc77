"""What a page reads of the published tables: the newest of everything, and nothing unripe."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from flows.page.by_segment import kinds
from flows.page.colours import PALETTE, colours
from flows.page.published import Published, read_published
from tests.unit.flows.published_nights import decision, delay, estimate, march, publish, value
from warehouse.connection import declare_tables
from warehouse.publish import publish as publish_marts


def _read(folder: Path, **tables: list[dict[str, Any]]) -> Published:
    return read_published(publish(folder, **tables), "recommend")


def test_a_day_that_was_computed_again_counts_as_last_computed(tmp_path: Path) -> None:
    found = _read(
        tmp_path, metric_values=[value(15, as_of=march(16), value=0.6), value(15, value=0.5)]
    )
    assert [row["value"] for row in found.days] == [0.6]
    assert found.night == march(16)


def test_days_come_in_order_and_only_of_the_scenario_and_of_all_its_traffic(
    tmp_path: Path,
) -> None:
    found = _read(
        tmp_path,
        metric_values=[
            value(16),
            value(15),
            value(15, segment="light"),
            value(11, window="week"),
            value(10, window="offline"),
            value(15, model_tag="recommend:2"),
            value(15, variant="shadow"),
            value(15, scenario="search"),
        ],
    )
    assert [(r["window_start"].day, r["model_tag"], r["variant"]) for r in found.days] == [
        (15, "recommend:1", "champion"),
        (15, "recommend:1", "shadow"),
        (15, "recommend:2", "champion"),
        (16, "recommend:1", "champion"),
    ]
    assert [row["window_start"].day for row in found.offline] == [10]


def test_a_page_looks_back_eight_weeks(tmp_path: Path) -> None:
    first, last = march(31) - timedelta(days=56), march(31) - timedelta(days=55)
    found = _read(
        tmp_path,
        metric_values=[value(31), value(1, window_start=first), value(1, window_start=last)],
    )
    assert [row["window_start"] for row in found.days] == [last, march(31)]


def test_what_is_no_number_is_left_out(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        metric_values=[value(14), value(15, value=None), value(16, value=float("nan"))],
    )
    assert [row["window_start"].day for row in found.days] == [14]


def test_a_night_of_which_only_a_decision_is_known_is_the_last_one(tmp_path: Path) -> None:
    found = _read(tmp_path, metric_values=[value(15)], decisions=[decision(17), decision(16)])
    assert found.night == march(17)
    assert [row["as_of"].day for row in found.decisions] == [16, 17]


def _parts(found: Published) -> list[tuple[str, str, int]]:
    (segments,) = found.segments
    return [(row["segment"], row["window"], row["window_start"].day) for row in segments.parts]


def test_segments_are_of_the_last_week_that_is_over_and_mature(tmp_path: Path) -> None:
    whole, light = {"segment": "all"}, {"segment": "light"}
    weeks = [
        value(day, window="week", as_of=march(30), maturity=maturity) | segment
        for day, maturity in ((4, 1.0), (11, 0.95), (18, 0.94), (25, 1.0))
        for segment in (whole, light)
    ]
    days = [value(20), value(20, segment="light")]
    assert _parts(_read(tmp_path, metric_values=weeks + days)) == [("light", "week", 11)]


def test_segments_are_of_a_day_where_no_week_has_matured(tmp_path: Path) -> None:
    rows = [
        value(day, window=window, maturity=maturity, segment=segment)
        for day, window, maturity in ((11, "week", 0.5), (13, "day", 1.0), (14, "day", 0.5))
        for segment in ("all", "light")
    ]
    assert _parts(_read(tmp_path, metric_values=rows)) == [("light", "day", 13)]


def test_segments_are_of_the_champion_that_most_were_answered_by(tmp_path: Path) -> None:
    rows = [
        value(15, model_tag=model, variant=variant, n=n, segment=segment)
        for model, variant, n in (("a", "champion", 5), ("b", "champion", 9), ("c", "shadow", 99))
        for segment in ("all", "light")
    ]
    (segments,) = _read(tmp_path, metric_values=rows).segments
    assert {row["model_tag"] for row in (segments.whole, *segments.parts)} == {"b"}


def test_of_segments_an_order_is_kept_and_others_are_sorted_by_their_value(
    tmp_path: Path,
) -> None:
    values = {
        "heavy": 0.9,
        "light": 0.1,
        "medium": 0.5,
        "hour=07": 0.1,
        "hour=20": 0.9,
        "hour=12": 0.5,
        "brand=a": 0.1,
        "brand=b": 0.7,
        "informative": 0.3,
        "all": 0.5,
    }
    rows = [value(15, segment=segment, value=share) for segment, share in values.items()]
    (segments,) = _read(tmp_path, metric_values=rows).segments
    assert {kind.name: [row["segment"] for row in kind.rows] for kind in kinds(segments)} == {
        "users": ["light", "medium", "heavy"],
        "hours (UTC)": ["hour=07", "hour=12", "hour=20"],
        "brands": ["brand=b", "brand=a"],
        "others": ["informative"],
    }


def test_delays_are_those_learnt_last(tmp_path: Path) -> None:
    found = _read(tmp_path, delay_curves=[delay(1, 0.9, as_of=march(14)), delay(1, 0.8)])
    assert [row["survival"] for row in found.delay_curves] == [0.8]


def test_estimates_are_those_of_the_first_night_that_made_one_of_a_day(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        label_free_estimates=[
            estimate(15, 0.05, as_of=march(16), value=0.051),
            estimate(15, 0.05, value=0.06),
            estimate(14, 0.05),
        ],
    )
    assert [(row["day"].day, row["value"]) for row in found.estimates] == [(14, 0.05), (15, 0.06)]


def test_what_was_never_published_is_empty(tmp_path: Path) -> None:
    found = read_published(tmp_path / "nowhere", "recommend")
    assert found.night is None
    assert not any((found.days, found.segments, found.delay_curves, found.reliability))


def test_what_a_warehouse_without_rows_publishes_can_be_read(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        declare_tables(connection)
        publish_marts(connection, tmp_path)
    assert read_published(tmp_path, "recommend").night is None


def test_the_champion_of_today_has_the_first_colour_and_a_model_keeps_its_own() -> None:
    rows = [
        value(10, model_tag="old"),
        value(14, model_tag="now", variant="challenger"),
        value(15, model_tag="new", variant="challenger"),
        value(15, model_tag="now"),
    ]
    assert colours(rows) == {"now": PALETTE[0], "new": PALETTE[1], "old": PALETTE[2]}


def test_models_that_served_long_ago_share_a_colour() -> None:
    found = colours([value(day, model_tag=f"m{day}") for day in range(1, 11)])
    assert [found[f"m{day}"] for day in range(10, 4, -1)] == list(PALETTE)
    assert len({found[f"m{day}"] for day in range(1, 5)} - set(PALETTE)) == 1
