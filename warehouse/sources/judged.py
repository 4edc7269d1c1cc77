"""What the published sets of judgments share: a catalogue, grades for queries, and no shoppers."""

from abc import ABC, abstractmethod
from datetime import date
from pathlib import Path

from warehouse.sources.base import Load


class JudgedCatalogue(ABC):
    """A folder of files; nobody shops there, so that no day brings anything."""

    tables = ("raw_products", "raw_judgments")
    opening = None
    evaluation_cuts = ()

    def __init__(self, folder: Path) -> None:
        """Reads the files of ``folder`` at the time of each load."""
        self._folder = folder

    def loads(self, day: date | None) -> list[Load]:
        """Everything; a day brings nothing."""
        return [] if day is not None else self._all()

    @abstractmethod
    def _all(self) -> list[Load]:
        """The statements that bring everything."""
