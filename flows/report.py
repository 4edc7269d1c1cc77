"""The report: what a scenario's nights found, on one page, and as artifacts of the run."""

import base64
from datetime import date
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_image_artifact, create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from bentos.registry import SCENARIOS
from flows.deploy import champion_of
from flows.disk import write_whole
from flows.page.by_day import wide
from flows.page.colours import colours
from flows.page.figures import as_table, night_figures
from flows.page.heat import heat_map
from flows.page.published import Published, read_published
from flows.page.sections import page
from flows.page.unusual import Unusual, read_unusual
from flows.settings import Settings
from warehouse.evaluation import TUNING_METRIC

_TOLD = ("severity", "incident_id", "cause", "first_day", "sentence")


@flow(name="report")
def report_flow() -> list[str]:
    """Writes one page a scenario; returns their paths."""
    return [str(path) for path in write_reports(Settings())]


@task(cache_policy=NO_CACHE)
def write_reports(settings: Settings) -> list[Path]:
    """Reads the published tables only, so that they can be written while a night goes on."""
    return [_write_report(settings, scenario) for scenario in SCENARIOS]


def _write_report(settings: Settings, scenario: str) -> Path:
    found = read_published(settings.published, scenario)
    unusual = read_unusual(settings.published, scenario, found.night)
    champion = champion_of(settings, scenario)
    text = page(
        scenario,
        champion.champion if champion else None,
        found,
        unusual,
        nightly_checks=(settings.reports / "nightly-checks.html").exists(),
    )
    path = settings.reports / f"{scenario}.html"
    write_whole(path, text)
    _publish_artifacts(scenario, path, found)
    _publish_unusual(scenario, found.night, unusual)
    return path


def _publish_artifacts(scenario: str, path: Path, found: Published) -> None:
    """The page's address, the night's figures, and the picture of the metric that decides."""
    create_link_artifact(path.resolve().as_uri(), key=f"report-{scenario}")
    nights = f"{scenario}, the night of {found.night}"
    if figures := night_figures(found):
        create_table_artifact(as_table(figures), key=f"night-{scenario}", description=nights)
    if picture := wide(found.days, TUNING_METRIC, colours(found.days)):
        create_image_artifact(
            _as_url(picture),
            key=f"quality-{scenario}",
            description=f"{TUNING_METRIC} by day: {nights}",
        )


def _publish_unusual(scenario: str, night: date | None, unusual: Unusual) -> None:
    """The open incidents, and the map of drift."""
    nights = f"{scenario}, the night of {night}"
    if unusual.incidents:
        create_table_artifact(
            [{name: f"{each.incident[name]}" for name in _TOLD} for each in unusual.incidents],
            key=f"incidents-{scenario}",
            description=f"open incidents: {nights}",
        )
    if picture := heat_map(unusual.drifts):
        create_image_artifact(
            _as_url(picture), key=f"drift-{scenario}", description=f"drift by day: {nights}"
        )


def _as_url(picture: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
