"""A check stops or quarantines: all of it, or nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import duckdb
import pytest

import data_checks.suites.events
from data_checks import Calendar, CheckBroken, CheckFailed, NoSuchSuite, Scope
from data_checks.expectations import ExpectRowsToSatisfy
from data_checks.suites import SUITES, Suite

if TYPE_CHECKING:
    from tests.unit.data_checks.conftest import Tables

AS_OF = datetime.fromisoformat("2024-03-16")


def test_above_the_tolerance_the_message_says_what_to_do(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(101), quantity="-1")

    with pytest.raises(CheckFailed) as failed:
        tables.check("raw_events")

    message = str(failed.value)
    assert message.startswith(
        "raw_events of shop: expected quantity to be between 0 and 100,000, and known for a "
        "purchase or return in at least 90% of rows (quantity_in_range), found 101 of 1,000 rows "
        '(10.1%) with another quantity; e.g. {"source": "shop", "batch": "b1", "row_number": 0, '
    )
    assert message.count('"quantity": -1.0') == 3
    assert "Correct the source and load the drop again" in message
    assert message.endswith("Nothing was quarantined or staged.")


def test_at_the_tolerance_the_flow_goes_on(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(100), quantity="-1")
    assert tables.check("raw_events").n_quarantined == 100


def test_every_failure_is_named_at_once(tables: Tables) -> None:
    tables.add("raw_events", 100)
    tables.spoil("raw_events", range(50), quantity="-1", price="-1")
    with pytest.raises(CheckFailed) as failed:
        tables.check("raw_events")
    assert [result.name for result in failed.value.report.failures] == [
        "quantity_in_range",
        "price_in_range",
    ]


def test_a_check_that_stops_leaves_the_quarantine_as_it_was(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(2), quantity="-1")
    tables.check("raw_events")
    before = tables.quarantined()
    tables.spoil("raw_events", range(500), price="-1")

    with pytest.raises(CheckFailed):
        tables.check("raw_events")

    assert tables.quarantined() == before
    assert len(before) == 2


def test_a_second_check_leaves_the_same_quarantine(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(2), quantity="-1")
    first = tables.check("raw_events")
    rows = tables.connection.execute("from quarantine order by all").fetchall()

    assert tables.check("raw_events") == first
    assert tables.connection.execute("from quarantine order by all").fetchall() == rows


def test_a_row_that_was_corrected_leaves_quarantine(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(2), quantity="-1")
    tables.check("raw_events")
    tables.spoil("raw_events", range(2), quantity="1")
    tables.check("raw_events")
    assert tables.quarantined() == []


def test_only_the_scope_is_checked_and_replaced(tables: Tables) -> None:
    for batch in ("b1", "b2"):
        tables.add("raw_events", 1000, batch=batch)
        tables.spoil("raw_events", range(1000), batch=batch, event_id=f"'{batch}' || row_number")
        tables.spoil("raw_events", range(1000), batch=batch, session_id=f"'{batch}' || row_number")
        tables.spoil("raw_events", range(3, 4), batch=batch, quantity="-1")
    tables.add("raw_events", 1000, source="other")
    tables.check("raw_events")

    tables.spoil("raw_events", range(3, 4), batch="b2", quantity="1")
    report = tables.check("raw_events", Scope("shop", AS_OF, batches=("b2",)))

    assert (report.n_rows, report.n_quarantined) == (1000, 0)
    assert tables.quarantined() == [("raw_events", "shop", "b1", 3, "quantity_in_range")]


@pytest.mark.parametrize("expectation", ["line_is_json", "line_is_record"])
def test_lines_that_were_never_rows_stay_in_quarantine(tables: Tables, expectation: str) -> None:
    line = ("raw_events", "shop", "b1", 5, expectation)
    tables.connection.execute(
        "insert into quarantine values (?, ?, ?, ?, ?, 'not valid JSON', '\"{\"', 0, 1)",
        line,
    )
    tables.add("raw_events", 5)
    assert tables.check("raw_events").n_quarantined == 0
    assert tables.quarantined() == [line]


def test_an_interruption_leaves_the_previous_quarantine(tables: Tables) -> None:
    tables.connection.execute("drop table quarantine")
    tables.connection.execute(
        "create table quarantine (table_name varchar, source varchar, batch varchar, "
        "row_number bigint, expectation varchar check (expectation <> 'price_in_range'), "
        "reason varchar, row_json varchar)"
    )
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(2), quantity="-1")
    tables.check("raw_events")
    before = tables.quarantined()
    tables.spoil("raw_events", range(4, 6), quantity="-1", price="-1")

    with pytest.raises(duckdb.ConstraintException):  # after some rows were replaced
        tables.check("raw_events")

    assert tables.quarantined() == before


def test_the_quarantined_row_is_kept_whole(tables: Tables) -> None:
    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(7, 8), quantity="-1")
    tables.check("raw_events")
    kept = tables.connection.execute(
        "select reason, row_json->>'event_id', (row_json->>'quantity')::double, "
        "row_json->>'occurred_at' from quarantine"
    ).fetchall()
    assert kept == [
        (
            "expected quantity to be between 0 and 100,000, and known for a purchase or return",
            "e7",
            -1.0,
            "2024-03-15 09:00:07",
        )
    ]


def test_an_empty_catalogue_says_so(tables: Tables) -> None:
    tables.connection.execute("delete from raw_products")
    with pytest.raises(
        CheckFailed,
        match=r"raw_products of shop: expected at least one product \(rows_exist\), found none.*"
        "An empty catalogue leaves nothing to recommend",
    ):
        tables.check("raw_products")


def test_a_shop_without_promotions_passes(tables: Tables) -> None:
    calendar = Calendar(date(2024, 3, 1))
    report = tables.check("raw_promotions", Scope("shop", AS_OF, calendar))
    assert {result.status for result in report.results} == {"passed"}


def test_an_empty_batch_stops(tables: Tables) -> None:
    tables.add("raw_events", 10)
    with pytest.raises(CheckFailed, match="expected at least one event"):
        tables.check("raw_events", Scope("shop", AS_OF, batches=("b2",)))


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("drop quantity", {"column": "quantity", "expected": "DOUBLE", "found": None}),
        ("drop source", {"column": "source", "expected": "VARCHAR", "found": None}),
        ("add colour varchar", {"column": "colour", "expected": None, "found": "VARCHAR"}),
        (
            "alter price type varchar",
            {"column": "price", "expected": "DOUBLE", "found": "VARCHAR"},
        ),
    ],
)
def test_a_table_that_is_declared_otherwise_stops_before_its_rows_are_read(
    tables: Tables, change: str, difference: dict[str, str | None]
) -> None:
    tables.connection.execute(f"alter table raw_events {change}")
    with pytest.raises(CheckFailed, match="the 16 columns that warehouse/sql/schema") as failed:
        tables.check("raw_events")
    (result,) = failed.value.report.results
    assert result.samples == (difference,)


def test_a_table_without_a_suite_names_those_that_have_one(tables: Tables) -> None:
    with pytest.raises(NoSuchSuite, match="no suite for raw_coupons; there are suites for raw_eve"):
        tables.check("raw_coupons")


def test_a_mistake_in_an_expectation_is_not_taken_for_bad_data(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistaken = ExpectRowsToSatisfy(
        name="colour_given", expected="", found="", advice="", condition="colour is not null"
    )
    columns = data_checks.suites.events.SUITE.columns
    monkeypatch.setitem(SUITES, "raw_events", Suite("raw_events", columns, lambda _: [mistaken]))
    tables.add("raw_events", 10)
    with pytest.raises(CheckBroken, match="colour_given of raw_events could not be evaluated"):
        tables.check("raw_events")


def test_the_connection_is_left_open_and_clean(tables: Tables) -> None:
    tables.add("raw_events", 10)
    tables.check("raw_events")
    tables.spoil("raw_events", range(10), price="-1")
    with pytest.raises(CheckFailed):
        tables.check("raw_events")
    left = tables.connection.execute(
        "select view_name from duckdb_views() where temporary and not internal "
        "union all select table_name from duckdb_tables() where temporary"
    ).fetchall()
    assert left == []


def test_names_with_quotes_and_colons_are_only_names(tables: Tables) -> None:
    source, batch = "o'shop", "logs/a:1'.jsonl"
    for table in ("raw_products", "raw_events"):
        tables.add(table, 200, source=source, batch=batch)
    tables.spoil("raw_events", range(1), batch=batch, price="-1")
    report = tables.check("raw_events", Scope(source, AS_OF, batches=(batch,)))
    assert (report.n_rows, report.n_quarantined) == (200, 1)


def test_a_check_writes_no_file_and_says_nothing(
    tables: Tables,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    tables.add("raw_events", 10)
    tables.check("raw_events")
    assert list(home.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_the_rows_never_pass_through_pandas(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a data frame was made")

    tables.add("raw_events", 1000)
    tables.spoil("raw_events", range(1), quantity="-1")
    tables.check("raw_products")  # what is imported late is imported now
    monkeypatch.setattr("pandas.DataFrame.__init__", refuse)
    assert tables.check("raw_events").n_quarantined == 1
