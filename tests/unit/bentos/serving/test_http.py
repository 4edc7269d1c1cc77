"""A service's endpoints over HTTP: answered before BentoML, in the ways a client can be wrong."""

from __future__ import annotations

import json
import logging
from math import inf, isinf
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.unit.bentos.serving.tiny_service import LONGEST, counted


def test_an_answer_is_what_the_method_returns(client: TestClient) -> None:
    answer = client.post("/double", json={"number": 21})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.json()["number"] == 42


def test_a_method_that_is_not_async_runs_in_a_thread_and_knows_its_deadline(
    client: TestClient,
) -> None:
    here = client.post("/double", json={"number": 1}).json()
    there = client.post("/double-in-a-thread", json={"number": 1, "deadline_ms": 9_000}).json()
    assert there["number"] == 2
    assert there["thread"] != here["thread"]
    assert 8_000 < there["left_ms"] <= 9_000


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"{", "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"null", "should be an object"),
        (b"", "number"),
        (b'{"number": "many"}', "number"),
        (b'{"number": -1}', "number"),
        (b'{"number": 1, "colour": "red"}', "colour"),
        (b'{"number": 1, "deadline_ms": 0}', "deadline_ms"),
        (b'{"number": 1, "deadline_ms": "soon"}', "deadline_ms"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_fields_name(
    client: TestClient, sent: bytes, said: str
) -> None:
    answer = client.post("/double", content=sent)
    assert answer.status_code == 400
    assert said in json.dumps(answer.json()["detail"])


def test_a_body_that_is_too_long_is_refused_and_the_longest_is_read(client: TestClient) -> None:
    def sent(length: int) -> bytes:
        empty = b'{"number": 1, "note": ""}'
        return empty.replace(b'""', b'"' + b"x" * (length - len(empty)) + b'"')

    assert client.post("/double", content=sent(LONGEST)).status_code == 200
    answer = client.post("/double", content=sent(LONGEST + 1))
    assert answer.status_code == 413
    assert f"longer than {LONGEST} bytes" in answer.json()["error"]


def test_what_is_no_endpoint_of_ours_is_bentomls_to_answer(client: TestClient) -> None:
    assert client.post("/triple", json={}).status_code == 404
    assert client.get("/double").status_code == 405
    assert client.get("/readyz").status_code == 200
    assert client.post("/plain", json={"number": 4}).text == "8"
    described = client.get("/docs.json").json()
    assert set(described["paths"]) >= {"/double", "/wait", "/fail", "/plain"}
    assert '"deadline_ms"' in json.dumps(described)


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ("overloaded", 429, "9 tokens would wait, and at most 8 may"),
        ("argument", 400, "occurred_at: leave it out"),
        ("log", 507, "the disk is full"),
    ],
)
def test_who_can_mend_it_is_told_why(client: TestClient, wish: str, status: int, said: str) -> None:
    answer = client.post("/fail", json={"fail": wish})
    assert (answer.status_code, answer.json()) == (status, {"error": said})
    assert ("retry-after" in answer.headers) == (status == 429)


@pytest.mark.parametrize("wish", ["by accident", "answer"])
def test_an_error_of_ours_is_logged_whole_and_told_in_general(
    client: TestClient, caplog: pytest.LogCaptureFixture, wish: str
) -> None:
    logger = logging.getLogger("bentoml.shopkeeper")
    logger.addHandler(caplog.handler)
    try:
        answer = client.post("/fail", json={"fail": wish})
    finally:
        logger.removeHandler(caplog.handler)
    assert answer.status_code == 500
    assert "service's log" in answer.json()["error"]
    assert "secret" not in answer.text
    assert "number" not in answer.text
    assert "Traceback" in caplog.text
    assert "/fail failed" in caplog.text


@pytest.mark.parametrize(
    ("field", "header", "left"),
    [
        ({}, None, 250),  # as the service is set
        ({"deadline_ms": None}, None, 250),
        ({}, "9000", 9_000),
        ({"deadline_ms": 5_000}, "9000", 5_000),
        ({"deadline_ms": "off"}, "9000", inf),
        ({}, "off", inf),
    ],
)
def test_the_requests_own_deadline_counts_then_its_headers_then_the_services(
    client: TestClient, field: dict[str, Any], header: str | None, left: float
) -> None:
    headers = {} if header is None else {"X-Deadline-Ms": header}
    found = client.post("/double", json={"number": 1} | field, headers=headers).json()["left_ms"]
    if isinf(left):
        assert found is None
    else:
        assert left - 200 < found <= left


@pytest.mark.parametrize("header", ["0", "-1", "soon", "inf", "nan", ""])
def test_a_deadline_in_a_header_that_is_none_is_refused_by_its_name(
    client: TestClient, header: str
) -> None:
    answer = client.post("/double", json={"number": 1}, headers={"X-Deadline-Ms": header})
    assert answer.status_code == 400
    assert "X-Deadline-Ms" in answer.text


def test_a_header_names_the_variant_that_is_to_answer(client: TestClient) -> None:
    def pinned(headers: dict[str, str]) -> Any:
        return client.post("/double", json={"number": 1}, headers=headers).json()["pinned"]

    assert pinned({"X-Shopkeeper-Variant": "shadow"}) == "shadow"
    assert pinned({}) is None  # and it is forgotten with its request


def test_a_variant_in_a_header_that_is_none_is_refused_by_its_name(client: TestClient) -> None:
    headers = {"X-Shopkeeper-Variant": "best"}
    answer = client.post("/double", json={"number": 1}, headers=headers)
    assert answer.status_code == 400
    assert "X-Shopkeeper-Variant" in answer.text


def test_requests_are_counted_by_endpoint_and_status_and_timed(client: TestClient) -> None:
    def counts() -> list[float]:
        return [
            counted("http_requests_total", "/double", status="200"),
            counted("http_requests_total", "/double", status="400"),
            counted("http_seconds_count", "/double"),
            counted("http_in_flight", "/double"),
        ]

    before = counts()
    for number in (1, 2, -3):
        client.post("/double", json={"number": number})
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [2, 1, 3, 0]
    assert counted("http_in_flight", "/double") == 0
