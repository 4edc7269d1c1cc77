"""The rollout record: written whole, read back, and clear about what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.serving.errors import RolloutMissing
from bentos.serving.rollout import RolloutRecord, read_rollout, write_rollout

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
