"""What a shop's data can get wrong: said plainly, and what was there before stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import Installation
from tests.shops import CLOSES, in_own_home
from warehouse.connection import open_warehouse


@dataclass(frozen=True)
class Shop:
    """A small shop's data and its home, once ingested."""

    folder: Path
    here: Installation

    def run(self, *arguments: str) -> str:
        """Runs a command that is refused, and returns what it says."""
        outcome = self.here.run(*arguments)
        said = outcome.stdout + outcome.stderr
        assert outcome.returncode == 1, said
        assert "Traceback" not in said
        (message,) = outcome.stderr.split("shopkeeper: ")[1:]
        return message

    def counts(self) -> dict[str, int]:
        with open_warehouse(self.here.home / "warehouse.duckdb", read_only=True) as connection:
            return {
                table: len(connection.table(table))
                for table in ("raw_products", "raw_events", "stg_products", "stg_events")
            }


@pytest.fixture
def ingested(corner: Installation) -> Shop:
    return Shop(corner.home.parent / "data", corner)


@pytest.fixture
def shop(ingested: Shop, tmp_path: Path) -> Shop:
    """The ingested shop, its files copied so that a test may spoil them."""
    folder = tmp_path / "data"
    shutil.copytree(ingested.folder, folder)
    here = in_own_home(ingested.here, ingested.here.home, SHOPKEEPER_SOURCE_PATH=str(folder))
    return Shop(folder, here)


def _only_header(path: Path) -> None:
    path.write_text(path.read_text().splitlines(keepends=True)[0])


def _without_price(path: Path) -> None:
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{line.rpartition(',')[0]}\n" for line in lines))


def _cut_short(path: Path) -> None:
    """A Parquet file of which only a beginning arrived."""
    parquet = path.with_suffix(".parquet")
    parquet.write_bytes(b"PAR1" + bytes(range(256)) * 9)
    mapping = path.parent / "shopkeeper.yaml"
    mapping.write_text(mapping.read_text().replace(path.name, parquet.name))


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        (
            "products.csv",
            _cut_short,
            ["products.parquet can't be read", "a Parquet file was expected", "magic bytes"],
        ),
        (
            "purchases.csv",
            _without_price,
            ["reads price from purchases.csv", "has only basket_id, household_id, product_id"],
        ),
    ],
    ids=["a corrupt Parquet file", "a CSV file that lacks a column"],
)
def test_a_file_that_can_not_be_read_changes_nothing(
    shop: Shop, file: str, spoil: Callable[[Path], None], said: list[str]
) -> None:
    before = shop.counts()
    spoil(shop.folder / file)
    message = shop.run("ingest")
    for part in [*said, "Nothing was changed; put the source's files right and ingest again."]:
        assert part in message
    assert shop.counts() == before


@pytest.mark.parametrize(
    ("file", "expected", "found"),
    [
        ("products.csv", "at least one product (rows_exist)", "load the products first"),
        ("purchases.csv", "at least one event (rows_exist)", "Load the source's events"),
    ],
    ids=["no products", "no purchases"],
)
def test_an_empty_table_stops_before_anything_is_staged(
    shop: Shop, file: str, expected: str, found: str
) -> None:
    staged = shop.counts()["stg_events"]
    _only_header(shop.folder / file)
    message = shop.run("ingest")
    assert f"raw_{'products' if file == 'products.csv' else 'events'} of corner_shop" in message
    assert f"expected {expected}, found none" in message
    assert found in message
    assert shop.counts()["stg_events"] == staged > 0


def test_a_check_that_stops_the_flow_shows_rows_and_the_page_that_holds_its_report(
    shop: Shop,
) -> None:
    path = shop.folder / "purchases.csv"
    lines = path.read_text().splitlines(keepends=True)
    spoilt = [line.rpartition(",")[0] + ",-7\n" for line in lines[1 : len(lines) // 2]]
    path.write_text("".join([lines[0], *spoilt, *lines[len(lines) // 2 :]]))

    message = shop.run("ingest")

    page = shop.here.home / "reports" / "checks.html"
    assert "raw_events of corner_shop: expected" in message
    assert message.count('"price": -7') == 3
    assert f"The whole report is in {page}." in message
    html = page.read_text()
    assert "raw_products" in html
    assert "raw_events" in html
    asked = {"artifacts": {"key": {"any_": ["check-raw-events"]}}, "sort": "CREATED_DESC"}
    newest = httpx.post(f"{shop.here.prefect_api}/artifacts/filter", json=asked).json()[0]
    assert "Stopped: " in newest["data"]


def test_a_week_without_purchases_is_said_before_anything_is_trained(ingested: Shop) -> None:
    message = ingested.run("retrain", "recommend", "--as-of", "2018-03-01")
    assert "recommend can't be judged" in message
    assert "on the days 2018-02-15 to 2018-02-21" in message
    assert f"holds purchases of 2017-08-14 to {CLOSES}" in message
    assert not (ingested.here.home / "runs").exists()


def test_a_validation_week_without_purchases_is_said_before_anything_is_trained(
    ingested: Shop,
) -> None:
    message = ingested.run("fine-tune", "recommend", "--cut", "2017-08-14")
    assert "on the days 2017-08-07 to 2017-08-13" in message
    assert "name an earlier day" in message or "bring newer purchases" in message
    assert not (ingested.here.home / "runs").exists()


def test_a_night_without_any_traffic_works_and_says_so(ingested: Shop) -> None:
    night = ingested.here.run("nightly", "--day", CLOSES)
    assert night.returncode == 0, night.stderr
    assert f"nobody asked recommend on {CLOSES}: there is nothing to measure" in night.stderr
    assert night.stdout.strip() == "retrained: nothing"


def test_a_home_where_nothing_ever_ran_can_be_asked_and_stopped(
    installation: Installation, tmp_path: Path
) -> None:
    nowhere = in_own_home(installation, tmp_path / "home")
    status = nowhere.run("status")
    assert status.returncode == 0
    assert "Nothing runs; `shopkeeper up` starts it." in status.stdout
    assert "served by no model yet" in status.stdout
    down = nowhere.run("down")
    assert down.returncode == 1
    assert "is not up" in down.stderr
    assert "Traceback" not in status.stderr + down.stderr


def test_a_scenario_that_does_not_exist_is_refused_by_its_name(
    installation: Installation, tmp_path: Path
) -> None:
    refused = in_own_home(installation, tmp_path / "home").run("retrain", "weather")
    assert refused.returncode == 2
    assert "there is no 'weather'; there is recommend" in refused.stderr
    assert "Traceback" not in refused.stderr
