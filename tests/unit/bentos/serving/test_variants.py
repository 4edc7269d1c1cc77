"""Who answers: everybody keeps to a variant, shares are what they say, and a header may choose."""

from __future__ import annotations

from math import sqrt
from typing import Any

import pytest
from pydantic import ValidationError

from bentos.serving.rollout import Beside, RolloutRecord
from bentos.serving.variants import assigned, pinned_in

USERS = [f"u{n}" for n in range(20_000)]


def _record(share: float, tag: str = "search:new", **changes: Any) -> RolloutRecord:
    beside = Beside(model_tag=tag, role="challenger", share=share)
    values = {"scenario": "search", "version": 1, "champion": "search:old", "reason": "why"}
    return RolloutRecord.model_validate(
        values | {"bento_tag": "b:1", "beside": beside.model_dump()} | changes
    )


def _challenged(record: RolloutRecord) -> set[str]:
    return {user for user in USERS if assigned(record, user) == "challenger"}


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_share_is_right_to_sampling_error(share: float) -> None:
    error = sqrt(share * (1 - share) / len(USERS))
    assert len(_challenged(_record(share))) / len(USERS) == pytest.approx(share, abs=4 * error)


def test_a_user_meets_the_same_variant_whatever_else_changes_in_the_record() -> None:
    before = _challenged(_record(0.3))
    assert _challenged(_record(0.3, version=7, champion="search:other", reason="later")) == before


def test_another_share_moves_nobody_but_those_between_the_two() -> None:
    few, more = _challenged(_record(0.1)), _challenged(_record(0.3))
    assert few < more
    error = sqrt(0.2 * 0.8 / len(USERS))
    assert len(more - few) / len(USERS) == pytest.approx(0.2, abs=4 * error)


def test_the_next_challenger_meets_users_of_its_own() -> None:
    one, other = _challenged(_record(0.5)), _challenged(_record(0.5, "search:newer"))
    assert len(one & other) / len(USERS) == pytest.approx(0.25, abs=0.015)


@pytest.mark.parametrize(
    ("beside", "variant"),
    [
        (None, "champion"),
        ({"model_tag": "search:new", "role": "shadow"}, "champion"),
        ({"model_tag": "search:new", "role": "interleaved"}, "interleaved"),
    ],
)
def test_without_a_challenger_everybody_meets_the_same(
    beside: dict[str, str] | None, variant: str
) -> None:
    record = _record(0.5, beside=beside)
    assert {assigned(record, user) for user in USERS[:100]} == {variant}


def test_a_header_chooses_a_variant() -> None:
    headers = [(b"host", b"here"), (b"x-shopkeeper-variant", b"shadow")]
    assert pinned_in(headers) == "shadow"
    assert pinned_in(headers[:1]) is None


def test_a_variant_that_there_can_not_be_is_refused_with_the_header_that_names_it() -> None:
    with pytest.raises(ValidationError, match="X-Shopkeeper-Variant"):
        pinned_in([(b"x-shopkeeper-variant", b"best")])
