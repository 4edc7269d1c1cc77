"""What runs, which models serve, and how the last night went; read from published files only."""

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bentos.registry import SCENARIOS
from flows.deploy import champion_of
from flows.settings import Settings
from flows.slot import writer
from flows.supervisor import Program, programs


@dataclass(frozen=True)
class Status:
    """The state of an installation."""

    home: str
    programs: list[Program]
    addresses: dict[str, str]
    champions: dict[str, str | None]
    beside: dict[str, dict[str, Any]]  # what stands beside them: model_tag, role, share
    last_night: list[dict[str, Any]]
    last_decisions: list[dict[str, Any]]
    warehouse_written_by: str | None

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def status(settings: Settings) -> Status:
    """Looks without waiting for anything: a flow may write the warehouse meanwhile."""
    rollouts = {name: champion_of(settings, name) for name in SCENARIOS}
    return Status(
        home=str(settings.home.resolve()),
        programs=programs(settings),
        addresses={
            "Prefect UI": settings.url_at(settings.prefect_port),
            **{
                name: settings.url_at(port)
                for scenario in SCENARIOS
                for name, port in settings.ports_of(scenario).items()
            },
        },
        champions={name: record.champion if record else None for name, record in rollouts.items()},
        beside={
            name: record.beside.model_dump()
            for name, record in rollouts.items()
            if record and record.beside
        },
        last_night=_last_night(settings),
        last_decisions=_last_decisions(settings),
        warehouse_written_by=writer(settings),
    )


def _last_night(settings: Settings) -> list[dict[str, Any]]:
    path = settings.published / "metric_values.parquet"
    if not path.exists():
        return []
    daily = pq.read_table(path, filters=[("window", "=", "day"), ("segment", "=", "all")])
    if daily.num_rows == 0:
        return []
    nights = daily.filter(pc.equal(daily["as_of"], daily["window_start"]))
    newest = nights.filter(pc.equal(nights["as_of"], pc.max(nights["as_of"])))
    return [
        row | {"window_start": row["window_start"].isoformat(), "as_of": row["as_of"].isoformat()}
        for row in newest.to_pylist()
    ]


def _last_decisions(settings: Settings) -> list[dict[str, Any]]:
    path = settings.published / "decisions.parquet"
    if not path.exists():
        return []
    newest = (
        pq.read_table(path).sort_by([("as_of", "descending"), ("kind", "ascending")]).slice(0, 5)
    )
    rows = newest.drop_columns(["evidence"]).to_pylist()
    return [row | {"as_of": row["as_of"].isoformat()} for row in rows]
