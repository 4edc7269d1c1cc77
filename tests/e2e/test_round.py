"""The round as a user lives through it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import DAY, Installation
from tests.shops import fingerprints


def test_status_says_what_runs_and_how_the_night_went(installation: Installation) -> None:
    found = json.loads(installation.run("status", "--json").stdout)
    assert {p["name"]: p["state"] for p in found["programs"]} == {
        "prefect-server": "RUNNING",
        "prefect-worker": "RUNNING",
        "recommend": "RUNNING",
        "search": "RUNNING",
    }
    assert found["champions"]["recommend"].startswith("recommend:20171113-")
    assert found["champions"]["search"].startswith("search:20171113-")
    night = {
        (row["model_tag"].split(":")[0], row["metric"]): row["value"] for row in found["last_night"]
    }
    assert night["recommend", "requests"] == 391
    assert 0.15 < night["recommend", "ndcg@10"] < 0.35
    assert 5 < night["search", "requests"] < 40
    assert 0.1 < night["search", "ndcg@10"] < 0.6
    decided = {(d["scenario"], d["kind"]): d["action"] for d in found["last_decisions"]}
    assert decided == {
        (scenario, kind): action
        for scenario in ("recommend", "search")
        for kind, action in (("promote", "promote"), ("retrain", "hold"))
    }


def test_the_built_bento_serves_health_metrics_and_docs(installation: Installation) -> None:
    for path in ("/readyz", "/livez"):
        assert httpx.get(f"{installation.service}{path}").status_code == 200
    assert "shopkeeper_serving" in httpx.get(f"{installation.service}/metrics").text
    paths = httpx.get(f"{installation.service}/docs.json").json()["paths"]
    assert {"/recommend", "/feedback"} <= set(paths)


def test_each_service_tells_of_its_own_champion_alone(installation: Installation) -> None:
    champions = json.loads(installation.run("status", "--json").stdout)["champions"]
    urls = {"recommend": installation.service, "search": installation.search_service}
    for scenario, url in urls.items():
        said = httpx.get(f"{url}/metrics").text
        told = [line for line in said.splitlines() if line.startswith("shopkeeper_serving{")]
        assert len(told) == 1
        assert champions[scenario] in told[0]
        assert told[0].endswith(" 1.0")


def test_every_flow_is_deployed_and_scheduled_runs_are_planned(
    installation: Installation, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    api = installation.prefect_api
    deployments = httpx.post(f"{api}/deployments/filter", json={}).json()
    assert {d["name"] for d in deployments} == {
        "backfill",
        "cross-validate",
        "evaluate",
        "fine-tune",
        "ingest",
        "nightly",
        "publish-state",
        "replay",
        "report",
        "retrain",
        "rollout",
        "validate",
    }
    scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    eventually(lambda: bool(httpx.post(f"{api}/flow_runs/filter", json=scheduled).json()))


@pytest.mark.parametrize("run", ["report/report", f"nightly/nightly --param day={DAY}"])
def test_a_worker_runs_a_deployment_to_its_end(installation: Installation, run: str) -> None:
    prefect = str(Path(sys.executable).parent / "prefect")
    there = {
        "PREFECT_API_URL": installation.prefect_api,
        "PREFECT_HOME": str(installation.home / "prefect"),
    }
    ended = subprocess.run(
        [prefect, "deployment", "run", "--watch", *run.split()],
        env=installation.environment | there,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "Completed" in ended.stdout, ended.stdout + ended.stderr


def test_a_night_run_again_or_filled_back_leaves_the_same_tables(
    installation: Installation,
) -> None:
    found = []
    nightly = ("nightly", "--day", DAY)
    for command in (nightly, nightly, ("backfill", "--first", DAY, "--last", DAY)):
        done = installation.run(*command)
        assert done.returncode == 0, done.stderr[-3000:]
        found.append(fingerprints(installation))
    assert found[0] == found[1] == found[2]


def test_a_stranger_with_a_session_gets_another_answer_than_one_without(
    installation: Installation,
) -> None:
    plain = installation.post("/recommend", {"user_id": "stranger"}).json()
    session = [item["product_id"] for item in plain["items"][:3]]
    seen = installation.post("/recommend", {"user_id": "stranger", "session": session}).json()
    assert len(plain["items"]) == len(seen["items"]) == 10
    answered = {item["product_id"] for item in seen["items"]}
    assert not answered & set(session)
    assert [item["rank"] for item in seen["items"]] == list(range(1, 11))
    assert plain["items"] != seen["items"]


def test_feedback_changes_the_next_answer_once(installation: Installation) -> None:
    first = installation.post("/recommend", {"user_id": "newcomer"}).json()["items"]
    event = {
        "event_id": "newcomer-1",
        "event_type": "purchase",
        "product_id": first[0]["product_id"],
        "user_id": "newcomer",
        "occurred_at": "2017-11-21T10:00:00Z",
    }
    assert installation.post("/feedback", {"events": [event]}).json()["accepted"] == 1
    again = installation.post("/feedback", {"events": [event]}).json()
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    second = installation.post("/recommend", {"user_id": "newcomer"}).json()["items"]
    assert second != first


def test_a_bad_request_names_its_field(installation: Installation) -> None:
    bad = [
        ({"user_id": "u", "limit": 0}, "limit"),
        ({"session": []}, "user_id"),
        ({"user_id": "u", "colour": 1}, "colour"),
        ({"user_id": "u", "occurred_at": "yesterday"}, "occurred_at"),
    ]
    for body, field in bad:
        answer = installation.post("/recommend", body)
        assert 400 <= answer.status_code < 500
        assert field in answer.text
    unknown = installation.post("/recommend", {"user_id": "u", "session": ["no-such"]}).json()
    assert unknown["unknown_products"] == ["no-such"]


def test_bad_feedback_is_refused_event_by_event(installation: Installation) -> None:
    good = {
        "event_id": "mixed-1",
        "event_type": "click",
        "product_id": "995242",
        "user_id": "mixed",
        "occurred_at": "2017-11-21T10:00:00Z",
    }
    events = [good, good | {"event_id": "m2", "product_id": "zzz"}, {"event_id": "m3"}]
    answer = installation.post("/feedback", {"events": events}).json()
    assert answer["accepted"] == 1
    assert [(r["index"], r["field"]) for r in answer["refused"]] == [
        (1, "product_id"),
        (2, "event_type"),
    ]


def test_a_second_up_and_a_busy_port_are_said_plainly(installation: Installation) -> None:
    second = installation.run("up")
    assert second.returncode == 1
    assert "already up" in second.stderr
    elsewhere = str(installation.home.parent / "elsewhere")
    busy = installation.run("up", SHOPKEEPER_HOME=elsewhere)
    assert busy.returncode == 1
    assert "is taken by another process" in busy.stderr
    assert "Traceback" not in second.stderr + busy.stderr


def test_a_killed_service_has_logged_every_answer_it_gave(
    installation: Installation, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    received: list[str] = []
    for wait in (0.7,):
        stop = threading.Event()
        client = threading.Thread(target=_ask_until, args=(installation, stop, received))
        client.start()
        time.sleep(wait)
        for process in _service_processes(installation):
            process.kill()
        stop.set()
        client.join()
        eventually(lambda: _answers(installation))
    logged = {record["request_id"] for record in installation.served()}
    assert len(received) > 10
    assert set(received) <= logged


def _ask_until(installation: Installation, stop: threading.Event, received: list[str]) -> None:
    with httpx.Client(base_url=installation.service) as client:
        while not stop.is_set():
            try:
                answer = client.post("/recommend", json={"user_id": "1"})
            except httpx.TransportError:
                return
            if answer.is_success:
                received.append(answer.json()["request_id"])


def _service_processes(installation: Installation) -> list[psutil.Process]:
    programs = json.loads(installation.run("status", "--json").stdout)["programs"]
    (pid,) = (p["pid"] for p in programs if p["name"] == "recommend")
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _answers(installation: Installation) -> bool:
    try:
        return httpx.get(f"{installation.service}/readyz", timeout=2).is_success
    except httpx.TransportError:
        return False
