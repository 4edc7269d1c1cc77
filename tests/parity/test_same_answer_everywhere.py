"""Offline, in process, over HTTP and from the log: one answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.conftest import DAY, Installation
from tests.parity.answers import TOLERANCE, same, served_by
from tests.shops import beside

REQUESTS = 200


@pytest.fixture(scope="module")
def records(installation: Installation) -> list[dict[str, Any]]:
    """The first 200 real requests of the replay."""
    return [r for r in installation.served() if r["occurred_at"].startswith(DAY)][:REQUESTS]


@pytest.fixture(scope="module")
def ranker(installation: Installation, records: list[dict[str, Any]]) -> Any:
    """The model and state that the log names, loaded anew."""
    from bentos.recommend.ranker import RecommendRanker

    return RecommendRanker.load(*served_by(installation, records[0]), "cpu")


def _query(record: dict[str, Any]) -> Any:
    from bentos.recommend.ranker import Query

    return Query(
        user_id=record["user_id"],
        occurred_at=datetime.fromisoformat(record["occurred_at"]),
        session=tuple(record["session"]),
        exclude=frozenset(record["exclude"]),
    )


def test_two_hundred_real_requests_were_logged(records: list[dict[str, Any]]) -> None:
    assert len(records) == REQUESTS
    assert all(record["recent"] == [] for record in records)


def test_an_answer_can_be_computed_again_from_its_log_line(
    records: list[dict[str, Any]], ranker: Any
) -> None:
    for record in records:
        same(ranker.rank(_query(record)).pool, record["candidates"])


def test_the_service_answers_over_http_as_it_did(
    installation: Installation,
    records: list[dict[str, Any]],
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    pointer = installation.home / "online_state" / "current"
    newest = pointer.read_text()
    pointer.write_text(records[0]["state_version"])
    ask = records[0]
    try:
        eventually(lambda: _ask(installation, ask)["state_version"] == ask["state_version"])
        for record in records:
            same(
                [(c["product_id"], c["score"]) for c in _ask(installation, record)["candidates"]],
                record["candidates"],
            )
    finally:
        pointer.write_text(newest)


def _body(record: dict[str, Any]) -> dict[str, Any]:
    return {"user_id": record["user_id"], "occurred_at": record["occurred_at"], "limit": 100}


def _ask(installation: Installation, record: dict[str, Any]) -> dict[str, Any]:
    answer = installation.post("/recommend", _body(record)).json()
    (line,) = [r for r in installation.served() if r["request_id"] == answer["request_id"]]
    return line


_IN_PROCESS = """
import asyncio, json, sys
from bentos.recommend.schema import RecommendRequest
from bentos.recommend.service import Recommend

service = Recommend()
for line in sys.stdin:
    answer = asyncio.run(service.recommend(RecommendRequest.model_validate_json(line)))
    print("answer", answer.model_dump_json(), flush=True)
service.close()
"""


def test_the_service_class_called_in_process_answers_as_over_http(
    installation: Installation, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    here = beside(installation, tmp_path / "home")
    (here.home / "online_state" / "current").write_text(records[0]["state_version"])
    asked = "".join(json.dumps(_body(record)) + "\n" for record in records)
    environment = here.environment | {"BENTOML_HOME": str(here.home / "bentoml")}
    command = [sys.executable, "-c", _IN_PROCESS]
    outcome = subprocess.run(
        command, input=asked, env=environment, capture_output=True, text=True, timeout=300
    )
    assert outcome.returncode == 0, outcome.stderr[-3000:]
    answers = [
        json.loads(line.removeprefix("answer "))
        for line in outcome.stdout.splitlines()
        if line.startswith("answer ")
    ]
    assert len(answers) == REQUESTS
    for answer, record in zip(answers, records, strict=True):
        same([(i["product_id"], i["score"]) for i in answer["items"]], record["candidates"])
        assert answer["model_tag"] == record["model_tag"]
    assert [line["candidates"] for line in here.served()] == [
        [{"propensity": 1.0, "stage": None, "variant": None} | item for item in answer["items"]]
        for answer in answers
    ]


def test_offline_runs_rank_as_single_requests_do(
    records: list[dict[str, Any]], ranker: Any
) -> None:
    from bentos.recommend.ranker import Query

    run = ranker.run(sorted({record["user_id"] for record in records}), {}).to_pydict()
    moment = datetime.fromisoformat(f"{DAY}T00:00:00+00:00")
    users = set(run["query_id"])  # those with a history
    assert len(users) > 0.9 * REQUESTS
    for user in users:
        rows = [n for n, query in enumerate(run["query_id"]) if query == user]
        offline = {run["product_id"][n]: run["score"][n] for n in rows}
        for product, score in ranker.rank(Query(user, moment)).pool:
            assert offline[product] == pytest.approx(score, abs=TOLERANCE)


def test_the_nights_metric_is_the_metric_of_the_log(installation: Installation) -> None:
    from warehouse.connection import open_warehouse

    with open_warehouse(installation.home / "warehouse.duckdb", read_only=True) as connection:
        bought = connection.execute(
            "select request_id, list(distinct product_id) from outcomes "
            "semi join (from served_requests where scenario = 'recommend') using (request_id) "
            "semi join (from stg_products where recommendable) using (product_id) "
            "where occurred_at < $1::date + 1 group by 1",  # what the night knew
            [DAY],
        ).fetchall()
    shown = {
        r["request_id"]: [c["product_id"] for c in r["candidates"][:10]]
        for r in installation.served()
    }
    by_hand = [_ndcg(shown[request], set(products)) for request, products in bought]
    values = pq.read_table(
        installation.home / "published" / "metric_values.parquet",
        filters=[
            ("scenario", "=", "recommend"),
            ("window", "=", "day"),
            ("as_of", "=", date.fromisoformat(DAY)),
            ("segment", "=", "all"),
            ("metric", "=", "ndcg@10"),
        ],
    ).to_pylist()
    assert values[0]["n"] == len(by_hand)
    assert values[0]["value"] == pytest.approx(np.mean(by_hand), abs=1e-9)


def _ndcg(ranking: list[str], relevant: set[str]) -> float:
    discount = 1 / np.log2(np.arange(2, 12))
    gains = np.array([product in relevant for product in ranking], float)
    return float(gains @ discount[: len(gains)] / discount[: len(relevant)].sum())
