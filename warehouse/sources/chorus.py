"""Chorus: products of an electronics shop (Icecat) and how three raters graded them for queries.

Credit: the Chorus project (Querqy), Apache-2.0; product data under Icecat's Open Content License;
ratings by Supahands for the Chorus community.
"""

from datetime import date
from pathlib import Path

from warehouse.sources.base import Load, existing, with_attributes

_PRODUCTS, _JUDGMENTS = "products.parquet", "judgments.parquet"


class Chorus:
    """``products.parquet`` and ``judgments.parquet``; nobody shops there."""

    name = "chorus"
    tables = ("raw_products", "raw_judgments")
    files = (_PRODUCTS, _JUDGMENTS)
    opening = None
    evaluation_cuts = ()

    def __init__(self, folder: Path) -> None:
        """Reads the two files of ``folder`` at the time of each load."""
        self._folder = folder

    def loads(self, day: date | None) -> list[Load]:
        """Everything; a day brings nothing."""
        if day is not None:
            return []
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
