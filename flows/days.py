"""Ranges of days, as commands and deployments name them."""

from datetime import date, timedelta

from flows.errors import DaysBackwards


def days_between(first: date, last: date) -> list[date]:
    """The days of a range, both ends among them.

    Raises:
        DaysBackwards: the last day is before the first.
    """
    if last < first:
        raise DaysBackwards(
            f"the last day, {last}, is before the first, {first}; name them in their order"
        )
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
