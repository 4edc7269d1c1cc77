"""What events are acceptable.

The shares are bounds for a single day's drop as well as for a whole history. The worst days of the
real sources: 3.9% of lines with an impossible quantity and 5.9% repeated (Online Retail), 0.8% with
an unknown product (Complete Journey).
"""

from collections.abc import Sequence
from datetime import timedelta

from great_expectations.expectations.metadata_types import FailureSeverity

from data_checks.expectations import (
    ExpectQueryToFindNothing,
    ExpectRowsToSatisfy,
    OurExpectation,
)
from data_checks.scope import Scope
from data_checks.statements import statement
from data_checks.suites.days import calendar_expectations
from data_checks.suites.suite import (
    Suite,
    given,
    not_repeated,
    price_in_range,
    product_known,
    rows_exist,
)

_TYPES = ("impression", "click", "add_to_cart", "purchase", "redemption", "return")
# What makes two lines the same but for their event_id.
_LINE = (
    "event_type",
    "session_id",
    "product_id",
    "occurred_at",
    "quantity",
    "price",
    "user_id",
    "store_id",
    "request_id",
)
_ADVICE = (
    "Correct the source and load the drop again, or raise the tolerance in "
    "data_checks/suites/events.py if this is how the source is."
)
_CLOCKS = "Look whether the clocks of those who tell of events and those who log them agree."


def expectations(scope: Scope) -> Sequence[OurExpectation]:
    """Events happened once, at a possible time, to a known product, in a possible quantity."""
    return (
        rows_exist("at least one event", "Load the source's events, or check another source."),
        given("event_id", tolerance=0.01, advice=_ADVICE),
        not_repeated(
            "event_not_repeated",
            ["event_id"],
            scope,
            tolerance=0.01,
            advice=_ADVICE,
            comparable="event_id <> ''",
        ),
        not_repeated("line_not_repeated", _LINE, scope, tolerance=0.1, advice=_ADVICE),
        _event_type_known(),
        *_times_possible(scope),
        given("product_id", tolerance=0.01, advice=_ADVICE),
        product_known(
            tolerance=0.02,
            advice="Load the catalogue that belongs to these events, and check it first.",
        ),
        _quantity_in_range(),
        price_in_range(tolerance=0.01, advice=_ADVICE),
        *calendar_expectations(scope),
    )


def _event_type_known() -> ExpectRowsToSatisfy:
    return ExpectRowsToSatisfy(
        name="event_type_known",
        expected=f"event_type to be one of {', '.join(_TYPES)}",
        found="of another type",
        tolerance=0.001,
        advice="Map the source's own types to these in warehouse/sql/sources.",
        condition=f"event_type in {_TYPES}",
    )


def _times_possible(scope: Scope) -> Sequence[OurExpectation]:
    ahead = scope.as_of + timedelta(days=1)
    return (
        given("occurred_at", tolerance=0.01, advice=_ADVICE),
        ExpectRowsToSatisfy(
            name="occurred_at_not_ahead",
            expected=f"occurred_at to be before {ahead:%Y-%m-%d %H:%M} UTC",
            found="from the future",
            tolerance=0.001,
            advice="Look whether the source's clock is ahead, or its times are not UTC.",
            condition=f"occurred_at is null or occurred_at < timestamp '{ahead.isoformat(' ')}'",
        ),
        ExpectRowsToSatisfy(
            name="logged_after_it_occurred",
            expected="logged_at to be at most a day before occurred_at",
            found="written before they happened",
            severity=FailureSeverity.WARNING,
            tolerance=0.001,
            advice=_CLOCKS,
            condition="logged_at is null or occurred_at is null "
            "or logged_at >= occurred_at - interval 1 day",
        ),
        ExpectQueryToFindNothing(  # a clock that is an hour ahead is no reason to lose an event
            name="clocks_agree",
            expected="events to happen at most 5 minutes after they were logged",
            found="{n} files where more than one in a thousand does not: in {batch} they happen up "
            "to {minutes} minutes after",
            severity=FailureSeverity.WARNING,
            advice=_CLOCKS,
            about="table",
            query=statement("find_clocks_ahead"),
        ),
    )


def _quantity_in_range() -> ExpectRowsToSatisfy:
    return ExpectRowsToSatisfy(
        name="quantity_in_range",
        # 0 occurs (a free item), and fuel is sold in thousandths: up to 89,638.
        expected="quantity to be between 0 and 100,000, and known for a purchase or return",
        found="with another quantity",
        tolerance=0.1,
        advice=_ADVICE,
        condition="case when quantity is null then event_type not in ('purchase', 'return') "
        "else quantity between 0 and 100000 end",
    )


SUITE = Suite(
    table="raw_events",
    columns={
        "source": "VARCHAR",
        "batch": "VARCHAR",
        "row_number": "BIGINT",
        "event_id": "VARCHAR",
        "event_type": "VARCHAR",
        "occurred_at": "TIMESTAMP",
        "logged_at": "TIMESTAMP",
        "user_id": "VARCHAR",
        "session_id": "VARCHAR",
        "product_id": "VARCHAR",
        "quantity": "DOUBLE",
        "price": "DOUBLE",
        "discount": "DOUBLE",
        "store_id": "VARCHAR",
        "request_id": "VARCHAR",
        "rank": "INTEGER",
    },
    expectations=expectations,
)
