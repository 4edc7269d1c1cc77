"""Which rows a check is about, and when their shop is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """When a source brings rows, and how many: a day without rows is a gap only if it was open.

    Days are UTC. Volume is measured against the source itself: the median of the same weekday's
    last eight open days.
    """

    opens: date
    closes: date | None = None  # the last day the source covers; None: it goes on
    closed_weekdays: frozenset[int] = frozenset()  # Monday is 0
    closed_dates: frozenset[date] = frozenset()
    least: float = 0.1  # a day with less than this share of the usual rows was cut short
    most: float = 5.0  # a day with more than this multiple of them is worth a look

    def is_open(self, day: date) -> bool:
        """Whether the source is expected to bring rows of this day."""
        return (
            self.opens <= day
            and (self.closes is None or day <= self.closes)
            and day.weekday() not in self.closed_weekdays
            and day not in self.closed_dates
        )

    def open_days(self, until: date) -> Iterator[date]:
        """The open days from the first to ``until``, which is included."""
        day = self.opens
        last = until if self.closes is None else min(until, self.closes)
        while day <= last:
            if self.is_open(day):
                yield day
            day += _DAY


@dataclass(frozen=True)
class Scope:
    """The rows of one source (or of some of its batches), judged as of a moment.

    Attributes:
        source: the value of the column ``source``.
        as_of: naive UTC. Days that had ended by then are expected to be there.
        calendar: None where a source has none: freshness and volume are then not judged.
        batches: None is every batch of the source.
        max_lag: how much later than the end of a day its rows may still arrive.
        relation: the view that holds the rows; None: the table itself.
        catalogue: the source whose products the rows name; None: their own.
    """

    source: str
    as_of: datetime
    calendar: Calendar | None = None
    batches: tuple[str, ...] | None = None
    max_lag: timedelta = timedelta(0)
    catalogue: str | None = None
    relation: str | None = None

    def __post_init__(self) -> None:
        """Refuses what would quietly check something else than was meant."""
        if self.as_of.tzinfo is not None:
            raise ValueError(
                f"as_of must be naive UTC, as the warehouse stores times, but was {self.as_of}; "
                "pass as_of.astimezone(UTC).replace(tzinfo=None)."
            )
        if self.batches is not None and not self.batches:
            raise ValueError("batches is empty; pass None to check every batch of the source.")

    @property
    def last_due_day(self) -> date:
        """The newest day that had ended, with ``max_lag`` to spare, at ``as_of``."""
        return (self.as_of - self.max_lag).date() - _DAY

    @property
    def open_days(self) -> tuple[date, ...]:
        """The days whose rows are due, oldest first; none without a calendar."""
        if self.calendar is None:
            return ()
        return tuple(self.calendar.open_days(self.last_due_day))
