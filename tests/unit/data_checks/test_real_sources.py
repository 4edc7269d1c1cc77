"""The real sources pass as they are; what goes to quarantine is counted here."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data_checks import Calendar, Scope, check_table
from warehouse.connection import open_warehouse
from warehouse.sources.base import ingest
from warehouse.sources.chorus import Chorus
from warehouse.sources.complete_journey import CompleteJourney
from warehouse.sources.online_retail import OnlineRetail
from warehouse.statements import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from data_checks import CheckReport
    from warehouse.sources.base import Opening

_ROOT = Path(__file__).parents[3]
_DATA = Path(os.environ.get("SHOPKEEPER_TEST_DATA", _ROOT.parent / "shared" / "data"))
_DROPS = _DATA / "online_retail"
_CHORUS = _DATA / "chorus"


def _calendar(opening: Opening | None) -> Calendar:
    assert opening is not None
    return Calendar(opening.opens, opening.closes, opening.closed_weekdays, opening.closed_dates)


COMPLETE_JOURNEY = Scope(
    "complete_journey", datetime.fromisoformat("2018-01-02"), _calendar(CompleteJourney.opening)
)


def _drops_until_august() -> list[Path]:
    """The drops whose counts are pinned here, however many there are."""
    return [path for path in _DROPS.glob("*.csv") if path.stem <= "2011-08-31"]


def _broken(report: CheckReport) -> dict[str, tuple[str, int]]:
    return {r.name: (r.status, r.n_unexpected) for r in report.results if r.n_unexpected}


@pytest.fixture(scope="module")
def complete_journey(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(tmp_path_factory.mktemp("journey") / "warehouse.duckdb") as connection:
        connection.execute("set threads = 2")
        loads = {load.table: load for load in CompleteJourney().loads(None)}
        for table in ("raw_products", "raw_events"):
            load = loads[table]
            run(connection, load.statement, source="complete_journey", **load.parameters)
        check_table(connection, "raw_products", COMPLETE_JOURNEY)
        yield connection


def _retail() -> Scope:
    calendar = _calendar(OnlineRetail(_DROPS).opening)
    return Scope("online_retail", datetime.fromisoformat("2011-09-01"), calendar)


@pytest.fixture(scope="module")
def online_retail(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    if not _DROPS.is_dir():
        pytest.skip(f"Online Retail is not at {_DROPS}; SHOPKEEPER_TEST_DATA names its folder")
    drops = tmp_path_factory.mktemp("drops")
    for path in _drops_until_august():
        (drops / path.name).symlink_to(path.resolve())
    with open_warehouse(tmp_path_factory.mktemp("retail") / "warehouse.duckdb") as connection:
        connection.execute("set threads = 2")
        ingest(connection, OnlineRetail(drops))
        yield connection


@pytest.fixture(scope="module")
def chorus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    if not _CHORUS.is_dir():
        pytest.skip(f"Chorus is not at {_CHORUS}; SHOPKEEPER_TEST_DATA names its folder")
    with open_warehouse(tmp_path_factory.mktemp("chorus") / "warehouse.duckdb") as connection:
        connection.execute("set threads = 2")
        ingest(connection, Chorus(_CHORUS))
        yield connection


def test_complete_journeys_catalogue_passes_whole(
    complete_journey: duckdb.DuckDBPyConnection,
) -> None:
    report = check_table(complete_journey, "raw_products", COMPLETE_JOURNEY)
    assert (report.n_rows, _broken(report)) == (92_331, {})


def test_complete_journey_buys_17_products_that_its_catalogue_lacks(
    complete_journey: duckdb.DuckDBPyConnection,
) -> None:
    report = check_table(complete_journey, "raw_events", COMPLETE_JOURNEY)
    products = complete_journey.execute(
        "select count(distinct row_json->>'product_id') from quarantine "
        "where table_name = 'raw_events'"
    ).fetchone()

    assert report.n_rows == 1_469_307
    assert _broken(report) == {"product_known": ("quarantined", 4836)}
    assert products == (17,)


def test_complete_journeys_largest_quantity_is_accepted(
    complete_journey: duckdb.DuckDBPyConnection,
) -> None:
    largest = complete_journey.execute("select max(quantity) from raw_events").fetchone()
    report = check_table(complete_journey, "raw_events", COMPLETE_JOURNEY)
    assert largest == (89_638,)
    assert "quantity_in_range" not in _broken(report)


def test_one_day_of_complete_journey_is_checked_as_a_nights_drop(
    complete_journey: duckdb.DuckDBPyConnection,
) -> None:
    night = Scope(
        "complete_journey",
        datetime.fromisoformat("2017-08-10"),
        COMPLETE_JOURNEY.calendar,
        batches=("2017-08-09",),
    )
    report = check_table(complete_journey, "raw_events", night)
    assert (report.n_rows, report.n_quarantined) == (3769, 31)


def test_complete_journey_repeats_12785_promotions(
    complete_journey: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """On the first 2,000,000 promotions and all that share a key: the whole takes longer."""
    (load,) = [load for load in CompleteJourney().loads(None) if load.table == "raw_promotions"]
    part = tmp_path / "promotions.parquet"
    complete_journey.execute(
        """
        copy (
            with keyed as (
                select *, file_row_number, hash(product_id, store_id, week) as key_hash
                from read_parquet($path, file_row_number = true)
            ),
            repeated as (select key_hash from keyed group by key_hash having count(*) > 1)
            select product_id, store_id, display_location, mailer_location, week
            from keyed
            where file_row_number < 2000000 or key_hash in (from repeated)
        ) to $part (format parquet)
        """,
        {"path": load.parameters["path"], "part": str(part)},
    )
    run(complete_journey, load.statement, source="complete_journey", path=str(part))

    report = check_table(complete_journey, "raw_promotions", COMPLETE_JOURNEY)

    assert _broken(report) == {"promotion_not_repeated": ("quarantined", 12_785)}
    assert report.n_quarantined == 12_785


def test_online_retails_catalogue_passes_whole(
    online_retail: duckdb.DuckDBPyConnection,
) -> None:
    report = check_table(online_retail, "raw_products", _retail())
    assert _broken(report) == {}


def test_online_retail_repeats_lines_and_books_stock_as_sales(
    online_retail: duckdb.DuckDBPyConnection,
) -> None:
    report = check_table(online_retail, "raw_events", _retail())
    assert report.n_rows == 320_705
    assert _broken(report) == {
        "line_not_repeated": ("quarantined", 2484),
        "quantity_in_range": ("quarantined", 925),
        "price_in_range": ("quarantined", 2),
    }
    assert report.n_quarantined == 3411


def test_online_retail_is_closed_on_saturdays_and_holidays_only(
    online_retail: duckdb.DuckDBPyConnection,
) -> None:
    drops = {date.fromisoformat(path.stem) for path in _drops_until_august()}
    calendar = _retail().calendar
    assert calendar is not None
    assert set(calendar.open_days(date(2011, 8, 31))) == drops


@pytest.mark.parametrize("day", ["2011-01-28", "2011-01-16", "2011-08-31"])
def test_the_worst_days_of_online_retail_pass_as_a_nights_drop(
    online_retail: duckdb.DuckDBPyConnection, day: str
) -> None:
    as_of = datetime.fromisoformat(day).replace(hour=23, minute=59)
    night = replace(_retail(), as_of=as_of, batches=(day,))
    assert check_table(online_retail, "raw_events", night).passed


@pytest.mark.parametrize(("table", "rows"), [("raw_products", 19_406), ("raw_judgments", 2_083)])
def test_chorus_passes_whole(chorus: duckdb.DuckDBPyConnection, table: str, rows: int) -> None:
    report = check_table(chorus, table, Scope("chorus", datetime.fromisoformat("2024-03-16")))
    assert (report.n_rows, _broken(report)) == (rows, {})


def test_chorus_judges_90_queries_of_which_52_tell_good_from_bad(
    chorus: duckdb.DuckDBPyConnection,
) -> None:
    queries = chorus.execute(
        "select count(*), count(*) filter (best >= 1 and worst = 0) from "
        "(select max(grade) as best, min(grade) as worst from raw_judgments group by query)"
    ).fetchone()
    assert queries == (90, 52)
