"""Online Retail: the raw daily CSV drops of a UK gift shop (UCI, Chen 2015, CC BY 4.0)."""

from datetime import date, timedelta
from pathlib import Path

from warehouse.errors import SourceError
from warehouse.sources.base import Load, Opening, existing, last_week_of

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
    tables = ("raw_products", "raw_events")

    def __init__(self, folder: Path) -> None:
        """Reads the drops that lie in ``folder`` at the time of each load."""
        self._folder = folder

    @property
    def opening(self) -> Opening:
        """Open but on Saturdays and holidays, up to the last drop there is."""
        return Opening(
            opens=date(2010, 12, 1),
            closes=date.fromisoformat(Path(self._drops()[-1]).stem),
            closed_weekdays=frozenset({_SATURDAY}),
            closed_dates=_CHRISTMAS_BREAK | _HOLIDAYS,
        )

    @property
    def evaluation_cuts(self) -> tuple[date, ...]:
        """A week before the last day."""
        return last_week_of(self.opening)

    def loads(self, day: date | None) -> list[Load]:
        """All drops, or one day's."""
        paths = self._drops() if day is None else [self._drop(day)]
        return [
            Load(table, f"sources/{self.name}/{table}", {"paths": paths}) for table in self.tables
        ]

    def _drop(self, day: date) -> str:
        return existing(self._folder / f"{day}.csv", f"Online Retail's drop of {day}")

    def _drops(self) -> list[str]:
        paths = sorted(str(path) for path in self._folder.glob("????-??-??.csv"))
        if not paths:
            raise SourceError(
                f"{self._folder} holds no drop: one file a day, YYYY-MM-DD.csv, was expected."
            )
        return paths
