"""Nights in a home of their own: the flow and its steps as they are, without a Prefect server."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bentos.serving.rollout import RolloutRecord, write_rollout
from bentos.serving.state import OnlineState
from flows import checks, nightly, online_state, report
from flows.online_state import midnight
from flows.settings import Settings
from tests.conftest import Installation
from tests.shops import fingerprints
from tests.simulation.dirt import Dirt
from tests.simulation.shop import Shop, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import World
from tests.simulation.writing import WorldWriter
from warehouse.connection import Connection, open_warehouse
from warehouse.records import record_model, record_rollout

CHAMPION = "recommend:a"
STEPS = (
    *("take_in_logs", "publish_state", "measure_traffic", "measure_embeddings", "tell"),
    *("decide_retraining", "write_reports"),
)
_MAPPING = """\
name: small
products:
  file: products.csv
  columns: {product_id: id}
"""


@dataclass(frozen=True)
class Home:
    """A shop's home with a champion, and its nights."""

    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder, source="tables", source_path=self.folder.parent / "shop")

    def night(self, day: date) -> list[str]:
        """Goes through the night; returns what was retrained."""
        self.patch.setenv("SHOPKEEPER_HOME", str(self.folder))
        self.patch.setenv("SHOPKEEPER_SOURCE", "tables")
        self.patch.setenv("SHOPKEEPER_SOURCE_PATH", str(self.settings.source_path))
        return nightly.nightly_flow.fn(day)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What the warehouse answers."""
        with self.warehouse() as connection:
            return connection.execute(query).fetchall()

    def warehouse(self) -> Any:
        return open_warehouse(self.settings.warehouse, read_only=True)

    def page(self) -> str:
        return (self.settings.reports / "recommend.html").read_text()

    def writer(self, world: World, dirt: Dirt = Dirt()) -> WorldWriter:  # noqa: B008 (frozen)
        """Writes the world's logs to the home."""
        truth = self.folder.parent / "truth"
        return WorldWriter(Simulated(world, synthetic()), self.folder, truth, dirt)

    def write(self, world: World, *days: date, dirt: Dirt = Dirt()) -> None:  # noqa: B008 (frozen)
        """Writes the logs of days."""
        writer = self.writer(world, dirt)
        for day in days:
            writer.write_day(day)

    def log(self, name: str = "a-000000.jsonl") -> Path:
        """A file of the recommender's log."""
        path = self.folder / "serving_logs" / "recommend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def files(self) -> set[str]:
        """Every file, by its path in the home."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.startswith("warehouse.duckdb")
        }

    def tables(self) -> dict[str, Any]:
        """How many rows each table has, and a hash of them; and what was published, sorted."""
        published = {
            path.name: sorted(map(str, pq.read_table(path).to_pylist()))
            for path in sorted(self.settings.published.glob("*"))
        }
        return fingerprints(Installation(self.folder, {})) | published

    def copy(self, folder: Path) -> Home:
        """The same home elsewhere; the shop's files lie beside both."""
        shutil.copytree(self.folder, folder)
        return Home(folder, self.patch)


def open_shop(folder: Path, patch: pytest.MonkeyPatch) -> Home:
    """A home that knows the simulated shop's products, and whose champion is its first model."""
    home = Home(folder / "home", patch)
    _write_shop(folder / "shop")
    with open_warehouse(home.settings.warehouse) as connection:
        _sell(connection, synthetic())
        record_model(connection, CHAMPION, "recommend", date(2024, 2, 20), "{}", "{}")
        record_rollout(
            connection, "recommend", 1, CHAMPION, "bento:1", date(2024, 2, 29), "for the test"
        )
    record = RolloutRecord(
        scenario="recommend", version=1, champion=CHAMPION, bento_tag="b:1", reason="for the test"
    )
    write_rollout(home.folder / "rollouts", record)
    return home


def without_a_server(patch: pytest.MonkeyPatch) -> None:
    """Has steps be called as they are, what they log go to the log, and artifacts nowhere."""
    for name in STEPS:
        patch.setattr(nightly, name, getattr(nightly, name).fn)
    patch.setattr(nightly, "get_run_logger", lambda: logging.getLogger("night"))
    patch.setattr(online_state, "state_at", _state_at)  # the encoder's weights take seconds to load
    artifacts = [(checks, "create_markdown_artifact")]
    artifacts += [(report, f"create_{kind}_artifact") for kind in ("link", "table", "image")]
    for module, name in artifacts:
        patch.setattr(module, name, lambda *_, **__: None)


def around(patch: pytest.MonkeyPatch, module: Any, name: str, block: Callable[[], Any]) -> None:
    """Has a function of a module be gone through within a block."""
    inner = getattr(module, name)

    def within(*arguments: Any) -> Any:
        with block():
            return inner(*arguments)

    patch.setattr(module, name, within)


def _state_at(connection: Connection, settings: Settings, as_of: date) -> OnlineState:
    products = connection.execute("select product_id from stg_products order by 1").to_arrow_table()
    bought = "from stg_events where occurred_at < ? order by event_id"
    histories = connection.execute(bought, [as_of]).to_arrow_table()
    tables = {"products": products, "histories": histories}
    return OnlineState(f"unpublished-{as_of:%Y%m%d}", midnight(as_of), tables)


def _write_shop(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "shopkeeper.yaml").write_text(_MAPPING)
    (folder / "products.csv").write_text("id\n")


def _sell(connection: Connection, shop: Shop) -> None:
    """Its products, and a purchase of each."""
    connection.execute(
        "insert into raw_products (source, batch, row_number, product_id, title) "
        "select 'small', 'b', n, $products[n + 1], 'product ' || n from range($many) as rows (n)",
        {"products": shop.product_ids.tolist(), "many": len(shop.product_ids)},
    )
    connection.execute(
        "insert into stg_products (product_id, text, category, recommendable, attributes) "
        "select product_id, title, 'c' || row_number % 7, true, map {} from raw_products"
    )
    connection.execute(
        "insert into stg_events (event_id, event_type, occurred_at, logged_at, user_id, "
        "session_id, product_id, quantity, source) "
        "select 'e' || row_number, 'purchase', timestamp '2024-02-25' + to_minutes(row_number), "
        "timestamp '2024-02-26', 'u' || row_number % 50, 's' || row_number, product_id, 1, "
        "'small' from raw_products"
    )
