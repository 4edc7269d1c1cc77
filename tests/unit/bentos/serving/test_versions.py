"""Versions: folders that never change, and what is left out of their names."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from bentos.serving.versions import pointed_at, write_version


def _fill(staging: Path) -> None:
    (staging / "contents").write_text("the same")


def test_a_name_says_what_the_files_hold(tmp_path: Path) -> None:
    version = write_version(tmp_path, lambda digest: f"v-{digest}", _fill)
    assert version.startswith("v-")
    assert pointed_at(tmp_path) == version
    other = write_version(tmp_path, str, lambda staging: (staging / "contents").touch())
    assert other != version.removeprefix("v-")


def test_what_follows_from_the_files_is_not_in_the_name_and_not_made_twice(tmp_path: Path) -> None:
    numbers = count()

    def derive(staging: Path) -> None:
        (staging / "derived").write_text(str(next(numbers)))

    first = write_version(tmp_path, str, _fill, derive)
    second = write_version(tmp_path, str, _fill, derive)
    assert first == second == write_version(tmp_path, str, _fill)
    assert (tmp_path / first / "derived").read_text() == "0"
    assert next(numbers) == 1


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(staging: Path) -> None:
        raise ValueError

    for arguments in ((fail,), (_fill, fail)):
        with pytest.raises(ValueError):
            write_version(tmp_path, str, *arguments)
    assert list(tmp_path.iterdir()) == []
    assert pointed_at(tmp_path) is None
