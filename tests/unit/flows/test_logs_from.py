"""Where the nightly looks for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows.errors import LogsMissing
from flows.nightly import check_there

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_is_there_will_do(tmp_path: Path) -> None:
    check_there(str(tmp_path))


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("/nowhere/logs", "there is no such folder"),
        ("memory://nowhere", "there is no such folder"),
        ("nosuch://bucket/logs", "Protocol not known: nosuch"),
    ],
)
def test_a_place_that_is_not_there_is_refused_with_its_reason(place: str, why: str) -> None:
    with pytest.raises(LogsMissing, match=f"SHOPKEEPER_LOGS_FROM is {place}: {why}"):
        check_there(place)
