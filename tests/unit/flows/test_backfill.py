"""Backfill: a range of days that makes no sense is refused before anything is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.flows.conftest import Run


def test_a_range_that_ends_before_it_begins_is_refused_with_both_days(python: Run) -> None:
    done = python(*("-m", "flows.cli", "backfill", "--first", "2024-03-15", "--last", "2024-03-14"))
    assert done.returncode == 1
    assert "the last day, 2024-03-14, is before the first, 2024-03-15" in done.stderr
