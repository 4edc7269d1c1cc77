"""The rollout record: written whole, read back, and clear about what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from bentos.serving.errors import RolloutMissing
from bentos.serving.rollout import Beside, RolloutRecord, read_rollout, write_rollout

RECORD = RolloutRecord(
    scenario="recommend",
    version=3,
    champion="recommend:20171120-0a1b2c3d4e",
    bento_tag="recommend:xyz",
    reason="it won",
)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_rollout(tmp_path / "rollouts", RECORD)
    assert read_rollout(tmp_path / "rollouts", "recommend") == RECORD


def test_so_does_what_stands_beside_the_champion(tmp_path: Path) -> None:
    beside = Beside(model_tag="recommend:other", role="challenger", share=0.1)
    record = RECORD.model_copy(update={"beside": beside})
    write_rollout(tmp_path, record)
    assert read_rollout(tmp_path, "recommend") == record
    assert record.models == {"champion": RECORD.champion, "challenger": "recommend:other"}
    assert record.alone == RECORD


def test_a_champion_alone_is_written_as_it_was_before_there_was_anything_beside_one(
    tmp_path: Path,
) -> None:
    write_rollout(tmp_path, RECORD)
    written = json.loads((tmp_path / "recommend.json").read_text())
    assert set(written) == {"scenario", "version", "champion", "bento_tag", "reason"}


@pytest.mark.parametrize(
    ("role", "share"),
    [
        ("challenger", None),
        ("challenger", 0.0),
        ("challenger", 1.0),
        ("shadow", 0.5),
        ("interleaved", 0.5),
        ("champion", None),
    ],
)
def test_a_challenger_has_a_share_of_users_and_no_other_role_has(
    role: str, share: float | None
) -> None:
    with pytest.raises(ValidationError):
        Beside.model_validate({"model_tag": "a:1", "role": role, "share": share})


def test_nothing_stands_beside_itself() -> None:
    beside = {"model_tag": RECORD.champion, "role": "shadow"}
    with pytest.raises(ValidationError, match="beside it stands another model"):
        RolloutRecord.model_validate(RECORD.model_dump() | {"beside": beside})


def test_a_new_record_replaces_the_old(tmp_path: Path) -> None:
    newer = RECORD.model_copy(update={"version": 4, "champion": "recommend:newer"})
    write_rollout(tmp_path, RECORD)
    write_rollout(tmp_path, newer)
    assert read_rollout(tmp_path, "recommend") == newer


def test_each_scenario_has_its_own(tmp_path: Path) -> None:
    search = RECORD.model_copy(update={"scenario": "search"})
    write_rollout(tmp_path, RECORD)
    write_rollout(tmp_path, search)
    assert read_rollout(tmp_path, "recommend") == RECORD
    assert read_rollout(tmp_path, "search") == search


def test_without_a_record_it_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(
        RolloutMissing, match=r"no model serves recommend yet.*shopkeeper retrain recommend"
    ):
        read_rollout(tmp_path, "recommend")


@pytest.mark.parametrize(
    "contents",
    [b"", b"{", b"[]", b"\xff", b'{"scenario": "recommend"}', None],
    ids=["empty", "torn", "no object", "no text", "fields missing", "a field too many"],
)
def test_what_is_no_record_is_refused_with_its_path(tmp_path: Path, contents: bytes | None) -> None:
    too_many = RECORD.model_dump_json().replace("{", '{"challenger": "x", ', 1).encode()
    (tmp_path / "recommend.json").write_bytes(too_many if contents is None else contents)
    with pytest.raises(RolloutMissing, match=r"recommend\.json is no rollout record"):
        read_rollout(tmp_path, "recommend")
