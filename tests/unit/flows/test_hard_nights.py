"""Nights over logs as they should not be: they say so, keep what is good, and lose nothing."""

from __future__ import annotations

import logging
import os
from datetime import date
from pathlib import Path

import orjson
import pytest

from flows.console import print_status
from flows.status import status
from tests.simulation.dirt import Dirt
from tests.simulation.world import Failures, World
from tests.unit.flows.nights import CHAMPION, Home, open_shop, without_a_server

WORLD = World(days=3, requests_a_day=80, shoppers=40)
FIRST, SECOND, THIRD = WORLD.all_days
NOBODY = "Nobody has asked recommend yet, as far as the nights know"
UNJUDGED = "too few days of its figures can be judged to tell whether it has got worse"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    without_a_server(monkeypatch)
    return open_shop(tmp_path, monkeypatch)


def _said(home: Home, capsys: pytest.CaptureFixture[str]) -> str:
    """By `shopkeeper status`."""
    capsys.readouterr()
    print_status(status(home.settings))
    return capsys.readouterr().out


def _decisions(home: Home) -> list[tuple[date, str, str]]:
    return [
        (day, action, reason)
        for day, action, reason in home.ask(
            "select as_of, action, reason from decisions order by as_of"
        )
    ]


@pytest.mark.parametrize("files", [0, 3], ids=["no files", "files of 0 bytes"])
def test_a_night_without_a_line_of_any_log_holds_and_says_that_nobody_asked(
    home: Home, capsys: pytest.CaptureFixture[str], files: int
) -> None:
    for n in range(files):
        home.log(f"a-{n:06}.jsonl").touch()
    assert home.night(FIRST) == []
    ((day, action, reason),) = _decisions(home)
    assert (day, action) == (FIRST, "hold")
    assert UNJUDGED in reason
    page = home.page()
    assert NOBODY in page
    assert UNJUDGED in page
    assert f"served by <code>{CHAMPION}</code>" in page
    said = _said(home, capsys)
    assert f"Nobody asked recommend on {FIRST}" in said
    assert f"served by {CHAMPION}" in said
    assert home.ask("from quarantine") == []


