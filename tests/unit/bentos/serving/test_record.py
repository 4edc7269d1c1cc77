"""The prediction log's line: nothing is lost on the way to the log and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from bentos.serving.jsonl import JsonLinesReader, JsonLinesWriter
from bentos.serving.record import (
    LOG_VERSION,
    LoggedCandidate,
    LoggedEvent,
    PredictionRecord,
    Timings,
)

NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)
RECORD = PredictionRecord(
    request_id="r1",
    scenario="recommend",
    occurred_at=NOON,
    logged_at=NOON,
    user_id="käufer",
    session=["p1"],
    exclude=["p2"],
    limit=1,
    context='{"page": "home"}',
    model_tag="recommend:1",
    bento_tag="recommend:a",
    variant="champion",
    policy="greedy",
    state_version="20240315T000000-abc",
    backend="torch",
    precision="fp32",
    n_scored=48,
    n_read=20,
    degraded=False,
    recent=[LoggedEvent("e1", "purchase", "p3", NOON, 2.0, 1.5, None, None)],
    candidates=[LoggedCandidate("p4", 1, 0.1 + 0.2, 1.0), LoggedCandidate("p5", 2, -1e-7, 1.0)],
    timings_ms=Timings(retrieve=0.25, features=0.5, queue=3.5, score=1.25, total=6.0),
)


def test_a_record_comes_back_from_the_log_as_it_was(tmp_path: Path) -> None:
    JsonLinesWriter(tmp_path).append([RECORD])
    (line,) = JsonLinesReader(tmp_path).new_lines()
    assert TypeAdapter(PredictionRecord).validate_python(line) == RECORD


def test_a_line_names_every_field_and_the_version_of_the_log() -> None:
    line = orjson.loads(orjson.dumps(RECORD))
    assert list(line) == [field.name for field in fields(PredictionRecord)]
    assert line["log_version"] == LOG_VERSION
    assert line["error"] is None
