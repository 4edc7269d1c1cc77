"""Freshness and volume against the source's own calendar, for tables with ``occurred_at``."""

from collections.abc import Sequence
from datetime import date, timedelta

from great_expectations.expectations.metadata_types import FailureSeverity

from data_checks.expectations import ExpectQueryToFindNothing
from data_checks.scope import Calendar, Scope
from data_checks.statements import statement

_CLOSED = "if the source was closed then, add the days to its calendar's closed_dates."


def calendar_expectations(scope: Scope) -> Sequence[ExpectQueryToFindNothing]:
    """None without a calendar, or before its first day is due."""
    if scope.calendar is None or not scope.open_days:
        return ()
    return (
        rows_fresh("occurred_at", scope, scope.open_days[-1]),
        _open_days_have_rows(),
        _volume_not_low(scope.calendar),
        _volume_not_high(scope.calendar),
        _closed_days_without_rows(scope),
    )


def rows_fresh(
    time: str,
    scope: Scope,
    last_open_day: date,
    *,
    severity: FailureSeverity = FailureSeverity.CRITICAL,
) -> ExpectQueryToFindNothing:
    """The source has rows of its last open day that is due."""
    ahead = scope.as_of + timedelta(days=1) if time == "occurred_at" else None
    return ExpectQueryToFindNothing(
        name="rows_fresh",
        expected=f"rows up to {last_open_day}, the last open day due at {scope.as_of} UTC",
        found="nothing newer than {newest_at}",
        severity=severity,
        advice=f"Load the missing drops; {_CLOSED}",
        about="table",
        query=statement("find_stale_rows", time=time),
        parameters={
            "last_open_day": last_open_day.isoformat(),
            "ignore_from": ahead.isoformat() if ahead else None,
        },
    )


def _open_days_have_rows() -> ExpectQueryToFindNothing:
    return ExpectQueryToFindNothing(
        name="open_days_have_rows",
        expected="rows on every open day",
        found="{n} without any",
        advice=f"Load the missing drops; {_CLOSED}",
        about="table",
        query=statement("find_open_days_without_rows"),
    )


def _volume_not_low(calendar: Calendar) -> ExpectQueryToFindNothing:
    return ExpectQueryToFindNothing(
        name="volume_not_low",
        expected=f"each open day to have at least {calendar.least:.0%} of the rows "
        "that are usual for its weekday",
        found="{n} with fewer",
        advice=f"The drop may have been cut short: load it again; {_CLOSED}",
        about="table",
        query=statement("find_days_of_unusual_volume"),
        parameters={"least": calendar.least, "most": None},
    )


def _volume_not_high(calendar: Calendar) -> ExpectQueryToFindNothing:
    return ExpectQueryToFindNothing(
        name="volume_not_high",
        expected=f"each open day to have at most {calendar.most:g} times the rows "
        "that are usual for its weekday",
        found="{n} with more",
        severity=FailureSeverity.WARNING,
        advice="Look whether a drop came twice, or robots shopped; a good day needs nothing.",
        about="table",
        query=statement("find_days_of_unusual_volume"),
        parameters={"least": None, "most": calendar.most},
    )


def _closed_days_without_rows(scope: Scope) -> ExpectQueryToFindNothing:
    return ExpectQueryToFindNothing(
        name="closed_days_without_rows",
        expected="no rows on days the source is closed",
        found="{n} with rows",
        severity=FailureSeverity.WARNING,
        advice="Look whether the source's clock is off; if it was open, correct its calendar.",
        about="table",
        query=statement("find_rows_on_closed_days"),
        parameters={"last_due_day": scope.last_due_day.isoformat()},
    )
