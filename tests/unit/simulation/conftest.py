"""Small worlds, on disk and beside their truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.simulation.dirt import Dirt
from tests.simulation.shop import Shop, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import World
from tests.simulation.writing import WorldWriter
from warehouse.connection import declare_tables, keep_raw_in
from warehouse.pull import pull
from warehouse.raw import all_raw

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Written:
    """A world's folders, and a warehouse to pull its logs into."""

    home: Path
    truth: Path
    writer: WorldWriter
    warehouse: duckdb.DuckDBPyConnection
    days: Iterator[date]

    @property
    def served(self) -> Path:
        return self.home / "serving_logs" / "recommend"

    @property
    def feedback(self) -> Path:
        return self.home / "feedback_logs"

    def write(self, days: int) -> None:
        """The next days."""
        for _ in range(days):
            self.writer.write_day(next(self.days))

    def pull(self) -> None:
        pull(self.warehouse, "served", self.served, "recommend")
        pull(self.warehouse, "feedback", self.feedback, "feedback")

    def ask(self, query: str) -> Rows:
        """Rows of the warehouse and of the truth's tables: ``{requests}``, ``{lines}``, …"""
        tables = ("requests", "candidates", "outcomes", "lines")
        truth = {name: f"read_parquet('{self.truth}/{name}/*.parquet')" for name in tables}
        with all_raw(self.warehouse):
            return self.warehouse.execute(query.format(**truth)).fetchall()


Write = Callable[..., Written]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Writes a world's first days, all unless told otherwise, and pulls them."""
    warehouses = []

    def _write(
        world: World,
        dirt: Dirt = Dirt(),  # noqa: B008 (frozen)
        shop: Shop | None = None,
        name: str = "world",
        days: int | None = None,
        segment_seconds: int = 6 * 3600,
    ) -> Written:
        simulated = Simulated(world, shop or synthetic())
        home, truth = tmp_path / name / "home", tmp_path / name / "truth"
        warehouse = duckdb.connect(config={"threads": 2})
        warehouse.execute("set timezone = 'UTC'")
        keep_raw_in(warehouse, tmp_path / name / "raw")
        declare_tables(warehouse)
        warehouses.append(warehouse)
        writer = WorldWriter(simulated, home, truth, dirt, segment_seconds)
        written = Written(home, truth, writer, warehouse, iter(world.all_days))
        written.write(world.days if days is None else days)
        written.pull()
        return written

    yield _write
    for warehouse in warehouses:
        warehouse.close()
