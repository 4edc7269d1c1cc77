"""What people read of a check."""

from __future__ import annotations

import json
from datetime import datetime
from html.parser import HTMLParser

import pytest

from data_checks import CheckReport, ExpectationResult, report_markdown, report_page
from data_checks.report import Status, percent, sample_text


def _result(
    status: Status,
    name: str,
    n: int = 0,
    samples: tuple[dict[str, object], ...] = (),
) -> ExpectationResult:
    return ExpectationResult(
        name=name,
        expected=f"{name} to hold",
        found=f"{n} of 200 rows" if n else "as expected",
        severity="warning" if status == "warned" else "critical",
        tolerance=0.05,
        n_checked=200,
        n_unexpected=n,
        status=status,
        samples=samples,
        advice="Correct the source.",
    )


def _report(*results: ExpectationResult, n_quarantined: int = 0) -> CheckReport:
    return CheckReport(
        table="raw_events",
        source="shop",
        as_of=datetime.fromisoformat("2024-03-16"),
        batches=None,
        n_rows=200,
        n_quarantined=n_quarantined,
        results=results,
    )


PASSED = _report(
    _result("passed", "a"),
    _result("quarantined", "b", 4, ({"event_id": "e<1>", "user_id": None},)),
    _result("warned", "c", 20),
    n_quarantined=4,
)
STOPPED = _report(_result("quarantined", "b", 4), _result("failed", "d", 50, ({"row": 1},)))


def test_the_outcome_is_one_sentence() -> None:
    assert "Passed: 4 of 200 rows (2%) in quarantine; warnings to look at: 1." in (
        report_markdown(PASSED)
    )
    assert "Passed: all 200 rows accepted." in report_markdown(_report(_result("passed", "a")))
    assert "Stopped: 1 of 2 expectations broken; nothing was quarantined or staged." in (
        report_markdown(STOPPED)
    )


def test_what_needs_a_person_comes_first() -> None:
    rows = [line for line in report_markdown(PASSED).splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| warning", "| quarantined", "| passed"]


def test_a_check_that_stopped_quarantined_nothing_and_says_so() -> None:
    assert "| tolerated | `b`" in report_markdown(STOPPED)
    assert "quarantined</span>" not in report_page([STOPPED])


def test_advice_and_rows_are_given_where_something_failed() -> None:
    text = report_markdown(STOPPED)
    assert text.endswith('## d\n\nCorrect the source.\n\n- `{"row": 1}`\n')


def test_a_pipe_does_not_break_the_table() -> None:
    (row,) = [
        line
        for line in report_markdown(_report(_result("passed", "a|b"))).splitlines()
        if "hold" in line
    ]
    assert row.count("|") == 5


def test_the_page_stands_alone_and_escapes_what_shoppers_typed() -> None:
    page = report_page([PASSED, STOPPED])
    assert "e&lt;1&gt;" in page
    assert "<1>" not in page
    assert "http" not in page
    assert "src=" not in page


def test_the_page_is_well_formed() -> None:
    open_tags: list[str] = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balanced().feed(report_page([PASSED, STOPPED]))
    assert open_tags == []


def test_the_page_shows_first_what_stopped() -> None:
    page = report_page([PASSED, STOPPED])
    assert page.index("1 of 2 expectations broken") < page.index("(2%) in quarantine")


def test_a_page_without_checks_says_so() -> None:
    assert "Nothing has been checked yet." in report_page([])


def test_a_report_is_json() -> None:
    report = json.loads(STOPPED.to_json())
    assert (report["table"], report["as_of"]) == ("raw_events", "2024-03-16T00:00:00")
    assert report["passed"] is False
    assert [result["share"] for result in report["results"]] == [0.02, 0.25]
    assert report["results"][1]["samples"] == [{"row": 1}]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (0.00001, "<0.01%"),
        (0.0029, "0.29%"),
        (0.1, "10%"),
        (0.999, "99.9%"),
        (1, "100%"),
    ],
)
def test_a_share_is_written_as_people_do(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_long_row_is_cut_and_its_empty_columns_left_out() -> None:
    assert sample_text({"a": 1, "b": None}) == '{"a": 1}'
    assert len(sample_text({"a": "x" * 1000})) == 401
