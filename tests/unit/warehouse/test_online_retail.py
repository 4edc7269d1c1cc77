"""Online Retail: daily CSV drops, dirty as they come, become purchases and returns."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse.errors import SourceError
from warehouse.sources import OnlineRetail
from warehouse.sources.base import ingest

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Fingerprint, Shop

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
FIRST = """\
536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,"LANTERN, WHITE METAL",6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536365,71053,"LANTERN, WHITE METAL",6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
C536379,85123A,WHITE HANGING HEART,-1,2010-12-01 09:41:00,2.55,14527.0,France
536370,POST,POSTAGE,3,2010-12-01 09:45:00,18.0,12583.0,France
536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom
"""
SECOND = """\
536999,85123A ,WHITE HEART,1,2010-12-02 10:00:00,2.95,17850.0,United Kingdom
536999,85123A,WHITE HEART,2,2010-12-02 10:00:00,2.75,17850.0,United Kingdom
537000,DCGS0003,BOXED GLASS ASHTRAY,1,2010-12-02 10:30:00,2.51,,United Kingdom
537000,gift_0001_20,Dotcomgiftshop Gift Voucher,1,2010-12-02 10:30:00,16.67,,United Kingdom
"""

_DROPS = Path(os.environ.get("SHOPKEEPER_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
_DROPS /= "online_retail"


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    """Two days of a shop, in the published layout."""
    folder = tmp_path / "drops"
    folder.mkdir()
    _drop(folder, "2010-12-01", FIRST)
    _drop(folder, "2010-12-02", SECOND)
    return folder


def _drop(folder: Path, day: str, lines: str) -> None:
    (folder / f"{day}.csv").write_text(f"{HEADER}\n{lines}", encoding="utf-8")


def _events(shop: Shop, columns: str, where: str) -> list[tuple[object, ...]]:
    return shop.rows(f"raw_events where {where}", columns)


def test_a_line_of_an_invoice_is_a_purchase(shop: Shop, drops: Path) -> None:
    assert ingest(shop.connection, OnlineRetail(drops)) == {"raw_products": 7, "raw_events": 10}
    moment = datetime.fromisoformat("2010-12-01T08:26:00")
    columns = (
        "batch, event_id, event_type, occurred_at, logged_at, user_id, session_id, product_id, "
        "quantity, price, store_id, request_id"
    )
    assert _events(shop, columns, "event_id = '536365-85123A-1'") == [
        (
            "2010-12-01",
            "536365-85123A-1",
            "purchase",
            moment,
            moment,
            "17850",
            "536365",
            "85123A",
            6.0,
            2.55,
            "United Kingdom",
            None,
        )
    ]


def test_a_cancelled_invoice_is_a_return_with_a_positive_quantity(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    assert _events(shop, "event_id, user_id, quantity, price", "event_type = 'return'") == [
        ("C536379-85123A-1", "14527", 1.0, 2.55)
    ]


def test_a_line_without_a_customer_is_an_anonymous_basket(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    assert _events(shop, "session_id, product_id", "user_id is null") == [
        ("536414", "22139"),
        ("537000", "DCGS0003"),
        ("537000", "gift_0001_20"),
    ]


def test_codes_that_are_no_article_are_not_recommendable(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    assert shop.rows("raw_products where not recommendable", "product_id") == [
        ("POST",),
        ("gift_0001_20",),
    ]


def test_a_days_product_has_its_commonest_description_and_median_price(
    shop: Shop, drops: Path
) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    of_heart = "raw_products where product_id = '85123A'"
    assert shop.rows(of_heart, "batch, title, price") == [
        ("2010-12-01", "WHITE HANGING HEART", 2.55),
        ("2010-12-02", "WHITE HEART", pytest.approx(2.85)),
    ]


def test_a_line_at_price_zero_describes_no_product(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    adjusted = "raw_products where product_id = '22139'"
    assert shop.rows(adjusted, "title, price, recommendable") == [(None, None, True)]


def test_lines_that_are_the_same_are_told_apart_by_a_number(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    assert _events(shop, "event_id", "product_id = '71053'") == [
        ("536365-71053-1",),
        ("536365-71053-2",),
    ]


def test_a_code_with_a_blank_behind_it_is_the_same_product_on_another_line(
    shop: Shop, drops: Path
) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    assert _events(shop, "event_id", "session_id = '536999' and product_id = '85123A'") == [
        ("536999-85123A-1",),
        ("536999-85123A-2",),
    ]


def test_lines_are_numbered_the_same_in_whatever_order_the_file_holds_them(
    shop: Shop, drops: Path
) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    backwards = reversed(FIRST.splitlines())
    _drop(drops, "2010-12-01", "\n".join(backwards) + "\n")
    ingest(shop.connection, OnlineRetail(drops))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


def test_day_by_day_comes_to_the_same_as_all_at_once_and_again_changes_nothing(
    shop: Shop, drops: Path
) -> None:
    source = OnlineRetail(drops)
    ingest(shop.connection, source)
    before = shop.rows("raw_events"), shop.rows("raw_products")
    for day in (2, 1, 2):
        ingest(shop.connection, source, date(2010, 12, day))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


def test_a_day_is_ingested_without_the_other_days(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops), date(2010, 12, 2))
    assert shop.rows("(select distinct batch from raw_events)") == [("2010-12-02",)]


def test_a_drop_that_was_sent_again_replaces_the_day_whole(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    _drop(drops, "2010-12-02", SECOND.splitlines()[2] + "\n")
    counts = ingest(shop.connection, OnlineRetail(drops), date(2010, 12, 2))
    assert counts == {"raw_products": 1, "raw_events": 1}
    assert len(_events(shop, "1", "batch = '2010-12-01'")) == 6
    assert len(_events(shop, "1", "batch = '2010-12-02'")) == 1


def test_columns_are_known_by_their_names_in_whatever_order(shop: Shop, drops: Path) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    with (drops / "2010-12-02.csv").open(newline="") as file:
        rows = [row[::-1] for row in csv.reader(file)]
    with (drops / "2010-12-02.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    ingest(shop.connection, OnlineRetail(drops), date(2010, 12, 2))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before
    with pytest.raises(SourceError, match="Nothing was changed"):  # two orders at once
        ingest(shop.connection, OnlineRetail(drops))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


def test_a_day_on_which_nothing_was_sold_is_a_drop_without_lines(shop: Shop, drops: Path) -> None:
    _drop(drops, "2010-12-03", "")
    counts = ingest(shop.connection, OnlineRetail(drops), date(2010, 12, 3))
    assert counts == {"raw_products": 0, "raw_events": 0}
    assert ingest(shop.connection, OnlineRetail(drops)) == {"raw_products": 7, "raw_events": 10}


def test_quotes_in_a_description_are_read_as_quotes(shop: Shop, drops: Path) -> None:
    plain = "".join(f"1,{n},BOX,1,2010-12-03 10:00:00,1.0,,X\n" for n in range(10_000, 10_100))
    _drop(drops, "2010-12-03", plain + '1,99999,"9"" PLATE, RED",1,2010-12-03 10:00:00,1.0,,X\n')
    ingest(shop.connection, OnlineRetail(drops), date(2010, 12, 3))
    of_plate = "raw_products where product_id = '99999'"
    assert shop.rows(of_plate, "title") == [('9" PLATE, RED',)]


def test_the_shop_is_closed_on_saturdays_and_holidays_and_covers_the_drops(drops: Path) -> None:
    opening = OnlineRetail(drops).opening
    assert (opening.opens, opening.closes) == (date(2010, 12, 1), date(2010, 12, 2))
    assert opening.closed_weekdays == {date(2010, 12, 4).weekday()}
    assert {date(2010, 12, 24), date(2011, 1, 3), date(2011, 4, 29)} <= opening.closed_dates
    assert date(2011, 1, 4) not in opening.closed_dates


def test_a_folder_without_drops_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no drop: one file a day, YYYY-MM-DD\.csv"):
        OnlineRetail(tmp_path).loads(None)


def test_a_file_that_is_no_days_drop_is_passed_over(shop: Shop, drops: Path) -> None:
    (drops / "notes.csv").write_text("anything\n")
    assert OnlineRetail(drops).opening.closes == date(2010, 12, 2)
    assert ingest(shop.connection, OnlineRetail(drops)) == {"raw_products": 7, "raw_events": 10}


def test_a_missing_drop_is_named(drops: Path) -> None:
    with pytest.raises(SourceError, match="drop of 2010-12-03 was expected"):
        OnlineRetail(drops).loads(date(2010, 12, 3))


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (HEADER, "536365,85123A,HEART,six,2010-12-01 08:26:00,2.55,17850.0,United Kingdom"),
        (HEADER, "536365,85123A,HEART,6"),
        ("InvoiceNo,StockCode", "536365,85123A"),
        (HEADER.replace("Quantity", "Units"), FIRST.splitlines()[0]),
        ("Quantity," + HEADER.replace("Quantity,", ""), "6," + FIRST.splitlines()[0]),
    ],
    ids=["a word for a number", "a line cut short", "columns missing", "renamed", "one too many"],
)
def test_a_broken_drop_is_refused_and_the_tables_stay_as_they_were(
    shop: Shop, drops: Path, header: str, line: str
) -> None:
    ingest(shop.connection, OnlineRetail(drops))
    before = shop.rows("raw_events"), shop.rows("raw_products")
    (drops / "2010-12-02.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match="Nothing was changed"):
        ingest(shop.connection, OnlineRetail(drops))
    assert (shop.rows("raw_events"), shop.rows("raw_products")) == before


@pytest.mark.skipif(
    not _DROPS.is_dir(),
    reason=f"Online Retail is not at {_DROPS}; SHOPKEEPER_TEST_DATA names its folder",
)
def test_the_real_drops_until_august_come_to_these_numbers_each_time(
    shop: Shop, tmp_path: Path, fingerprint: Fingerprint
) -> None:
    for path in _DROPS.glob("*.csv"):
        if path.stem <= "2011-08-31":
            (tmp_path / path.name).symlink_to(path.resolve())
    source = OnlineRetail(tmp_path)

    assert ingest(shop.connection, source) == {"raw_products": 179_494, "raw_events": 320_705}

    numbers = "count(distinct event_id), count(distinct session_id), count(distinct product_id)"
    assert shop.rows("raw_events", numbers) == [(320_705, 16_459, 3_774)]
    by_type = "(select event_type, count(*), count(user_id) from raw_events group by all)"
    assert shop.rows(by_type) == [
        ("purchase", 314_858, 314_858 - 88_370),
        ("return", 5_847, 5_847 - 282),
    ]
    assert source.opening.closes == date(2011, 8, 31)
    before = (
        fingerprint(shop.connection, "raw_events"),
        fingerprint(shop.connection, "raw_products"),
    )
    ingest(shop.connection, source)
    after = fingerprint(shop.connection, "raw_events"), fingerprint(shop.connection, "raw_products")
    assert after == before
