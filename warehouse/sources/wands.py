"""WANDS: the Wayfair Annotation Dataset, in the tab-separated files that it is published in.

Chen et al. 2022, https://github.com/wayfair/WANDS, MIT.
"""

from warehouse.sources.base import Load, existing, with_attributes
from warehouse.sources.judged import JudgedCatalogue

_QUERIES, _PRODUCTS, _LABELS = "query.csv", "product.csv", "label.csv"


class Wands(JudgedCatalogue):
    """Furniture, and for queries its labels; nobody shops there."""

    name = "wands"
    files = (_QUERIES, _PRODUCTS, _LABELS)

    def _all(self) -> list[Load]:
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
