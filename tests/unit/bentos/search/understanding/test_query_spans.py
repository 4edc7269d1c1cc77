"""The spans of Chorus's queries that were marked by hand: whole, and of whole words."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bentos.search.understanding.tags import KINDS, words_of

_ROOT = Path(__file__).parents[5]
_DATA = Path(os.environ.get("SHOPKEEPER_TEST_DATA", _ROOT.parent / "shared" / "data"))
_JUDGMENTS = _DATA / "chorus" / "judgments.parquet"
MARKED: list[dict[str, Any]] = [
    json.loads(line)
    for line in (_ROOT / "tests" / "data" / "chorus_query_spans.jsonl").read_text().splitlines()
]


def test_there_are_90_different_queries() -> None:
    assert len({row["query"] for row in MARKED}) == len(MARKED) == 90


@pytest.mark.parametrize("row", MARKED, ids=[row["query"] for row in MARKED])
def test_spans_are_whole_words_in_order_and_of_a_known_kind(row: dict[str, Any]) -> None:
    words = words_of(row["query"])
    starts, ends = {word.start for word in words}, {word.end for word in words}
    before = 0
    for span in row["spans"]:
        assert span["tag"] in KINDS
        assert span["start"] in starts
        assert span["end"] in ends
        assert before <= span["start"] < span["end"]
        before = span["end"]


@pytest.mark.skipif(
    not _JUDGMENTS.exists(),
    reason=f"Chorus is not at {_JUDGMENTS.parent}; SHOPKEEPER_TEST_DATA names its folder",
)
def test_they_are_the_queries_that_chorus_judged() -> None:
    rows = duckdb.sql(f"select distinct query from '{_JUDGMENTS}'").fetchall()
    assert {query for (query,) in rows} == {row["query"] for row in MARKED}
