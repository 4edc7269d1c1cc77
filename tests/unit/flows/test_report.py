"""The report's figures: the newest value of each day, and pictures of whatever there is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flows.plots import by_segment, latency_by_day, quality_by_day
from flows.report import _page, daily
from flows.settings import Settings


def _row(day: int, **changes: Any) -> dict[str, Any]:
    return {
        "window": "day",
        "window_start": date(2024, 3, day),
        "as_of": date(2024, 3, day),
        "segment": "all",
        "model_tag": "recommend:1",
        "variant": "champion",
        "metric": "ndcg@10",
        "value": 0.5,
        "standard_error": 0.01,
    } | changes


def test_a_day_that_was_computed_again_counts_as_last_computed() -> None:
    rows = [_row(15, as_of=date(2024, 3, 16), value=0.6), _row(15, value=0.5)]
    assert [row["value"] for row in daily(rows, ["ndcg@10"])] == [0.6]


def test_days_come_in_order_and_only_of_the_metrics_and_traffic_asked_for() -> None:
    rows = [
        _row(16),
        _row(15),
        _row(15, segment="light"),
        _row(15, metric="recall@20"),
        _row(15, window="offline"),
        _row(15, model_tag="recommend:2"),
        _row(15, variant="shadow"),
    ]
    found = [(row["window_start"].day, row["model_tag"]) for row in daily(rows, ["ndcg@10"])]
    assert found == [
        (15, "recommend:1"),
        (15, "recommend:2"),
        (15, "recommend:1 (shadow)"),
        (16, "recommend:1"),
    ]


def _texts(svg: str) -> str:
    """A picture is well-formed; its words can be read and searched."""
    return " ".join(ElementTree.fromstring(svg).itertext())


@pytest.mark.parametrize("error", [0.01, None])
def test_quality_is_drawn_with_or_without_errors(error: float | None) -> None:
    svg = quality_by_day([_row(day, standard_error=error) for day in (15, 16)], "ndcg@10")
    assert "recommend:1" in _texts(svg)
    assert "ndcg@10" in _texts(svg)


def test_latency_is_drawn_by_its_percentiles() -> None:
    rows = [_row(15, metric=f"latency_ms_{p}", value=3.0) for p in ("p50", "p95")]
    assert "p95" in _texts(latency_by_day(rows))


def test_segments_are_drawn_even_where_a_ranker_lacks_one() -> None:
    rows = [_row(15), _row(15, segment="light"), _row(15, model_tag="popularity")]
    said = _texts(by_segment(rows, "ndcg@10"))
    for name in ("all", "light", "recommend:1", "popularity"):
        assert name in said


def _pages_text(tmp_path: Path, rows: list[dict[str, Any]]) -> str:
    return _page(
        Settings(home=tmp_path),
        "recommend",
        metric_values=rows,
        decisions=[],
        rollouts=[],
        judged_by=[],
        quarantined=[],
    )


def test_days_that_still_mature_are_listed_with_what_is_expected_of_them(tmp_path: Path) -> None:
    newest = {"as_of": date(2024, 3, 17)}
    young = newest | {"maturity": 0.625, "corrected": 0.0723, "corrected_error": 0.0041}
    unknown = newest | {"maturity": None, "corrected": None, "corrected_error": None}
    known = newest | {"maturity": 1.0, "corrected": 0.5, "corrected_error": 0.01}
    said = _pages_text(
        tmp_path,
        [
            _row(14) | known,
            _row(15) | young | {"metric": "purchase_share", "value": 0.0452},
            _row(16) | unknown | {"metric": "return_share"},
            _row(10) | unknown | {"as_of": date(2024, 3, 10)},
        ],
    )
    _, listed = said.split("Days that still mature")
    for text in ("2024-03-15", "62.5%", "0.0452 ± 0.0100", "0.0723 ± 0.0041", "return_share"):
        assert text in listed
    assert listed.count("not known") == 2
    assert "2024-03-14" not in listed
    assert "2024-03-10" not in listed


def test_where_nothing_matures_no_list_is_shown(tmp_path: Path) -> None:
    known = {"maturity": 1.0, "corrected": 0.5, "corrected_error": None}
    assert "still mature" not in _pages_text(tmp_path, [_row(14) | known])


def test_what_a_young_day_will_come_to_is_drawn_beside_what_it_is() -> None:
    known = {"maturity": 1.0, "corrected": 0.5, "corrected_error": 0.01}
    young = _row(16) | {"maturity": 0.6, "corrected": 0.7, "corrected_error": None}
    mature, both = (
        quality_by_day([_row(15) | known, row], "ndcg@10") for row in (_row(16) | known, young)
    )
    assert len(both) > len(mature)
    assert "recommend:1" in _texts(both)


def test_judgments_that_nobody_gave_are_named_so(tmp_path: Path) -> None:
    judged = {"scenario": "search", "queries": 2000, "pairs": 318_000}
    offline = _row(15, window="offline", model_tag="search:1")
    said = _page(
        Settings(home=tmp_path),
        "search",
        metric_values=[offline],
        decisions=[],
        rollouts=[],
        judged_by=[
            judged | {"source": "catalogue", "weak": True},
            judged | {"source": "people", "weak": False, "queries": 3, "pairs": 7},
        ],
        quarantined=[],
    )
    assert "catalogue (derived, not by people; 2,000 queries, 318,000 products" in said
    assert "people (3 queries, 7 products" in said
    assert "seven days" not in said
