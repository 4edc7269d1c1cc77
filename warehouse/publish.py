"""The marts people look at, as Parquet: what status, console and reports read, also at night."""

from pathlib import Path

import pyarrow.parquet as pq

from warehouse.connection import Connection
from warehouse.statements import run

TABLES = ("metric_values", "decisions", "models", "rollouts")


def publish(connection: Connection, folder: Path) -> None:
    """Replaces each published table whole: readers see the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    marts = {name: connection.table(name) for name in TABLES}
    marts["quarantined"] = run(connection, "records/quarantined")
    for name, mart in marts.items():
        temporary = folder / f".{name}.parquet"
        pq.write_table(mart.to_arrow_table(), temporary)
        temporary.replace(folder / f"{name}.parquet")
