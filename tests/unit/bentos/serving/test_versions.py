"""Versions: folders that never change, behind one pointer."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from bentos.serving.versions import digest_of, pointed_at, write_version


def _fill(staging: Path) -> None:
    (staging / "contents").write_text("the same")


def test_a_name_says_what_the_files_hold(tmp_path: Path) -> None:
    version = write_version(tmp_path, digest_of, _fill)
    assert pointed_at(tmp_path) == version
    assert write_version(tmp_path, digest_of, _fill) == version
    other = write_version(tmp_path, digest_of, lambda staging: (staging / "contents").touch())
    assert other != version


def test_a_version_that_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    numbers = count()

    def fill(staging: Path) -> None:
        (staging / "contents").write_text(str(next(numbers)))

    for _ in range(2):
        assert write_version(tmp_path, lambda _: "v1", fill) == "v1"
    assert (tmp_path / "v1" / "contents").read_text() == "0"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(staging: Path) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        write_version(tmp_path, digest_of, fail)
    assert list(tmp_path.iterdir()) == []
    assert pointed_at(tmp_path) is None
