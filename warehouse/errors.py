"""What can go wrong with the warehouse.

WarehouseError
├── WarehouseUnreadable   the file is held by another process, or is no DuckDB file
├── RawUnwritable         what was pulled can't be kept: the disk is full, or the folder not ours
├── ScoresNotFinite       a ranking has scores that put nothing in order
└── SourceError           a source's data is missing, unreadable, or not of the expected shape
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class WarehouseError(Exception):
    """The root of what this room raises on purpose."""


class WarehouseUnreadable(WarehouseError):
    """The warehouse file can't be opened."""

    def __init__(self, path: Path, cause: Exception) -> None:
        """Says which file, what DuckDB said, and what to do."""
        super().__init__(
            f"the warehouse {path} can't be opened: {str(cause).splitlines()[0]}. "
            "If another process holds it, wait for that flow to end (`shopkeeper status` names "
            "it); if the file is damaged, move it away and ingest again: all of it can be rebuilt."
        )


class RawUnwritable(WarehouseError):
    """The rows of a log can't be kept."""

    def __init__(self, folder: Path, cause: Exception) -> None:
        """Says which folder, what the system said, and what to do."""
        super().__init__(
            f"{folder} can't be written: {str(cause).splitlines()[0]}. What was pulled before is "
            "kept, and the logs are as they were; free space on the disk or mend the folder's "
            "permissions, and run it again: it goes on where it stopped."
        )


class ScoresNotFinite(WarehouseError):
    """A ranking has scores that put nothing in order."""

    def __init__(self, ranker: str, n: int, total: int, first: Mapping[str, Any]) -> None:
        """Says whose, how many, which is the first, and what to do."""
        super().__init__(
            f"{n:,} of {total:,} scores of {ranker} are no finite numbers; the first is "
            f"{first['score']}, of product {first['product_id']} for query {first['query_id']}. "
            "Finite scores were expected, since they put the products in order: see whether the "
            "model diverged in training or overflows in its precision, and leave out what it "
            "should not rank."
        )


class SourceError(WarehouseError):
    """A source's data can't be taken."""
