"""ESCI: Amazon's Shopping Queries Dataset, in the Parquet files that it is published in.

Reddy et al. 2022, https://github.com/amazon-science/esci-data, Apache-2.0.
"""

from warehouse.sources.base import Load, existing
from warehouse.sources.judged import JudgedCatalogue

_PRODUCTS = "shopping_queries_dataset_products.parquet"
_EXAMPLES = "shopping_queries_dataset_examples.parquet"


class Esci(JudgedCatalogue):
    """Products of three locales, and for queries their labels; nobody shops there."""

    name = "esci"
    files = (_PRODUCTS, _EXAMPLES)

    def _all(self) -> list[Load]:
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
