"""A check's report for people: Markdown for a Prefect artifact, one HTML page for a browser."""

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from data_checks.report import CheckReport, ExpectationResult, Status, percent, sample_text

_BY_CONCERN: tuple[Status, ...] = ("failed", "warned", "quarantined", "passed")


def report_markdown(report: CheckReport) -> str:
    """The report as Markdown: the outcome, a table of expectations, three rows of each failing."""
    lines = [
        f"# {report.table} of {report.source}",
        "",
        f"{'Passed' if report.passed else 'Stopped'}: {outcome(report)}",
        "",
        "| status | expectation | expected | found |",
        "| --- | --- | --- | --- |",
        *(_markdown_row(report, result) for result in in_order_of_concern(report)),
    ]
    for result in in_order_of_concern(report):
        if result.samples:
            samples = (f"- `{sample_text(sample)}`" for sample in result.samples)
            lines += ["", f"## {result.name}", "", advice(result), "", *samples]
    return "\n".join(lines) + "\n"


def report_page(reports: Sequence[CheckReport]) -> str:
    """The reports as one self-contained HTML page, the ones that stopped first."""
    ordered = sorted(reports, key=lambda report: report.passed)
    return _template().render(reports=ordered)


def outcome(report: CheckReport) -> str:
    """What became of the table, as a sentence."""
    rows = f"{report.n_rows:,} rows"
    if not report.passed:
        n, of = len(report.failures), len(report.results)
        return f"{n} of {of} expectations broken; nothing was quarantined or staged."
    share = percent(report.n_quarantined / report.n_rows if report.n_rows else 0)
    quarantined = f"{report.n_quarantined:,} of {rows} ({share}) in quarantine"
    rows_went = quarantined if report.n_quarantined else f"all {rows} accepted"
    n_warnings = len(report.with_status("warned"))
    warnings = f"; warnings to look at: {n_warnings}" if n_warnings else ""
    return f"{rows_went}{warnings}."


def advice(result: ExpectationResult) -> str:
    """What to do, where there is something to do."""
    if result.status in ("failed", "warned"):
        return result.advice
    return "Fewer than tolerated; for example:"


def status_word(report: CheckReport, result: ExpectationResult) -> str:
    """The status as people say it: a check that stopped put nothing in quarantine."""
    if result.status == "quarantined" and not report.passed:
        return "tolerated"
    return {"failed": "stopped", "warned": "warning"}.get(result.status, result.status)


def in_order_of_concern(report: CheckReport) -> list[ExpectationResult]:
    """What stopped the flow first, what passed last."""
    return sorted(report.results, key=lambda result: _BY_CONCERN.index(result.status))


def _markdown_row(report: CheckReport, result: ExpectationResult) -> str:
    cells = (status_word(report, result), f"`{result.name}`", result.expected, result.found)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("data_checks", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "advice": advice,
        "in_order_of_concern": in_order_of_concern,
        "outcome": outcome,
        "sample": sample_text,
    }
    environment.globals["status_word"] = status_word
    return environment.get_template("page.html")
