"""The marts people look at, as Parquet: what status, console and reports read, also at night."""

from pathlib import Path

import pyarrow.parquet as pq

from warehouse.connection import Connection
from warehouse.statements import run

TABLES = ("reliability", "label_free_estimates", "decisions", "models", "rollouts")
SUMMARIES = (
    *("metric_values", "delay_curves", "judged_by", "quarantined"),
    *("incidents", "incident_changes", "alerts", "drift_values", "drift_distributions"),
    "embedding_drift_values",
)


def publish(connection: Connection, folder: Path) -> None:
    """Replaces each published table whole: readers see the old one or the new one.

    None is replaced before all are written: where the disk has no room for one, all stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    marts = {name: connection.table(name).to_arrow_table() for name in TABLES}
    marts |= {name: run(connection, f"records/{name}").to_arrow_table() for name in SUMMARIES}
    temporaries = {name: folder / f".{name}.parquet" for name in marts}
    try:
        for name, mart in marts.items():
            pq.write_table(mart, temporaries[name])
        for name, temporary in temporaries.items():
            temporary.replace(folder / f"{name}.parquet")
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
