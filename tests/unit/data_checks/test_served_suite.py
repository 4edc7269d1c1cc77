"""A served log line must hold together as an experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.data_checks.conftest import Tables


def _candidates(*rows: tuple[str, str, str, str]) -> str:
    structs = (
        f"{{'product_id': {product}, 'rank': {rank}, 'score': {score}::double, "
        f"'propensity': {propensity}::double}}"
        for product, rank, score, propensity in rows
    )
    return f"[{', '.join(structs)}]"


def _pair(
    *,
    ranks: tuple[str, str] = ("1", "2"),
    scores: tuple[str, str] = ("0.9", "0.8"),
    propensities: tuple[str, str] = ("1", "1"),
    products: tuple[str, str] = ("'p1'", "'p2'"),
) -> str:
    return _candidates(*zip(products, ranks, scores, propensities, strict=True))


HUNDRED_AND_ONE = (
    "[{'product_id': 'p' || i, 'rank': i, 'score': -i, 'propensity': 1} for i in range(1, 102)]"
)

BROKEN = [
    ("log_version_known", {"log_version": "5"}),
    ("log_version_known", {"log_version": "2"}),
    ("log_version_known", {"log_version": "null"}),
    ("request_id_given", {"request_id": "null"}),
    ("model_tag_given", {"model_tag": "null"}),
    ("model_tag_given", {"model_tag": "''"}),
    *[
        (f"{column}_given", {column: "null"})
        for column in ("user_id", "session", "variant", "policy", "state_version", "degraded")
    ],
    ("limit_in_range", {"limit": "0"}),
    ("limit_in_range", {"limit": "101"}),
    ("n_read_in_range", {"n_read": "4"}),
    ("n_read_in_range", {"n_read": "-1"}),
    ("n_read_in_range", {"n_read": "null"}),
    ("candidates_logged", {"candidates": "null"}),
    ("candidates_logged", {"candidates": "[]"}),
    ("candidates_logged", {"candidates": HUNDRED_AND_ONE}),
    ("ranks_without_gaps", {"candidates": _pair(ranks=("1", "3"))}),
    ("ranks_without_gaps", {"candidates": _pair(ranks=("0", "1"))}),
    ("ranks_without_gaps", {"candidates": _pair(ranks=("1", "null"))}),
    ("candidates_distinct", {"candidates": _pair(products=("'p1'", "'p1'"))}),
    ("candidates_distinct", {"candidates": _pair(products=("'p1'", "null"))}),
    ("scores_finite", {"candidates": _pair(scores=("'inf'", "0.8"))}),
    ("propensities_in_range", {"candidates": _pair(propensities=("1", "0"))}),
    ("propensities_in_range", {"candidates": _pair(propensities=("1", "null"))}),
    ("propensities_in_range", {"candidates": _pair(propensities=("1", "1.5"))}),
    ("scores_fall_with_rank", {"candidates": _pair(scores=("0.8", "0.9"))}),
]

ACCEPTED = [
    {"candidates": "null", "error": "'timeout'"},
    {"candidates": "[]", "error": "'timeout'"},
    {"candidates": "[]", "client_gone": "true"},
    {"log_version": "3"},
    {"n_read": "0"},
    {"candidates": _pair(scores=("0.8", "0.8"))},
    {"candidates": _pair(scores=("0.8", "0.9"), propensities=("0.4", "0.6"))},
    {"candidates": _pair(scores=("0.8", "0.9")), "variant": "'interleaved'"},
    {"candidates": _pair(ranks=("2", "1"), scores=("0.8", "0.9"))},
    {"session": "['p1', 'p2']", "limit": "100"},
    {"user_id": "''", "query": "'lamp'"},
]


@pytest.mark.parametrize(("expectation", "values"), BROKEN)
def test_a_line_that_is_no_evidence_goes_to_quarantine(
    tables: Tables, expectation: str, values: dict[str, str]
) -> None:
    tables.add("raw_served", 200)
    tables.spoil("raw_served", range(3, 4), **values)
    assert tables.check("raw_served").passed
    assert tables.quarantined() == [("raw_served", "shop", "b1", 3, expectation)]


@pytest.mark.parametrize("values", ACCEPTED)
def test_a_line_that_holds_together_is_accepted(tables: Tables, values: dict[str, str]) -> None:
    tables.add("raw_served", 10)
    tables.spoil("raw_served", range(3, 4), **values)
    assert {result.status for result in tables.check("raw_served").results} == {"passed"}


def test_a_missing_score_is_not_finite(tables: Tables) -> None:
    tables.add("raw_served", 200)
    tables.spoil("raw_served", range(3, 4), candidates=_pair(scores=("0.8", "null")))
    assert tables.result("raw_served", "scores_finite").n_unexpected == 1
