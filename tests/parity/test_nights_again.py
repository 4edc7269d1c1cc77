"""Nights over a simulated world: whatever came late, was killed or run again, the same tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.simulation.shop import Shop, synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import Bots, World
from tests.simulation.writing import WorldWriter
from warehouse.connection import declare_tables, keep_raw_in
from warehouse.data_quality import SHOP
from warehouse.nights import (
    mark_due,
    measure_embedding_nights,
    measure_nights,
    measure_shop_nights,
)
from warehouse.pull import mark_checked, pull, unchecked_days
from warehouse.served import days_to_measure, stage_day
from warehouse.staging import stage_events

SCENARIO = "recommend"
DAYS = 10
TABLES = (
    *("served_requests", "served_candidates", "outcomes", "user_activities", "robots"),
    *("request_ages", "first_events", "delays_since", "delay_curves"),
    *("metric_partials", "exposure_partials", "service_partials", "latency_partials"),
    "cross_partials",
    *("click_partials", "answer_partials", "rank_contrasts", "examination", "reliability"),
    *("label_free_estimates", "data_quality", "catalogue_history", "versions_seen"),
    *("list_samples", "metric_values", "alerts"),
    *("drift_partials", "drift_values", "embedding_samples", "embedding_drift_values"),
)
WEEK = 7

Rows = list[tuple[Any, ...]]
Tables = dict[str, Rows]
Logged = dict[Path, list[bytes]]


def _embed(_: str, asked: Sequence[str]) -> NDArray[np.float64]:
    """A place for each product, for ever the same."""
    return np.array([np.random.default_rng(crc32(one.encode())).random(8) for one in asked])


@dataclass
class Installation:
    """A folder of logs, and a warehouse in memory that nights read them into."""

    logs: Path
    warehouse: duckdb.DuckDBPyConnection = field(default_factory=lambda: duckdb.connect())

    def __post_init__(self) -> None:
        self.warehouse.execute("set timezone = 'UTC'")
        declare_tables(self.warehouse)
        keep_raw_in(self.warehouse, self.logs.parent / "raw")
        for folder in ("serving_logs/recommend", "feedback_logs"):
            (self.logs / folder).mkdir(parents=True, exist_ok=True)

    def sell(self, shop: Shop) -> None:
        self.warehouse.executemany(
            "insert into stg_products (product_id, text, category, recommendable, attributes) "
            "values (?, ?, ?, true, map {})",
            [(str(p), str(p), f"c{n % 7}") for n, p in enumerate(shop.product_ids)],
        )

    def night(self, day: date, killed_at: int | None = None) -> None:
        """As `flows.nightly` goes about it; killed before the step of that number."""
        for number, step in enumerate(self._steps(day)):
            if number == killed_at:
                return
            step()

    def _steps(self, day: date) -> Iterator[Any]:
        warehouse = self.warehouse
        yield lambda: pull(warehouse, "feedback", self.logs / "feedback_logs", "feedback")
        yield lambda: pull(warehouse, "served", self.logs / f"serving_logs/{SCENARIO}", SCENARIO)
        for each in sorted({day, *unchecked_days(warehouse, "feedback")}):
            for scenario in (SHOP, SCENARIO):
                yield lambda each=each, scenario=scenario: mark_due(warehouse, scenario, each)
            yield lambda each=each: stage_events(warehouse, each)
        yield lambda: measure_shop_nights(warehouse, day)
        yield lambda: mark_checked(warehouse, "feedback", "feedback")
        for each in (*days_to_measure(warehouse, SCENARIO, day), day):
            yield lambda each=each: stage_day(warehouse, SCENARIO, each)
        yield lambda: measure_nights(warehouse, SCENARIO, day)
        yield lambda: measure_embedding_nights(warehouse, SCENARIO, day, _embed)

    def tables(self) -> Tables:
        return {
            name: self.warehouse.execute(f"from {name} order by all").fetchall() for name in TABLES
        }


@pytest.fixture(scope="module")
def shop() -> Shop:
    return synthetic()


@pytest.fixture(scope="module")
def written(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[date, Logged]:
    """The lines that each file of the logs holds at the end of each day."""
    folder = tmp_path_factory.mktemp("world")
    world = World(days=DAYS, requests_a_day=120, shoppers=60, bots=Bots(0.2, 15))
    writer = WorldWriter(Simulated(world, shop), folder / "logs", folder / "truth")
    logged = {}
    for day in world.all_days:
        writer.write_day(day)
        logged[day] = {
            path.relative_to(folder / "logs"): path.read_bytes().splitlines(keepends=True)
            for path in sorted((folder / "logs").rglob("*.jsonl"))
        }
    return logged


@pytest.fixture
def here(shop: Shop, tmp_path: Path) -> Installation:
    installation = Installation(tmp_path / "logs")
    installation.sell(shop)
    return installation


@pytest.fixture(scope="module")
def clean(shop: Shop, written: dict[date, Logged], tmp_path_factory: Any) -> Tables:
    """What nights in their order come to, that find every line in time."""
    installation = Installation(tmp_path_factory.mktemp("clean") / "logs")
    installation.sell(shop)
    for day, logged in written.items():
        _bring(installation, logged)
        installation.night(day)
    tables = installation.tables()
    assert all(tables.values()), {name: len(rows) for name, rows in tables.items()}
    return tables


def _bring(here: Installation, logged: Logged) -> None:
    for path, lines in logged.items():
        place = here.logs / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"".join(lines))


def _are_late(lines: list[bytes]) -> list[bytes]:
    """A fifth of them; never a file's first, which tells of the start of its process."""
    return [line for line in lines[1:] if crc32(line) % 5 == 0]


def _in_time(logged: Logged) -> Logged:
    return {
        path: [line for line in lines if line not in set(_are_late(lines))]
        for path, lines in logged.items()
    }


def _bring_late(here: Installation, logged: Logged) -> None:
    """Appends the late lines that have not come yet, to files of their own."""
    for path, lines in logged.items():
        late = here.logs / path.parent / "late-000001.jsonl"
        come = set(late.read_bytes().splitlines(keepends=True)) if late.exists() else set()
        with late.open("ab") as file:
            file.writelines(line for line in _are_late(lines) if line not in come)


def test_lines_that_come_a_week_late_leave_the_tables_that_they_would_have_made_in_time(
    here: Installation, written: dict[date, Logged], clean: Tables
) -> None:
    days = list(written)
    for n, day in enumerate(days):
        _bring(here, _in_time(written[day]))
        if n >= WEEK:
            _bring_late(here, written[days[n - WEEK]])
        here.night(day)
    assert here.tables() != clean
    _bring_late(here, written[days[-1]])
    here.night(days[-1])
    _same(here.tables(), clean)


def test_any_night_again_in_any_order_leaves_the_same_tables(
    here: Installation, written: dict[date, Logged], clean: Tables
) -> None:
    days = list(written)
    for day in days:
        _bring(here, written[day])
        here.night(day)
    for day in Random(3).choices(days, k=4):
        here.night(day)
        _same(here.tables(), clean)


def test_nights_that_are_killed_at_any_step_are_made_up_for(
    here: Installation, written: dict[date, Logged], clean: Tables
) -> None:
    rng = Random(4)
    for day in written:
        _bring(here, written[day])
        for _ in range(2):
            here.night(day, killed_at=rng.randrange(12))
        if rng.random() < 0.5 or day == list(written)[-1]:
            here.night(day)
    _same(here.tables(), clean)


def _same(found: Tables, expected: Tables) -> None:
    for name in TABLES:
        assert found[name] == expected[name], name
