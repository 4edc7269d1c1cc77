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


def incident(day: int, cause: str = "missing_field", **changes: Any) -> dict[str, Any]:
    """An open one, that began on the day and was seen on it last."""
    return {
        "incident_id": f"recommend-202403{day}-{cause.replace('_', '-')}",
        "scenario": "recommend",
        "cause": cause,
        "severity": "critical",
        "first_day": march(day),
        "last_day": march(day),
        "ended_on": None,
        "ended_by": None,
        "clause": "brand went missing",
        "metric": "ctr@10",
        "loss": 0.25,
        "sentence": f"ctr@10 fell 25.0% since {day} March, where brand went missing",
    } | changes


def changed(
    segment: str, share: float, incident_id: str = "recommend-20240314-missing-field", **more: Any
) -> dict[str, Any]:
    """A segment's part of the change of ctr@10 from 4% to 3%, a fifth of it by mix."""
    return {
        "incident_id": incident_id,
        "metric": "ctr@10",
        "first_day": march(14),
        "last_day": march(14),
        "before": 0.04,
        "now": 0.03,
        "low": -0.3,
        "high": -0.2,
        "segments": [segment],
        "mix": 0.2 * share,
        "rate": 0.8 * share,
        "share_error": 0.05,
        "weight_before": 0.5,
        "weight_now": 0.5,
        "is_named": share > 0.5,
    } | more


def alert(day: int, **changes: Any) -> dict[str, Any]:
    return {
        **MODEL,
        "day": march(day),
        "metric": "ctr@10",
        "segment": "all",
        "as_of": march(day),
        "value": 0.03,
        "standard_error": 0.001,
        "n": 5000,
        "expected": 0.04,
        "low": 0.035,
        "high": 0.045,
        "direction": "down",
    } | changes


def drift(day: int, subject: str = "category", **changes: Any) -> dict[str, Any]:
    return {
        "scenario": "recommend",
        "day": march(day),
        "model_tag": "recommend:1",
        "subject": subject,
        "reference": "weeks",
        "jensen_shannon": 0.25,
        "new_share": 0.0,
        "missing_share": 0.0,
        "missing_share_then": 0.0,
        "n": 100,
        "n_reference": 100,
        "effect": -0.031,
        "drifted": True,
    } | changes


def counted(
    value: str | None, n: int, n_reference: int, day: int = 15, **changes: Any
) -> dict[str, Any]:
    """Of a subject of values; of one of numbers where changes name a bin and its middle."""
    return {
        "scenario": "recommend",
        "day": march(day),
        "model_tag": "recommend:1",
        "subject": "category",
        "reference": "weeks",
        "bin": None,
        "value": value,
        "n": n,
        "n_reference": n_reference,
        "middle": None,
    } | changes


def publish(folder: Path, **tables: Sequence[Mapping[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(list(rows)), folder / f"{name}.parquet")
    return folder
