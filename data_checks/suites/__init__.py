"""What is acceptable: one suite a table. To check another, write its module and add it here."""

from data_checks.suites import events, judgments, products, promotions, served
from data_checks.suites.suite import Suite

SUITES: dict[str, Suite] = {
    module.SUITE.table: module.SUITE for module in (products, events, promotions, judgments, served)
}

__all__ = ["SUITES", "Suite"]