def test_a_day_without_traffic_keeps_the_figures_of_the_days_before_it(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write(WORLD, FIRST)
    home.night(FIRST)
    home.night(SECOND)
    of_the_first = (
        "select count(*) from metric_values where window_start = '2024-03-01' "
        "and \"window\" = 'day' and metric = 'requests' and segment = 'all'"
    )
    assert home.ask(of_the_first) != [(0,)]
    assert home.ask("select max(served_date) from service_partials") == [(FIRST,)]
    assert [(day, action) for day, action, _ in _decisions(home)] == [
        (FIRST, "hold"),
        (SECOND, "hold"),
    ]
    assert "Nobody asked recommend on 2 Mar. What is shown is of the days before it." in home.page()
    said = _said(home, capsys)
    assert f"Night of {FIRST}" in said
    assert f"Nobody asked recommend on {SECOND}" in said


def test_a_log_of_nothing_but_errors_is_counted_as_errors_and_judges_no_model(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = World(
        days=1, requests_a_day=80, shoppers=40, failures=Failures(errors=1.0, client_gone=0.0)
    )
    home.write(failing, FIRST)
    assert home.night(FIRST) == []
    measured = dict(
        home.ask(
            "select metric, value from metric_values where \"window\" = 'day' and segment = 'all' "
            f"and model_tag = '{CHAMPION}' and variant = 'champion'"
        )
    )
    n = len([line for path in home.log().parent.iterdir() for line in path.open()])
    assert measured["error_share"] == 1.0
    assert 0 < measured["requests"] <= n
    assert not {"ndcg@10", "ctr@10", "purchase_share"} & set(measured)
    assert home.ask("select count(*) from served_requests where error is not null") == [(n,)]
    assert home.ask("select count(*) from quarantine") == [(0,)]
    ((_, action, reason),) = _decisions(home)
    assert action == "hold"
    assert UNJUDGED in reason
    assert "error_share" in home.page()
    assert "error_share" in _said(home, capsys)


def test_line_noise_is_set_aside_once_and_the_good_lines_beside_it_are_taken_in(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.write(WORLD, FIRST)
    good = sum(len(path.read_bytes().splitlines()) for path in home.log().parent.iterdir())
    noise = home.log("noise-000000.jsonl")
    noise.write_bytes(os.urandom(2**22) + b"\n" + bytes(2**20) + b"\n" + os.urandom(2**20))
    n = noise.read_bytes().count(b"\n")
    home.night(FIRST)
    assert f"{n:,} of {n + good:,} lines of {noise.parent} are malformed" in caplog.text
    assert home.ask("select count(*) from served_requests") == [(good,)]
    kept = "select count(*), sum(n_rows), min(byte_offset) from quarantine"
    ((rows, lines, offset),) = home.ask(kept)
    assert (lines, offset) == (n, 0)
    assert rows < 1010
    told = home.ask("select expectation, sum(n_rows)::bigint from quarantine group by all")
    assert "line_is_json" in dict(told)
    assert all(name in home.page() and f"{of_it:,}" in home.page() for name, of_it in told)
    before = home.tables()
    caplog.clear()
    home.night(FIRST)
    assert "malformed" not in caplog.text
    assert home.tables() == before


def test_a_night_that_is_made_up_for_is_not_stopped_by_what_was_logged_since(home: Home) -> None:
    home.write(WORLD, *WORLD.all_days)
    home.night(FIRST)
    home.night(THIRD)
    assert home.ask("select count(*) from quarantine") == [(0,)]
    assert home.ask("select count(distinct served_date) from service_partials") == [(3,)]


def test_a_service_whose_clock_is_an_hour_ahead_loses_no_request_and_nothing_that_followed(
    home: Home, tmp_path: Path
) -> None:
    home.write(WORLD, FIRST, SECOND, dirt=Dirt(skewed_services=1))
    home.night(FIRST)
    home.night(SECOND)
    logged = [
        orjson.loads(line) for path in home.log().parent.iterdir() for line in path.open("rb")
    ]
    moved = [line for line in logged if line["occurred_at"] >= f"{THIRD}"]
    assert moved  # the first hour of the day after the last: they wait for their night
    home.night(THIRD)
    assert home.ask("select count(*), count(distinct request_id) from served_requests") == [
        (len(logged), len(logged))
    ]
    assert home.ask("select count(*) from quarantine") == [(0,)]
    followed = _followed(home)
    early = (
        "select count(*) from stg_events as events join served_requests as requests "
        "using (request_id) where events.occurred_at < requests.occurred_at"
    )
    assert home.ask(early) > [(20,)]  # events come before the requests that they name
    agreeing = open_shop(tmp_path / "agreeing", home.patch)
    agreeing.write(WORLD, FIRST, SECOND)
    agreeing.night(SECOND)
    assert _followed(agreeing) <= followed
    assert len(_followed(agreeing)) > 100


def _followed(home: Home) -> set[tuple[str, str]]:
    return {
        (request, event) for request, event in home.ask("select request_id, event_id from outcomes")
    }


def test_a_night_whose_model_is_not_in_the_store_compares_no_embeddings_and_says_so(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(days=8, requests_a_day=400, shoppers=200)
    home.write(world, *world.all_days)
    with caplog.at_level(logging.INFO, "night"):
        for day in (world.all_days[0], world.all_days[7]):
            home.night(day)
    assert f"embeddings of recommend on {world.all_days[0]} are not compared" in caplog.text
    assert "are not compared: the model store has no model recommend" in caplog.text
    assert home.ask("from embedding_drift_values") == []
    assert len(_decisions(home)) == 2
