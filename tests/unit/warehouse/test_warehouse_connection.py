"""One process writes the warehouse at a time; what it writes is there whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from warehouse.connection import open_warehouse, transaction
from warehouse.errors import WarehouseError, WarehouseUnreadable
from warehouse.statements import statements_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.conftest import OtherProcess, Shop

ADD_MODEL = "insert into models values ('m:1', 'recommend', timestamp '2024-01-01', '{}', '{}')"

OPEN_IT = """
from pathlib import Path
from warehouse.connection import open_warehouse
from warehouse.errors import WarehouseUnreadable
try:
    with open_warehouse(Path(sys.argv[1]), read_only=sys.argv[2] == "True") as connection:
        print(connection.execute("select count(*) from models").fetchone()[0])
except WarehouseUnreadable as error:
    print(error)
    sys.exit(3)
"""


def test_a_new_warehouse_has_every_table_of_the_schema(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "new" / "folder" / "warehouse.duckdb") as connection:
        (n,) = connection.execute("select count(*) from information_schema.tables").fetchone() or ()
        (zone,) = connection.execute("select current_setting('timezone')").fetchone() or ()
    assert n == len(list(statements_in("schema")))
    assert zone == "UTC"


def test_a_warehouse_keeps_its_rows_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.execute(ADD_MODEL)
    with open_warehouse(path) as connection:
        assert len(connection.execute("from models").fetchall()) == 1


def test_a_reader_can_not_write(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path):
        pass
    with open_warehouse(path, read_only=True) as connection:
        assert connection.execute("from models").fetchall() == []
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute(ADD_MODEL)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_second_process_is_told_that_another_holds_the_warehouse(
    tmp_path: Path, other_process: OtherProcess, read_only: bool
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path):
        second = other_process(OPEN_IT, path, read_only)
    assert second.returncode == 3, second.stderr
    assert f"the warehouse {path} can't be opened" in second.stdout
    assert "wait for that flow to end (`shopkeeper status` names it)" in second.stdout


def test_the_next_process_can_open_it_once_the_first_has_closed_it(
    tmp_path: Path, other_process: OtherProcess
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        connection.execute(ADD_MODEL)
    second = other_process(OPEN_IT, path, False)
    assert (second.returncode, second.stdout) == (0, "1\n"), second.stderr


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"this is no database" * 1000)
    with (
        pytest.raises(WarehouseUnreadable, match="move it away and ingest again"),
        open_warehouse(path),
    ):
        pass


def test_a_reader_of_a_warehouse_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match=r"nowhere\.duckdb can't be opened"),
        open_warehouse(tmp_path / "nowhere.duckdb", read_only=True),
    ):
        pass


def test_a_transaction_keeps_what_its_block_wrote(shop: Shop) -> None:
    with transaction(shop.connection):
        shop.connection.execute(ADD_MODEL)
    assert len(shop.rows("models")) == 1


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_is_cut_short_keeps_nothing(
    shop: Shop, failure: type[BaseException]
) -> None:
    def cut_short() -> None:
        with transaction(shop.connection):
            shop.connection.execute(ADD_MODEL)
            raise failure

    with pytest.raises(failure):
        cut_short()
    assert shop.rows("models") == []


def test_after_a_statement_that_failed_the_connection_can_be_used_again(shop: Shop) -> None:
    def fail() -> None:
        with transaction(shop.connection):
            shop.connection.execute(ADD_MODEL)
            shop.connection.execute("select 'x'::integer")

    with pytest.raises(duckdb.ConversionException):
        fail()
    with transaction(shop.connection):
        shop.connection.execute(ADD_MODEL)
    assert len(shop.rows("models")) == 1
