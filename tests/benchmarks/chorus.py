"""Chorus's catalogue as the warehouse stages it."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from warehouse.connection import open_warehouse
from warehouse.marts import catalogue
from warehouse.sources import Chorus
from warehouse.sources.base import ingest
from warehouse.staging import stage_products


def add_data(parser: ArgumentParser) -> None:
    """Lets the command line say where the shared data lie."""
    data = Path(os.environ.get("SHOPKEEPER_TEST_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="the folder that chorus/ lies in")


def chorus_catalogue(folder: Path) -> pa.Table:
    """Every product, in the order of their identifiers."""
    with (
        TemporaryDirectory() as home,
        open_warehouse(Path(home) / "warehouse.duckdb") as connection,
    ):
        ingest(connection, Chorus(folder), None, quietly)
        stage_products(connection)
        return catalogue(connection)


def quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
    """No progress bar."""
    return items
