"""The report: a page a scenario, and the night's figures as artifacts of the run."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from bentos.registry import SCENARIOS
from flows import nightly, report
from flows.policies.retraining import Decision
from flows.settings import Settings
from tests.unit.flows.published_nights import drift, incident, march, publish, value

Made = dict[str, Any]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """What becomes an artifact, by its key."""
    found: Made = {}

    def make(what: Any, key: str, description: str | None = None) -> None:
        found[key] = what

    for kind in ("link", "table", "image"):
        monkeypatch.setattr(report, f"create_{kind}_artifact", make)
    return found


def test_each_scenario_has_a_page_though_nothing_was_published(tmp_path: Path, made: Made) -> None:
    paths = report.write_reports.fn(Settings(home=tmp_path))
    assert [path.name for path in paths] == [f"{name}.html" for name in SCENARIOS]
    assert all(path.read_text().startswith("<!doctype html>") for path in paths)
    assert set(made) == {f"report-{name}" for name in SCENARIOS}


def test_the_nights_figures_are_artifacts_too(tmp_path: Path, made: Made) -> None:
    settings = Settings(home=tmp_path)
    publish(settings.published, metric_values=[value(14), value(15, maturity=0.5, corrected=0.75)])
    report.write_reports.fn(settings)
    assert made["night-recommend"] == [
        {
            "metric": "ndcg@10",
            "model": "recommend:1",
            "value": 0.5,
            "standard_error": 0.01,
            "n": 1234,
            "maturity": 0.5,
            "corrected": 0.75,
            "corrected_error": 0.01,
        }
    ]
    kind, _, image = made["quality-recommend"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert "recommend:1, 14 Mar, 0.5000 ± 0.0100" in base64.b64decode(image).decode()


def test_open_incidents_and_the_map_of_drift_are_artifacts_where_there_are_any(
    tmp_path: Path, made: Made
) -> None:
    settings = Settings(home=tmp_path)
    publish(
        settings.published,
        metric_values=[value(15)],
        incidents=[incident(14), incident(10, "gap", ended_on=march(14), ended_by="b")],
        drift_values=[drift(15)],
    )
    report.write_reports.fn(settings)
    assert made["incidents-recommend"] == [
        {
            "severity": "critical",
            "incident_id": "recommend-20240314-missing-field",
            "cause": "missing_field",
            "first_day": "2024-03-14",
            "sentence": "ctr@10 fell 25.0% since 14 March, where brand went missing",
        }
    ]
    kind, _, image = made["drift-recommend"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert "category, 15 Mar: distance 0.250" in base64.b64decode(image).decode()
    assert not {"incidents-search", "drift-search"} & set(made)


def test_a_night_ends_by_writing_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def note(name: str) -> Decision:
        done.append(name)
        return Decision("hold", "for the test")

    tasks = ("take_in_logs", "publish_state", "measure_traffic", "tell", "decide_retraining")
    for name in (*tasks, "write_reports"):
        monkeypatch.setattr(nightly, name, lambda *_, name=name: note(name))
    nightly.nightly_flow.fn(march(15))
    assert set(done) == {*tasks, "write_reports"}
    assert done.index("write_reports") == len(done) - 1


def test_a_page_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path, made: Made) -> None:
    settings = Settings(home=tmp_path)
    report.write_reports.fn(settings)
    publish(settings.published, metric_values=[value(15, window_start=march(15))])
    report.write_reports.fn(settings)
    assert "15 March 2024" in (settings.reports / "recommend.html").read_text()
    assert len(list(settings.reports.iterdir())) == len(SCENARIOS)
