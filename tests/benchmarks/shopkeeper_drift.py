"""Our own comparison, as one of the systems that compare files: see `peers/drifting.py`.

Nothing is loaded before: the files are read while they are compared.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.peers.drifting import COLUMNS, MODEL, NOW, STATISTICS, THEN, run
from warehouse.connection import open_memory
from warehouse.file_drift import drift_of_files

Found = dict[str, dict[str, dict[str, float]]]


def compare(data: Path) -> Found:
    """All five statistics of each column and model."""
    found: Found = {column: {} for column in COLUMNS}
    with TemporaryDirectory(prefix="drift-") as spill, open_memory(Path(spill)) as connection:
        compared = drift_of_files(connection, data / NOW, data / THEN, COLUMNS, by=MODEL)
    for row in compared.to_pylist():
        found[row["subject"]][row["model_tag"]] = {name: row[name] for name in STATISTICS}
    return found


if __name__ == "__main__":
    run(__doc__, lambda data: data, compare)
