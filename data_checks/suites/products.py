"""What catalogue is acceptable."""

from collections.abc import Sequence

from data_checks.expectations import OurExpectation
from data_checks.scope import Scope
from data_checks.suites.suite import Suite, given, not_repeated, price_in_range, rows_exist

_ADVICE = (
    "Correct the catalogue and load it again, or raise the tolerance in "
    "data_checks/suites/products.py if this is how the source is."
)


def expectations(scope: Scope) -> Sequence[OurExpectation]:
    """Products can be named, are named once in a delivery, and have a sane price if any."""
    return (
        rows_exist(
            "at least one product",
            "An empty catalogue leaves nothing to recommend: load the products first.",
        ),
        given("product_id", tolerance=0.01, advice=_ADVICE),
        not_repeated(
            "product_not_repeated",
            ["batch", "product_id"],
            scope,
            tolerance=0.01,
            advice=_ADVICE,
            comparable="product_id <> ''",
        ),
        price_in_range(tolerance=0.01, advice=_ADVICE),
        given("recommendable", tolerance=0.01, advice=_ADVICE),
    )


SUITE = Suite(
    table="raw_products",
    columns={
        "source": "VARCHAR",
        "batch": "VARCHAR",
        "row_number": "BIGINT",
        "product_id": "VARCHAR",
        "title": "VARCHAR",
        "brand": "VARCHAR",
        "department": "VARCHAR",
        "category": "VARCHAR",
        "product_type": "VARCHAR",
        "size": "VARCHAR",
        "supplier_id": "VARCHAR",
        "price": "DOUBLE",
        "recommendable": "BOOLEAN",
        "description": "VARCHAR",
        "attributes": "MAP(VARCHAR, VARCHAR)",
        "in_stock": "BOOLEAN",
    },
    expectations=expectations,
)
