"""What can go wrong with the warehouse.

WarehouseError
├── WarehouseUnreadable   the file is held by another process, or is no DuckDB file
└── SourceError           a source's data is missing, unreadable, or not of the expected shape
"""

from pathlib import Path


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


class SourceError(WarehouseError):
    """A source's data can't be taken."""
