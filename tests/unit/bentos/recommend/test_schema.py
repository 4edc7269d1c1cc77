"""Requests: what may be asked, and what is refused with its field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from bentos.recommend.schema import MAX_LIMIT, RecommendRequest


def test_a_user_is_enough() -> None:
    request = RecommendRequest.model_validate({"user_id": 7})
    assert (request.user_id, request.session, request.exclude) == ("7", [], [])
    assert 1 <= request.limit <= MAX_LIMIT


def test_a_time_without_a_zone_is_utc() -> None:
    request = RecommendRequest.model_validate(
        {"user_id": "u1", "occurred_at": "2024-03-15T12:00:00"}
    )
    assert request.occurred_at == datetime(2024, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": ""},
        {"user_id": None},
        {"user_id": "x" * 201},
        {"limit": 0},
        {"limit": MAX_LIMIT + 1},
        {"limit": "many"},
        {"session": "p1"},
        {"session": [""]},
        {"session": ["p1"] * 201},
        {"exclude": ["p1"] * 10_001},
        {"context": "home"},
        {"occurred_at": "0001-01-01T00:00:00+02:00"},
        {"sesion": ["p1"]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_bad_request_is_refused_by_its_field(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        RecommendRequest.model_validate({"user_id": "u1"} | changes)
    assert refused.value.errors()[0]["loc"][0] == next(iter(changes))
