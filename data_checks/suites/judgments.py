"""What judgments are acceptable: a grade that can't be read would be learnt as one that can."""

from collections.abc import Sequence

from data_checks.expectations import ExpectRowsToSatisfy, OurExpectation
from data_checks.scope import Scope
from data_checks.suites.suite import Suite, given, not_repeated, product_known, rows_exist

_LONGEST_QUERY = 10_000
_HIGHEST_GRADE = 100  # on whatever scale: what is beyond is an identifier in the wrong column
_QUERY_ID = r"trim(regexp_replace(query, '\s+', ' ', 'g'))"  # as staging makes it
_ADVICE = (
    "Correct the judgments and load them again, or raise the tolerance in "
    "data_checks/suites/judgments.py if this is how the source is."
)


def expectations(scope: Scope) -> Sequence[OurExpectation]:
    """Each known product is judged once for a query, and the judgment is worth 0 or more."""
    return (
        rows_exist("at least one judgment", "Load the source's judgments, or leave the file out."),
        ExpectRowsToSatisfy(
            name="query_in_range",
            expected=f"query to be 1 to {_LONGEST_QUERY:,} characters beside white space",
            found="with an empty query or a longer one",
            tolerance=0.01,
            advice=_ADVICE,
            condition=f"length({_QUERY_ID}) between 1 and {_LONGEST_QUERY}",
        ),
        given("product_id", tolerance=0.01, advice=_ADVICE),
        product_known(
            tolerance=0.1,
            advice="Load the catalogue that belongs to these judgments, and check it first.",
        ),
        ExpectRowsToSatisfy(
            name="gain_in_range",
            expected="gain to be a finite number from 0 on",
            found="with another gain, or none",
            tolerance=0.01,
            advice="Map the source's grades to gains in warehouse/sql/sources or shopkeeper.yaml.",
            condition="isfinite(gain) and gain >= 0",
        ),
        ExpectRowsToSatisfy(
            name="grade_in_range",
            expected=f"grade to be unknown or 0 to {_HIGHEST_GRADE}",
            found="with another grade",
            tolerance=0.01,
            advice=_ADVICE,
            condition=f"grade is null or grade between 0 and {_HIGHEST_GRADE}",
        ),
        not_repeated(
            "judgment_not_repeated",
            [_QUERY_ID, "product_id"],
            scope,
            tolerance=0.01,
            advice=_ADVICE,
            comparable="query <> '' and product_id <> ''",
            named="query, product_id",
        ),
    )


SUITE = Suite(
    table="raw_judgments",
    columns={
        "source": "VARCHAR",
        "batch": "VARCHAR",
        "row_number": "BIGINT",
        "query": "VARCHAR",
        "product_id": "VARCHAR",
        "grade": "DOUBLE",
        "gain": "DOUBLE",
        "locale": "VARCHAR",
    },
    expectations=expectations,
)
