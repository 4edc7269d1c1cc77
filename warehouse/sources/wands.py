"""WANDS: the Wayfair Annotation Dataset, in the tab-separated files that it is published in.

Chen et al. 2022, https://github.com/wayfair/WANDS, MIT.
"""

from datetime import date
from pathlib import Path

from warehouse.sources.base import Load, existing, with_attributes

_QUERIES, _PRODUCTS, _LABELS = "query.csv", "product.csv", "label.csv"


class Wands:
    """Furniture, and for queries its labels; nobody shops there."""

    name = "wands"
    tables = ("raw_products", "raw_judgments")
    files = (_QUERIES, _PRODUCTS, _LABELS)
    opening = None
    evaluation_cuts = ()

    def __init__(self, folder: Path) -> None:
        """Reads the three files of ``folder`` at the time of each load."""
        self._folder = folder

    def loads(self, day: date | None) -> list[Load]:
        """Everything; a day brings nothing."""
        if day is not None:
            return []
        products = {"path": existing(self._folder / _PRODUCTS, "WANDS' catalogue")}
        labels = {
            "path": existing(self._folder / _LABELS, "WANDS' labels"),
            "queries": existing(self._folder / _QUERIES, "WANDS' queries"),
        }
        return [
            Load(
                "raw_products",
                "sources/wands/raw_products",
                products,
                prepare=with_attributes("sources/wands/pairs", products),
            ),
            Load("raw_judgments", "sources/wands/raw_judgments", labels),
        ]
