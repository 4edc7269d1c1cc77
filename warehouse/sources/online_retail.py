"""Online Retail: the raw daily CSV drops of a UK gift shop (UCI, Chen 2015, CC BY 4.0)."""

from datetime import date, timedelta
from pathlib import Path

from warehouse.errors import SourceError
from warehouse.sources.base import Load, Opening, existing

_SATURDAY = 5
_CHRISTMAS_BREAK = frozenset(date(2010, 12, 24) + timedelta(days=n) for n in range(11))
_HOLIDAYS = frozenset(
    {
        date(2011, 4, 22),  # Good Friday
        date(2011, 4, 24),  # Easter Sunday
        date(2011, 4, 25),  # Easter Monday
        date(2011, 4, 29),  # royal wedding
        date(2011, 5, 2),  # early May bank holiday
        date(2011, 5, 30),  # spring bank holiday
        date(2011, 8, 29),  # summer bank holiday
    }
)


class OnlineRetail:
    """A folder with one ``YYYY-MM-DD.csv`` a day; each file is one drop."""

    name = "online_retail"
    opening = Opening(
        opens=date(2010, 12, 1),
        closed_weekdays=frozenset({_SATURDAY}),
        closed_dates=_CHRISTMAS_BREAK | _HOLIDAYS,
    )

    def __init__(self, folder: Path) -> None:
        """Reads the drops that lie in ``folder`` at the time of each load."""
        self._folder = folder

    def loads(self, day: date | None) -> list[Load]:
        """All drops, or one day's."""
        paths = self._drops() if day is None else [self._drop(day)]
        return [
            Load(table, f"sources/{self.name}/{table}", {"paths": paths})
            for table in ("raw_products", "raw_events")
        ]

    def _drop(self, day: date) -> str:
        return existing(self._folder / f"{day}.csv", f"Online Retail's drop of {day}")

    def _drops(self) -> list[str]:
        paths = sorted(str(path) for path in self._folder.glob("*.csv"))
        if not paths:
            raise SourceError(
                f"{self._folder} holds no drop: one file a day, YYYY-MM-DD.csv, was expected."
            )
        return paths
