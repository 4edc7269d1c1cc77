"""Products' tokens are worked out once, and pairs of them are what tokenising the pairs gives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from transformers import AutoTokenizer

from bentos.encoders.weights import minilm_folder
from bentos.search.pairs import PairReader
from bentos.search.text_tokens import TextTokens
from tests.unit.bentos.search.electronics_shop import HARD_QUERIES

_DATA = Path(os.environ.get("SHOPKEEPER_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))
_CHORUS = _DATA / "chorus"
_QUERY_TOKENS = 24
_TOKENIZER = AutoTokenizer.from_pretrained(minilm_folder())

IDS = {"red pen": [5, 6], "": [], "pen": [6], "ring": [700]}
TEXTS = [*HARD_QUERIES, "a red pen", "A Red Pen", "pen " * 200, "混合 Ünïcode pen"]


def _by_hand(texts: list[str]) -> list[list[int]]:
    return [IDS[text] for text in texts]


def test_tokens_lie_end_to_end_each_text_once() -> None:
    tokens = TextTokens.of(["pen", "red pen", "", "pen", "ring"], _by_hand)
    assert tokens.ids.tolist() == [6, 5, 6, 700]
    assert tokens.starts.tolist() == [0, 1, 3, 3, 4]
    assert tokens.text_of.tolist() == [0, 1, 2, 0, 3]
    assert tokens.of_rows(np.array([4, 0, 2, 3, 1])) == [[700], [6], [], [6], [5, 6]]


@pytest.mark.parametrize(("greatest", "size"), [(65_535, 2), (65_536, 4)])
def test_a_token_takes_two_bytes_where_the_vocabulary_allows_it(greatest: int, size: int) -> None:
    tokens = TextTokens.of(["a", "b"], lambda texts: [[1, greatest]] * len(texts))
    assert tokens.ids.itemsize == size
    assert tokens.of_rows(np.array([1])) == [[1, greatest]]


def test_a_catalogue_without_products_has_no_tokens() -> None:
    assert TextTokens.of([], _by_hand).of_rows(np.array([], np.int64)) == []


def test_many_texts_are_tokenised_some_at_a_time() -> None:
    asked: list[int] = []

    def tokenised(texts: list[str]) -> list[list[int]]:
        asked.append(len(texts))
        return [[int(text)] * (int(text) % 3) for text in texts]

    tokens = TextTokens.of([str(n) for n in range(2_500)], tokenised)
    assert asked == [1024, 1024, 452]
    assert tokens.of_rows(np.array([0, 2_000, 2_498])) == [[], [2000] * 2, [2498] * 2]


@pytest.mark.parametrize("most", [8, 24, 64])
def test_whatever_the_texts_joined_pairs_are_those_that_are_read_whole(most: int) -> None:
    reader = PairReader(minilm_folder(), most)
    tokens = TextTokens.of(TEXTS, reader.tokenised)
    for query in TEXTS:
        joined = reader.joined(query, tokens.of_rows(np.arange(len(TEXTS))))
        assert joined == reader.read([query] * len(TEXTS), TEXTS)
        _are_the_tokenizers(reader, query, TEXTS, joined, most)


@pytest.mark.skipif(not _CHORUS.exists(), reason="shared/data/chorus is not there")
def test_queries_of_a_shop_beside_its_titles_are_what_the_tokenizer_makes_of_the_pair() -> None:
    reader = PairReader(minilm_folder(), 64)
    titles = pq.read_table(_CHORUS / "products.parquet")["title"].to_pylist()
    queries = sorted(set(pq.read_table(_CHORUS / "judgments.parquet")["query"].to_pylist()))
    tokens = TextTokens.of(titles, reader.tokenised)
    for place, query in enumerate(queries):
        rows = np.arange(place, len(titles), len(queries))  # all titles, over all queries
        some = [titles[row] for row in rows]
        joined = reader.joined(query, tokens.of_rows(rows))
        assert joined == reader.read([query] * len(rows), some)
        _are_the_tokenizers(reader, query, some, joined, 64)


def _are_the_tokenizers(
    reader: PairReader,
    query: str,
    texts: Sequence[str],
    joined: Sequence[tuple[Sequence[int], int]],
    most: int,
) -> None:
    """What the tokenizer itself makes of the pairs, of queries that are not cut."""
    if len(reader.tokenised([query])[0]) > min(_QUERY_TOKENS, most - 4):
        return
    theirs = _TOKENIZER(
        [query] * len(texts), list(texts), truncation="only_second", max_length=most
    )
    assert [ids for ids, _ in joined] == theirs["input_ids"]
    firsts = [kinds.count(0) for kinds in theirs["token_type_ids"]]
    assert [first for _, first in joined] == firsts
