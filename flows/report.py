"""The report: quality by day and model, segments, latency, checks and decisions, on one page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader
from prefect import flow, task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE

from bentos.registry import SCENARIOS
from flows.deploy import champion_of
from flows.plots import Row, by_segment, in_quarantine, latency_by_day, quality_by_day
from flows.settings import Settings
from warehouse.evaluation import TUNING_METRIC
from warehouse.maturity import MATURE

_LATENCY = ("latency_ms_p50", "latency_ms_p95", "latency_ms_p99")


@flow(name="report")
def report_flow() -> list[str]:
    """Writes one page a scenario; returns their paths."""
    settings = Settings()
    return [str(write_report(settings, scenario)) for scenario in SCENARIOS]


@task(cache_policy=NO_CACHE)
def write_report(settings: Settings, scenario: str) -> Path:
    """Reads the published tables only, so that it can be written while a night goes on."""
    tables = {name: _published(settings, name, ("scenario", "=", scenario)) for name in _TABLES}
    settings.reports.mkdir(parents=True, exist_ok=True)
    path = settings.reports / f"{scenario}.html"
    tables["quarantined"] = _published(settings, "quarantined")
    path.write_text(_page(settings, scenario, **tables), encoding="utf-8")
    create_link_artifact(path.resolve().as_uri(), key=f"report-{scenario}")
    return path


_TABLES = ("metric_values", "decisions", "rollouts", "judged_by")


def _published(settings: Settings, name: str, *filters: tuple[str, str, str]) -> list[Row]:
    path = settings.published / f"{name}.parquet"
    if not path.exists():
        return []
    rows: list[Row] = pq.read_table(path, filters=list(filters) or None).to_pylist()
    return rows


def _page(
    settings: Settings,
    scenario: str,
    metric_values: Sequence[Row],
    decisions: Sequence[Row],
    rollouts: Sequence[Row],
    judged_by: Sequence[Row],
    quarantined: Sequence[Row],
) -> str:
    champion = champion_of(settings, scenario)
    quality = daily(metric_values, [TUNING_METRIC])
    latency = daily(metric_values, _LATENCY)
    offline = _last_evaluation(metric_values)
    values: dict[str, Any] = {
        "scenario": scenario,
        "champion": champion and champion.champion,
        "as_of": max((row["as_of"] for row in quality), default=None),
        "quality": quality_by_day(quality, TUNING_METRIC) if quality else None,
        "young": _young(metric_values),
        "mature": MATURE,
        "latency": latency_by_day(latency) if latency else None,
        "segments": by_segment(offline, TUNING_METRIC) if offline else None,
        "offline_start": offline[0]["window_start"] if offline else None,
        "decisions": sorted(decisions, key=lambda row: (row["as_of"], row["kind"])),
        "rollouts": sorted(rollouts, key=lambda row: row["version"]),
        "judged_by": judged_by,
        "quarantined": in_quarantine(quarantined) if quarantined else None,
        "nightly_checks": (settings.reports / "nightly-checks.html").exists(),
    }
    template = Environment(loader=PackageLoader("flows"), autoescape=True).get_template
    return template("report.html").render(values)


def daily(rows: Sequence[Row], metrics: Sequence[str]) -> list[Row]:
    """The day-by-day values of some metrics over all traffic, as last computed."""
    newest: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: (row["window_start"], row["as_of"])):
        if row["window"] == "day" and row["segment"] == "all" and row["metric"] in metrics:
            model = _named(row["model_tag"], row["variant"])
            newest[row["window_start"], model, row["metric"]] = row | {"model_tag": model}
    return list(newest.values())


def _young(rows: Sequence[Row]) -> list[Row]:
    """What outcomes still come for, as last computed, newest days first."""
    metrics = {row["metric"] for row in rows if row["metric"].endswith("_share")} | {TUNING_METRIC}
    found = daily(rows, sorted(metrics))
    last = max((row["as_of"] for row in found), default=None)
    young = [row for row in found if row["as_of"] == last and row.get("maturity", 1) != 1]
    return sorted(young, key=lambda row: (row["metric"], row["window_start"]), reverse=True)


def _named(model_tag: str, variant: str) -> str:
    """A model by what it was."""
    return model_tag if variant == "champion" else f"{model_tag} ({variant})"


def _last_evaluation(rows: Sequence[Row]) -> list[Row]:
    offline = [row for row in rows if row["window"] == "offline" and row["metric"] == TUNING_METRIC]
    start = max((row["window_start"] for row in offline), default=None)
    return sorted(
        (row for row in offline if row["window_start"] == start),
        key=lambda row: (_segment_order(row["segment"]), *_models_first(row["model_tag"])),
    )


def _models_first(tag: str) -> tuple[bool, str]:
    return (":" not in tag, tag)  # only models have a version


def _segment_order(segment: str) -> tuple[int, str]:
    order = ("all", "light", "medium", "heavy", "repeat", "first_time", "head", "torso", "tail")
    return (order.index(segment) if segment in order else len(order), segment)
