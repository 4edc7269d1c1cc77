"""The page: what the tables say stands on it, and nothing is told of what there is not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from flows.page.published import read_published
from flows.page.sections import page
from flows.page.unusual import read_unusual
from tests.unit.flows.published_nights import (
    alert,
    changed,
    counted,
    decision,
    delay,
    drift,
    estimate,
    incident,
    march,
    publish,
    reliable,
    value,
)

WHOLE: dict[str, list[dict[str, Any]]] = {
    "metric_values": [
        value(14),
        value(15),
        value(15, segment="light", value=0.3125),
        value(14, metric="click_ece", value=0.0125, standard_error=0.002),
        value(14, metric="click_brier", value=0.0375, standard_error=0.001),
        value(10, window="offline", model_tag="popularity"),
    ],
    "delay_curves": [delay(1, 0.9), delay(24, 0.8)],
    "reliability": [reliable(1, 0.1, 0.1), reliable(2, 0.2, 0.3)],
    "label_free_estimates": [estimate(14, 0.05)],
    "decisions": [decision(15)],
    "incidents": [incident(14)],
    "incident_changes": [changed("query=tail", 0.75), changed("query=head", 0.25)],
    "alerts": [alert(14)],
    "drift_values": [drift(15)],
    "drift_distributions": [counted("Tea", 60, 30), counted("Toys", 40, 70)],
}
SECTIONS = {
    "Open incidents": "incidents",
    "tail queries, 75% of the change": "incident_changes",
    "Left its band": "alerts",
    "<h2>Drift</h2>": "drift_values",
    "What drifted in the last week": "drift_distributions",
    "How good the rankings were": "metric_values",
    "ndcg@10 by segment": "metric_values",
    "How fast outcomes come": "delay_curves",
    "What scores promise": "reliability",
    "Estimates before outcomes": "label_free_estimates",
    "All figures of 15 Mar": "metric_values",
    "Segments, offline": "metric_values",
}
PARTS = {  # shown beside what they are a part of
    **dict.fromkeys(("incident_changes", "alerts"), "incidents"),
    "drift_distributions": "drift_values",
}


def _page(folder: Path, tables: dict[str, list[dict[str, Any]]], **changes: Any) -> str:
    found = read_published(publish(folder, **tables), "recommend")
    unusual = read_unusual(folder, "recommend", found.night)
    return page("recommend", "recommend:1", found, unusual, nightly_checks=False)


def _row(said: str, *beginning: str) -> list[str]:
    """The cells of the first row of a table that begins so."""
    for row in re.findall(r"<tr>(.*?)</tr>", said):
        cells = re.findall(r"<td[^>]*>(?:<code>)?([^<]*)", row)
        if tuple(cells[: len(beginning)]) == beginning:
            return cells
    raise AssertionError(f"no row begins with {beginning}")


def test_the_title_says_scenario_and_night(tmp_path: Path) -> None:
    assert "<title>recommend, the night of 15 March 2024" in _page(tmp_path, WHOLE)


def test_each_section_is_on_the_page_where_its_table_is_published(tmp_path: Path) -> None:
    said = _page(tmp_path, WHOLE)
    assert [title for title in SECTIONS if title not in said] == []


@pytest.mark.parametrize("missing", sorted(set(SECTIONS.values())))
def test_a_table_that_is_missing_leaves_its_sections_out(tmp_path: Path, missing: str) -> None:
    said = _page(tmp_path, {name: rows for name, rows in WHOLE.items() if name != missing})
    without = {missing, *(name for name, parent in PARTS.items() if parent == missing)}
    assert [
        title for title, table in SECTIONS.items() if (title in said) == (table in without)
    ] == []


def test_tables_without_rows_leave_their_sections_out(tmp_path: Path) -> None:
    others = {name: [row | {"scenario": "search"} for row in rows] for name, rows in WHOLE.items()}
    said = _page(tmp_path, others)
    assert [title for title in SECTIONS if title in said] == []


def test_a_shop_that_nobody_asked_gets_a_page_that_says_so(tmp_path: Path) -> None:
    found, unusual = read_published(tmp_path, "search"), read_unusual(tmp_path, "search", None)
    said = page("search", None, found, unusual, nightly_checks=False)
    assert "Nobody has asked search yet" in said
    assert "served by <code>nothing yet</code>" in said
    assert "None were taken yet." in said


def test_a_night_in_which_nobody_asked_says_so_and_shows_the_days_before(tmp_path: Path) -> None:
    said = _page(tmp_path, {"metric_values": [value(14)], "decisions": [decision(16)]})
    assert "Nobody asked recommend on 16 Mar." in said
    assert "How good the rankings were" in said


def test_the_figures_of_the_night_are_those_of_the_table(tmp_path: Path) -> None:
    rows = [
        value(15, metric="purchase_share", value=0.0452, standard_error=0.0011, n=4321)
        | {"maturity": 0.625, "corrected": 0.0723, "corrected_error": 0.0041},
        value(15, metric="latency_ms_p99", value=31.25, standard_error=None),
        value(14, metric="mrr"),
    ]
    said = _page(tmp_path, {"metric_values": rows})
    assert _row(said, "purchase_share") == [
        "purchase_share",
        "recommend:1",
        "4.52% ± 0.11%",
        "4,321",
        "62.5%",
        "7.23% ± 0.41%",
    ]
    assert _row(said, "latency_ms_p99")[2] == "31.2 ms"
    assert '<td data-column="Metric">mrr' not in said


def test_segments_say_their_value_and_how_many_they_are_of(tmp_path: Path) -> None:
    said = _page(tmp_path, WHOLE)
    assert "light: 0.3125 ± 0.0100, n 1,234" in said


def test_ece_and_brier_stand_beside_the_reliability_of_their_day(tmp_path: Path) -> None:
    found = _row(_page(tmp_path, WHOLE), "recommend:1")
    assert found == ["recommend:1", "the score", "0.0125 ± 0.0020", "0.0375 ± 0.0010"]


def test_what_earlier_days_promise_of_scores_is_told_from_what_scores_do(tmp_path: Path) -> None:
    rows = [
        value(14, metric=f"{prefix}click_ece", value=ece, model_tag=model)
        for prefix, ece, model in (("", 0.0125, "search:1"), ("calibrated_", 0.0025, "recommend:1"))
    ]
    said = _page(tmp_path, WHOLE | {"metric_values": [value(15), *rows]})
    of_score = ["search:1", "the score", "0.0125 ± 0.0100", "not known"]
    assert _row(said, "search:1", "the score") == of_score
    calibrated = ["recommend:1", "earlier days", "0.0025 ± 0.0100", "not known"]
    assert _row(said, "recommend:1", "earlier days") == calibrated


def test_days_that_still_mature_are_listed_with_what_is_expected_of_them(tmp_path: Path) -> None:
    newest = {"as_of": march(17)}
    young = newest | {"maturity": 0.625, "corrected": 0.0723, "corrected_error": 0.0041}
    unknown = newest | {"maturity": None, "corrected": None, "corrected_error": None}
    rows = [
        value(14) | newest,
        value(15, metric="purchase_share", value=0.0452, standard_error=0.0100) | young,
        value(16, metric="return_share") | unknown,
        value(10, as_of=march(10), maturity=None),
    ]
    _, listed = _page(tmp_path, {"metric_values": rows}).split("Days that still mature")
    assert _row(listed, "2024-03-15")[3:] == ["62.5%", "4.52% ± 1.00%", "7.23% ± 0.41%"]
    assert _row(listed, "2024-03-16", "recommend:1", "return_share")[5] == "not known"
    assert "2024-03-14" not in listed
    assert "2024-03-10" not in listed


def test_where_nothing_matures_no_list_is_shown(tmp_path: Path) -> None:
    assert "still mature" not in _page(tmp_path, {"metric_values": [value(14)]})


def test_judgments_that_nobody_gave_are_named_so(tmp_path: Path) -> None:
    judged = {"scenario": "recommend", "queries": 2000, "pairs": 318_000}
    said = _page(
        tmp_path,
        {
            "metric_values": [value(15, window="offline")],
            "judged_by": [
                judged | {"source": "catalogue", "weak": True},
                judged | {"source": "people", "weak": False, "queries": 3, "pairs": 7},
            ],
        },
    )
    assert "catalogue (derived, not by people; 2,000 queries, 318,000 products" in said
    assert "people (3 queries, 7 products" in said
    assert "seven days" not in said


def test_what_went_to_quarantine_is_counted(tmp_path: Path) -> None:
    row = {"source": "feedback", "table_name": "raw_events", "expectation": "known", "n": 10_300}
    said = _page(tmp_path, {"quarantined": [row]})
    assert _row(said, "raw_events") == ["raw_events", "feedback", "known", "10,300"]


class _Tags(HTMLParser):
    """The tags of a page that are opened and not closed, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)
        if tag in ("link", "img", "script", "iframe", "object"):
            self.loaded.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_nothing_else(tmp_path: Path) -> None:
    tags = _Tags()
    said = _page(tmp_path, WHOLE)
    tags.feed(said)
    assert (tags.open, tags.loaded) == ([], [])
    assert not re.search(r"@import|url\(", said)


def test_names_from_data_are_text(tmp_path: Path) -> None:
    rows = [
        value(14, model_tag="<script>alert(1)</script>", segment=segment)
        for segment in ("all", "brand=<img src=x>")
    ]
    said = _page(tmp_path, {"metric_values": rows, "decisions": [decision(15, reason="<b>why")]})
    assert "<script>" not in said
    assert "<img" not in said
    assert "&lt;b&gt;why" in said
