"""What a service wants people to look at lies in a file of its home."""

from __future__ import annotations

from pathlib import Path

from bentos.serving.alerts import Alerts
from bentos.serving.jsonl import JsonLinesReader


def test_a_swap_that_failed_is_one_line(tmp_path: Path) -> None:
    alerts = Alerts(tmp_path, "search")
    alerts.swap_failed("search serves on with what it has: no such model")
    alerts.close()
    (line,) = JsonLinesReader(tmp_path).new_lines()
    assert (line["scenario"], line["kind"]) == ("search", "swap_failed")
    assert line["message"] == "search serves on with what it has: no such model"
    assert set(line) == {"alert_id", "scenario", "kind", "raised_at", "message"}


def test_where_nothing_can_be_written_the_service_goes_on(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file is in the way")
    Alerts(tmp_path / "alerts", "search").swap_failed("the disk is full, too")
