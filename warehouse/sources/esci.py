"""ESCI: Amazon's Shopping Queries Dataset, in the Parquet files that it is published in.

Reddy et al. 2022, https://github.com/amazon-science/esci-data, Apache-2.0.
"""

from datetime import date
from pathlib import Path

from warehouse.sources.base import Load, existing

_PRODUCTS = "shopping_queries_dataset_products.parquet"
_EXAMPLES = "shopping_queries_dataset_examples.parquet"


class Esci:
    """Products of three locales, and for queries their labels; nobody shops there."""

    name = "esci"
    tables = ("raw_products", "raw_judgments")
    files = (_PRODUCTS, _EXAMPLES)
    opening = None
    evaluation_cuts = ()

    def __init__(self, folder: Path) -> None:
        """Reads the two files of ``folder`` at the time of each load."""
        self._folder = folder

    def loads(self, day: date | None) -> list[Load]:
        """Everything; a day brings nothing."""
        if day is not None:
            return []
        products = existing(self._folder / _PRODUCTS, "ESCI's catalogue")
        examples = existing(self._folder / _EXAMPLES, "ESCI's labels")
        return [
            Load("raw_products", "sources/esci/raw_products", {"path": products}),
            Load(
                "raw_judgments",
                "sources/esci/raw_judgments",
                {"path": examples, "products": products},
            ),
        ]
