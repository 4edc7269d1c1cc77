"""What the commands print for people."""

import logging
from collections.abc import Mapping
from typing import Any

from prefect.logging.configuration import setup_logging
from prefect.logging.handlers import PrefectConsoleHandler
from rich.console import Console
from rich.table import Table

from bentos.registry import SCENARIOS
from bentos.serving.rollout import RolloutRecord
from flows.settings import Settings
from flows.status import Status, status

_console = Console(markup=False)  # a reason may hold square brackets


class _WithoutTraceback(logging.Filter):
    """The command says at its end what went wrong; before, a failure is only named."""

    _SAID_AGAIN = ("Encountered exception during execution", "Task run failed with exception")
    _FAILED = "Finished in state Failed("

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        if record.getMessage().startswith(self._FAILED):
            record.msg, record.args = "Finished in state Failed", ()
        return not record.getMessage().startswith(self._SAID_AGAIN)


def quiet_tracebacks() -> None:
    """Keeps tracebacks in Prefect's records, out of the terminal: the command says what failed."""
    setup_logging()
    for name in logging.root.manager.loggerDict:
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, PrefectConsoleHandler):
                handler.addFilter(_WithoutTraceback())


def print_status(found: Status) -> None:
    """Programs, models, and the last night's figures."""
    table = Table(title=f"Shopkeeper in {found.home}", title_justify="left")
    table.add_column("program")
    table.add_column("state")
    table.add_column("details")
    for program in found.programs:
        table.add_row(program.name, program.state, program.description)
    _console.print(table if found.programs else "Nothing runs; `shopkeeper up` starts it.")
    for scenario, champion in found.champions.items():
        _print_models(scenario, champion, found.beside.get(scenario))
    if found.warehouse_written_by:
        _console.print(f"the warehouse is being written by {found.warehouse_written_by}")
    _print_night(found)


def print_rollout(record: RolloutRecord) -> None:
    """Which models serve from now on."""
    beside = None if record.beside is None else record.beside.model_dump()
    _print_models(record.scenario, record.champion, beside)


def print_places(settings: Settings) -> None:
    """Where to look next."""
    places = {
        "Prefect UI": f"http://{settings.host}:{settings.prefect_port}",
        **{f"{name} service": settings.service_url(name) for name in SCENARIOS},
        **{f"{name} API docs": f"{settings.service_url(name)}/docs.json" for name in SCENARIOS},
        "reports": settings.reports.resolve().as_uri(),
        "logs": str(settings.logs.resolve()),
    }
    for name, place in places.items():
        _console.print(f"{name:<20} {place}", soft_wrap=True, highlight=False)


def print_summary(settings: Settings) -> None:
    """The round in one table: each night's quality, latency and decision."""
    print_status(status(settings))


def print_evaluation(row: Mapping[str, Any]) -> None:
    """A ranker's figures on a segment, on one line."""
    figures = _found(row) if row.get("task") == "retrieve" else _ranked(row)
    _console.print(
        f"{row.get('cut') or row['task']:<10}  {row['ranker']:<24} {row['segment']:<11} "
        f"n={row['n']:<5} {figures}",
        highlight=False,
        soft_wrap=True,
    )


def _ranked(row: Mapping[str, Any]) -> str:
    figures = (
        f"ndcg@10 {row['ndcg@10']:.4f} ({row['low']:.4f} to {row['high']:.4f})  "
        f"recall@20 {row['recall@20']:.4f}"
    )
    if "over_dense" not in row:
        return figures
    return f"{figures}  ndcg@10 over dense {_difference(row['over_dense'])}"


def _found(row: Mapping[str, Any]) -> str:
    figures = (
        f"recall@50 {row['recall@50']:.4f}  recall@100 {row['recall@100']:.4f} "
        f"({row['low']:.4f} to {row['high']:.4f})  judged@10 {row['judged@10']:.4f}"
    )
    over = [
        f"recall@50 {name.replace('_', ' ')} {_difference(differences['recall@50'])}"
        for name, differences in row.items()
        if name.startswith("over_")
    ]
    return "  ".join([figures, *over])


def _difference(bounds: Mapping[str, float]) -> str:
    return f"{bounds['mean']:+.4f} ({bounds['low']:+.4f} to {bounds['high']:+.4f})"


def _print_models(scenario: str, champion: str | None, beside: Mapping[str, Any] | None) -> None:
    said = f"{scenario}: served by {champion or 'no model yet'}"
    if beside:
        said += f", beside it {beside['model_tag']} as {beside['role']}"
        if beside["share"]:
            said += f" of {beside['share']:.1%} of users"
    _console.print(said, soft_wrap=True, highlight=False)


def _told(value: float | None, form: str) -> str:
    """A figure, or that nobody knows it yet."""
    return "not known" if value is None else format(value, form)


_MAIN_METRICS = (
    *("requests", "ndcg@10", "mrr", "ctr@10", "purchase_share", "revenue_per_answer"),
    *("zero_results_share", "catalogue_coverage@10", "latency_ms_p95", "error_share"),
)


def _print_night(found: Status) -> None:
    if found.last_night:
        _print_figures(found)
    else:
        _console.print("No night was measured yet.")
    for scenario, day in _nights_without_traffic(found):
        _console.print(f"Nobody asked {scenario} on {day}: there was nothing to measure.")
    for decision in found.last_decisions:
        _console.print(
            f"{decision['as_of']} {decision['scenario']} {decision['kind']}: "
            f"{decision['action']}, because {decision['reason']}",
            soft_wrap=True,
        )


def _nights_without_traffic(found: Status) -> list[tuple[str, str]]:
    """Scenarios that a later night decided about than had figures of them, with its day.

    Every night decides whether to retrain what serves.
    """
    measured = {row["scenario"]: row["as_of"] for row in found.last_night}
    decided = [row for row in found.last_decisions if row["kind"] == "retrain"]
    last = max((row["as_of"] for row in decided), default="")
    return [
        (row["scenario"], last)
        for row in decided
        if row["as_of"] == last and measured.get(row["scenario"], "") < last
    ]


def _print_figures(found: Status) -> None:
    table = Table(title=f"Night of {found.last_night[0]['as_of']}", title_justify="left")
    for column in ("model", "variant", "metric"):
        table.add_column(column)
    for column in ("value", "n", "mature", "corrected"):
        table.add_column(column, justify="right")
    shown = [row for row in found.last_night if row["metric"] in _MAIN_METRICS]
    for row in sorted(shown, key=lambda row: (row["scenario"], _MAIN_METRICS.index(row["metric"]))):
        table.add_row(
            *(row["model_tag"], row["variant"], row["metric"], f"{row['value']:.4f}"),
            *(
                f"{row['n']:,}",
                _told(row.get("maturity"), ".0%"),
                _told(row.get("corrected"), ".4f"),
            ),
        )
    _console.print(table)
