"""Runs checks, and shows what they found: also when it stops the flow."""

from collections.abc import Iterable
from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from data_checks import (
    CheckFailed,
    CheckReport,
    Scope,
    check_table,
    report_markdown,
    report_page,
)
from flows.disk import write_whole
from flows.settings import Settings
from warehouse.connection import Connection


def run_checks(
    settings: Settings, connection: Connection, checks: Iterable[tuple[str, Scope]], page: str
) -> list[CheckReport]:
    """Checks table after table; what they found becomes Prefect artifacts and a page.

    Raises:
        CheckFailed: a table is not acceptable; the tables after it were not checked.
    """
    reports: list[CheckReport] = []
    try:
        for table, scope in checks:
            reports.append(check_table(connection, table, scope))
    except CheckFailed as error:
        reports.append(error.report)
        path = _publish(settings, reports, page)
        raise CheckFailed(error.report, path) from None
    if reports:
        _publish(settings, reports, page)
    return reports


def _publish(settings: Settings, reports: list[CheckReport], page: str) -> Path:
    path = settings.reports / page
    write_whole(path, report_page(reports))
    for report in reports:
        create_markdown_artifact(
            report_markdown(report), key=f"check-{report.table.replace('_', '-')}"
        )
    return path
