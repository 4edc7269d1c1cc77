"""Chorus: products of an electronics shop (Icecat) and how three raters graded them for queries.

Credit: the Chorus project (Querqy), Apache-2.0; product data under Icecat's Open Content License;
ratings by Supahands for the Chorus community.
"""

from warehouse.sources.base import Load, existing, with_attributes
from warehouse.sources.judged import JudgedCatalogue

_PRODUCTS, _JUDGMENTS = "products.parquet", "judgments.parquet"


class Chorus(JudgedCatalogue):
    """``products.parquet`` and ``judgments.parquet``; nobody shops there."""

    name = "chorus"
    files = (_PRODUCTS, _JUDGMENTS)

    def _all(self) -> list[Load]:
        products = {"path": existing(self._folder / _PRODUCTS, "Chorus' catalogue")}
        judgments = {"path": existing(self._folder / _JUDGMENTS, "Chorus' grades")}
        return [
            Load(
                "raw_products",
                "sources/chorus/raw_products",
                products,
                prepare=with_attributes("sources/chorus/pairs", products),
            ),
            Load("raw_judgments", "sources/chorus/raw_judgments", judgments),
        ]
