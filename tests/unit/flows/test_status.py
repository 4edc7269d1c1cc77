"""The status and what is printed of it: from published files only, whatever there is of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bentos.registry import SCENARIOS
from bentos.serving.rollout import Beside, RolloutRecord, write_rollout
from flows.console import print_evaluation, print_places, print_status
from flows.settings import Settings
from flows.status import Status, status
from flows.supervisor import Program


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", source="complete_journey", source_path=None)


def _metric(as_of: int, **changes: Any) -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "window": "day",
        "window_start": date(2024, 3, as_of),
        "as_of": date(2024, 3, as_of),
        "model_tag": "recommend:1",
        "variant": "champion",
        "segment": "all",
        "metric": "ndcg@10",
        "value": 0.25,
        "standard_error": None,
        "n": 1234,
    } | changes


def _decision(as_of: int, kind: str = "retrain") -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "kind": kind,
        "as_of": date(2024, 3, as_of),
        "action": "hold",
        "reason": f"of day {as_of}",
        "evidence": "{}",
    }


def _publish(settings: Settings, table: str, *rows: dict[str, Any]) -> None:
    settings.published.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows)), settings.published / f"{table}.parquet")


def _promote(settings: Settings, beside: Beside | None = None) -> None:
    record = RolloutRecord(
        scenario="recommend",
        version=1,
        champion="recommend:1",
        beside=beside,
        bento_tag="b:1",
        reason="why",
    )
    write_rollout(settings.home / "rollouts", record)


def test_without_a_home_nothing_runs_nothing_serves_and_nothing_is_made(
    settings: Settings,
) -> None:
    found = status(settings)
    assert (found.programs, found.last_night, found.last_decisions) == ([], [], [])
    assert found.champions == dict.fromkeys(SCENARIOS, None)
    assert found.warehouse_written_by is None
    assert not settings.home.exists()


def test_the_champion_of_a_scenario_is_named(settings: Settings) -> None:
    _promote(settings)
    assert status(settings).champions == {"recommend": "recommend:1", "search": None}


def test_what_stands_beside_the_champion_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = Beside(model_tag="recommend:2", role="challenger", share=0.1)
    _promote(settings, beside)
    found = status(settings)
    assert found.beside == {
        "recommend": {"model_tag": "recommend:2", "role": "challenger", "share": 0.1}
    }
    print_status(found)
    said = capsys.readouterr().out
    assert "recommend:1, beside it recommend:2 as challenger of 10.0% of users" in said


def test_only_the_newest_night_is_told_and_only_of_all_traffic(settings: Settings) -> None:
    _publish(
        settings,
        "metric_values",
        _metric(14),
        _metric(15, value=0.5),
        _metric(15, segment="light"),
        _metric(15, window_start=date(2024, 3, 12)),  # which still matures
        _metric(16, window="offline"),
    )
    (row,) = status(settings).last_night
    assert (row["value"], row["as_of"]) == (0.5, "2024-03-15")


def test_tables_without_rows_are_no_night(settings: Settings) -> None:
    _publish(settings, "metric_values", _metric(16, window="offline"))
    assert status(settings).last_night == []


def test_the_five_newest_decisions_are_told_newest_first(settings: Settings) -> None:
    days = [3, 1, 7, 5, 6, 4]
    _publish(settings, "decisions", *map(_decision, days), _decision(7, "promote"))
    found = status(settings).last_decisions
    assert [(row["as_of"], row["kind"]) for row in found] == [
        ("2024-03-07", "promote"),
        ("2024-03-07", "retrain"),
        ("2024-03-06", "retrain"),
        ("2024-03-05", "retrain"),
        ("2024-03-04", "retrain"),
    ]
    assert all("evidence" not in row for row in found)


def test_a_status_can_be_printed_as_json(settings: Settings) -> None:
    _promote(settings)
    _publish(settings, "metric_values", _metric(15))
    _publish(settings, "decisions", _decision(15))
    found = status(settings)
    assert json.loads(json.dumps(found.as_json())) == found.as_json()


# What people read.


def test_a_figure_that_may_change_and_nobody_knows_how_is_printed_so(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish(settings, "metric_values", _metric(15))
    print_status(status(settings))
    assert capsys.readouterr().out.count("not known") == 2


def test_a_night_and_its_decisions_are_printed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _promote(settings)
    _publish(settings, "metric_values", _metric(15, maturity=0.61, corrected=0.27))
    _publish(settings, "decisions", _decision(15))
    print_status(status(settings))
    said = capsys.readouterr().out
    assert "recommend: served by recommend:1" in said
    assert "Night of 2024-03-15" in said
    for text in ("ndcg@10", "0.2500", "1,234", "61%", "0.2700"):
        assert text in said
    assert "2024-03-15 recommend retrain: hold, because of day 15" in said


def test_a_first_night_without_traffic_is_told_with_what_it_decided(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish(settings, "decisions", _decision(15))
    print_status(status(settings))
    said = capsys.readouterr().out
    assert "No night was measured yet." in said
    assert "Nobody asked recommend on 2024-03-15: there was nothing to measure." in said
    assert "2024-03-15 recommend retrain: hold, because of day 15" in said


def test_a_night_without_traffic_is_told_beside_the_figures_of_the_one_before(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish(settings, "metric_values", _metric(14))
    decisions = [_decision(14), _decision(14, "promote"), _decision(15)]
    _publish(settings, "decisions", *decisions)
    print_status(status(settings))
    said = capsys.readouterr().out
    assert "Night of 2024-03-14" in said
    assert said.count("Nobody asked") == 1
    assert "Nobody asked recommend on 2024-03-15" in said


def test_of_a_night_with_traffic_nobody_says_that_there_was_none(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish(settings, "metric_values", _metric(15))
    _publish(settings, "decisions", _decision(14), _decision(15))
    print_status(status(settings))
    assert "Nobody asked" not in capsys.readouterr().out


def test_programs_and_who_writes_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_status(
        Status(
            home="/shop",
            programs=[Program("prefect-server", "RUNNING", 7, "pid 7")],
            addresses={},
            champions={"recommend": None},
            beside={},
            last_night=[],
            last_decisions=[],
            warehouse_written_by="ingest (process 7)",
        )
    )
    said = capsys.readouterr().out
    assert "prefect-server" in said
    assert "RUNNING" in said
    assert "the warehouse is being written by ingest (process 7)" in said
    assert "recommend: served by no model yet" in said


def test_every_place_to_look_at_is_printed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    print_places(settings)
    said = capsys.readouterr().out
    for name in SCENARIOS:
        assert settings.service_url(name) in said
    assert f"http://127.0.0.1:{settings.prefect_port}" in said
    assert settings.reports.resolve().as_uri() in said


def test_a_reason_in_square_brackets_is_printed_as_it_is(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _publish(settings, "metric_values", _metric(15))
    _publish(settings, "decisions", _decision(15) | {"reason": "the user said [why not]"})
    print_status(status(settings))
    assert "because the user said [why not]" in capsys.readouterr().out


def test_an_evaluation_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_evaluation(
        {
            "cut": "2017-11-20",
            "ranker": "popularity",
            "segment": "all",
            "n": 1500,
            "ndcg@10": 0.12345,
            "low": 0.1,
            "high": 0.2,
            "recall@20": 0.5,
        }
    )
    figures = "n=1500 ndcg@10 0.1235 (0.1000 to 0.2000) recall@20 0.5000"
    said = " ".join(capsys.readouterr().out.split())
    assert said == f"2017-11-20 popularity all {figures}"
