"""Tables as nights publish them, for the page to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MODEL = {"scenario": "recommend", "model_tag": "recommend:1", "variant": "champion"}


def march(day: int) -> date:
    return date(2024, 3, day)


def value(day: int, **changes: Any) -> dict[str, Any]:
    """Of a day that nothing follows any more, unless told otherwise."""
    row = {
        **MODEL,
        "window": "day",
        "window_start": march(day),
        "as_of": march(day),
        "segment": "all",
        "metric": "ndcg@10",
        "value": 0.5,
        "standard_error": 0.01,
        "n": 1234,
        "maturity": 1.0,
    } | changes
    return {"corrected": row["value"], "corrected_error": row["standard_error"]} | row


def delay(
    hours: float, survival: float, event_type: str = "click", **changes: Any
) -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "event_type": event_type,
        "as_of": march(15),
        "delay": int(3600 * hours),
        "n_at_risk": 1000,
        "n_events": 10,
        "survival": survival,
        "variance": 1e-6,
    } | changes


def reliable(bin: int, predicted: float, observed: float, **changes: Any) -> dict[str, Any]:
    return {
        **MODEL,
        "served_date": march(14),
        "bin": bin,
        "n": 500,
        "n_looked_at": 200.0,
        "predicted": predicted,
        "observed": observed,
        "standard_error": 0.01,
    } | changes


def estimate(day: int, came: float | None, **changes: Any) -> dict[str, Any]:
    return {
        **MODEL,
        "metric": "ctr@10",
        "day": march(day),
        "as_of": march(day),
        "value": 0.05,
        "low": 0.04,
        "high": 0.06,
        "n": 20_000,
        "n_days": 9,
        "came": came,
    } | changes


def decision(day: int, **changes: Any) -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "kind": "retrain",
        "as_of": march(day),
        "action": "hold",
        "reason": f"of day {day}",
        "evidence": "{}",
    } | changes


def publish(folder: Path, **tables: Sequence[Mapping[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(list(rows)), folder / f"{name}.parquet")
    return folder
