"""What promotions are acceptable."""

from collections.abc import Sequence

from great_expectations.expectations.metadata_types import FailureSeverity

from data_checks.expectations import ExpectRowsToSatisfy, OurExpectation
from data_checks.scope import Scope
from data_checks.suites.days import rows_fresh
from data_checks.suites.suite import Suite, given, not_repeated, product_known

_ADVICE = (
    "Correct the source and load the promotions again, or raise the tolerance in "
    "data_checks/suites/promotions.py if this is how the source is."
)


def expectations(scope: Scope) -> Sequence[OurExpectation]:
    """A promotion is for a known product, lasts a while, and is announced once for a store.

    A shop without promotions is a shop: none is no failure.
    """
    return (
        given("product_id", tolerance=0.01, advice=_ADVICE),
        product_known(
            tolerance=0.02,
            advice="Load the catalogue that belongs to these promotions, and check it first.",
        ),
        ExpectRowsToSatisfy(
            name="starts_before_it_ends",
            expected="starts_at to be given and earlier than ends_at",
            found="that end before they start, or don't say",
            tolerance=0.01,
            advice=_ADVICE,
            condition="starts_at < ends_at",
        ),
        not_repeated(
            "promotion_not_repeated",
            ["product_id", "store_id", "starts_at"],
            scope,
            tolerance=0.01,
            advice=_ADVICE,
        ),
        *_freshness(scope),
    )


def _freshness(scope: Scope) -> Sequence[OurExpectation]:
    if not scope.open_days:
        return ()
    return (rows_fresh("ends_at", scope, scope.open_days[-1], severity=FailureSeverity.WARNING),)


SUITE = Suite(
    table="raw_promotions",
    columns={
        "source": "VARCHAR",
        "batch": "VARCHAR",
        "row_number": "BIGINT",
        "product_id": "VARCHAR",
        "store_id": "VARCHAR",
        "display_location": "VARCHAR",
        "mailer_location": "VARCHAR",
        "starts_at": "TIMESTAMP",
        "ends_at": "TIMESTAMP",
    },
    expectations=expectations,
)
