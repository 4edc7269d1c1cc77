"""What served logs are acceptable: a line that can't be read as an experiment is no evidence."""

from collections.abc import Sequence

from data_checks.expectations import ExpectRowsToSatisfy, OurExpectation
from data_checks.scope import Scope
from data_checks.suites.days import calendar_expectations
from data_checks.suites.suite import Suite, given, rows_exist

_LOG_VERSIONS = (3, 4)
_GIVEN = (  # what a line must say to be kept as a request
    "occurred_at",
    "logged_at",
    "session",
    "model_tag",
    "variant",
    "policy",
    "state_version",
    "backend",
    "precision",
    "n_scored",
    "degraded",
)
_ADVICE = "Look into the service that wrote these lines: the log is written by bentos/serving."


def expectations(scope: Scope) -> Sequence[OurExpectation]:
    """Each answer is by a known model, with a ranking that holds together.

    One that was logged twice is no fault: staging takes its first line.
    """
    return (
        rows_exist(
            "at least one logged answer",
            "Look whether the service runs, and whether its logs were pulled.",
        ),
        _holds(
            "log_version_known",
            "log_version to be one that this version reads",
            "of another log_version",
            f"log_version in ({', '.join(map(str, _LOG_VERSIONS))})",
        ),
        given("request_id", tolerance=0.01, advice=_ADVICE),
        *(given(column, tolerance=0.01, advice=_ADVICE) for column in _GIVEN),
        _holds(
            "user_id_given",
            "user_id to be given, or a query, which may be anybody's",
            "without user_id and query",
            "user_id <> '' or query <> ''",
        ),
        _holds(
            "limit_in_range",
            "limit to be 1 to 100",
            "with another limit",
            '"limit" between 1 and 100',
        ),
        _holds(
            "n_read_in_range",
            "n_read to be 0 to n_scored",
            "with another n_read",
            "coalesce(n_read between 0 and n_scored, false)",
        ),
        *_candidates_hold_together(),
        *calendar_expectations(scope),
    )


def _candidates_hold_together() -> Sequence[ExpectRowsToSatisfy]:
    return (
        _holds(
            "candidates_logged",
            "at most 100 candidates, and at least one where somebody was answered",
            "with none or too many",
            "case when error is null and client_gone is not true "
            "then len(candidates) between 1 and 100 "
            "else candidates is null or len(candidates) <= 100 end",
        ),
        _of_candidates(
            "ranks_without_gaps",
            "ranks to be 1, 2, 3, …",
            "with a gap or a repeat among its ranks",
            'list_sort([c."rank" for c in candidates]) = range(1, len(candidates) + 1)',
        ),
        _of_candidates(
            "candidates_distinct",
            "every candidate to be another product",
            "with a product twice or unnamed",
            "len(list_distinct([c.product_id for c in candidates])) = len(candidates)",
        ),
        _of_candidates(
            "scores_finite",
            "every score to be a finite number",
            "with a score that is none",
            "list_bool_and([coalesce(isfinite(c.score), false) for c in candidates])",
        ),
        _of_candidates(
            "propensities_in_range",
            "every propensity to be above 0 and at most 1",
            "with another propensity",
            "list_bool_and([coalesce(c.propensity > 0 and c.propensity <= 1, false) "
            "for c in candidates])",
        ),
        _of_candidates(
            "scores_fall_with_rank",
            "scores not to rise with rank where the order was not drawn",
            "ranked against their scores",
            # Explored, interleaved and sorted rankings don't follow the scores of one model.
            "variant = 'interleaved' or policy = 'sorted' or "
            "list_bool_or([c.propensity < 1 for c in candidates]) or "
            "[c.score for c in list_sort([{'nth': c.\"rank\", 'score': c.score} "
            "for c in candidates])] = list_reverse_sort([c.score for c in candidates])",
        ),
    )


def _of_candidates(name: str, expected: str, found: str, condition: str) -> ExpectRowsToSatisfy:
    none = "candidates is null or len(candidates) = 0"
    return _holds(name, expected, found, f"{none} or coalesce(({condition}), false)")


def _holds(name: str, expected: str, found: str, condition: str) -> ExpectRowsToSatisfy:
    return ExpectRowsToSatisfy(
        name=name,
        expected=expected,
        found=found,
        tolerance=0.01,
        advice=_ADVICE,
        condition=condition,
    )


SUITE = Suite(
    table="raw_served",
    columns={
        "source": "VARCHAR",
        "batch": "VARCHAR",
        "row_number": "BIGINT",
        "log_version": "INTEGER",
        "request_id": "VARCHAR",
        "scenario": "VARCHAR",
        "occurred_at": "TIMESTAMP",
        "logged_at": "TIMESTAMP",
        "user_id": "VARCHAR",
        "session": "VARCHAR[]",
        "exclude": "VARCHAR[]",
        "limit": "INTEGER",
        "context": "VARCHAR",
        "model_tag": "VARCHAR",
        "bento_tag": "VARCHAR",
        "variant": "VARCHAR",
        "policy": "VARCHAR",
        "state_version": "VARCHAR",
        "backend": "VARCHAR",
        "precision": "VARCHAR",
        "n_scored": "INTEGER",
        "n_read": "INTEGER",
        "degraded": "BOOLEAN",
        "recent": "STRUCT(event_id VARCHAR, event_type VARCHAR, product_id VARCHAR, "
        "occurred_at TIMESTAMP, quantity DOUBLE, price DOUBLE, discount DOUBLE, "
        "store_id VARCHAR)[]",
        "candidates": "STRUCT(product_id VARCHAR, rank INTEGER, score DOUBLE, propensity DOUBLE, "
        "stage VARCHAR, variant VARCHAR)[]",
        "timings_ms": "STRUCT(retrieve DOUBLE, features DOUBLE, queue DOUBLE, score DOUBLE, "
        "total DOUBLE)",
        "error": "VARCHAR",
        "query": "VARCHAR",
        "offset": "INTEGER",
        "asked": "VARCHAR",
        "understood": "VARCHAR",
        "index_version": "VARCHAR",
        "deadline_ms": "DOUBLE",
        "client_gone": "BOOLEAN",
        "pinned": "BOOLEAN",
        "shadow_of": "VARCHAR",
        "interleaved_with": "VARCHAR",
    },
    expectations=expectations,
)
