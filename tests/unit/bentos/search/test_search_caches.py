"""Searches that are asked again: not worked out again, and nobody sees what is another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bentos.search.filters import Filters
from bentos.search.finder import NOTHING_KEPT, RERANKED, Kept
from bentos.search.pairs import PairReader
from bentos.search.ranker import Ranked, SearchQuery, SearchRanker
from bentos.search.reranker import Floats
from bentos.search.store import SearchModel
from bentos.serving.reading import Reader
from bentos.serving.state import OnlineState
from tests.unit.bentos.search.conftest import NOON

BOLT = Filters(brand=frozenset({"Bolt", "bolt"}), attributes={"product_colour": frozenset({"Red"})})
DOCUMENTS = ["Fresh apples", "A black lamp by Acme", "Acme keyboard"]


@dataclass
class Shop:
    """A ranker whose reranker has to read, and how much it was asked to."""

    ranker: SearchRanker
    most: int = 1_000  # rows that are read of a request's
    asked: list[int] = field(default_factory=list)

    def read(self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int]) -> Floats:
        self.asked.append(len(rows))
        return reader.read(rows[: self.most])

    def search(self, text: str, **changes: Any) -> Ranked:
        return self.ranker.rank(replace(SearchQuery(text, NOON), **changes), self.read)


@pytest.fixture
def model(reader: Path) -> SearchModel:
    return SearchModel.load(reader, "cpu")


@pytest.fixture
def forgetful(model: SearchModel, shelf: OnlineState) -> Shop:
    return Shop(SearchRanker(model, shelf, NOTHING_KEPT))


@pytest.fixture
def shop(model: SearchModel, shelf: OnlineState) -> Shop:
    return Shop(SearchRanker(model, shelf, Kept(queries=8, searches=8, rerankings=8)))


def test_a_search_is_read_once_and_the_same_whenever_it_is_asked(
    shop: Shop, forgetful: Shop
) -> None:
    first, second = shop.search("acme lamp"), shop.search("acme lamp")
    assert shop.asked == [RERANKED]
    assert first.pool == second.pool == forgetful.search("acme lamp").pool
    assert (second.corrected, second.tags, second.total) == (None, first.tags, 81)
    assert (second.n_scored, second.n_read, second.degraded) == (81, RERANKED, False)


def test_what_was_kept_takes_no_time_of_the_stages_before(shop: Shop) -> None:
    first, second = shop.search("acme lamp"), shop.search("acme lamp")
    assert min(first.retrieve_ms, first.features_ms) > 0
    assert (second.retrieve_ms, second.features_ms) == (0, 0)
    assert 0 < second.score_ms < first.score_ms


@pytest.mark.parametrize(
    "changes",
    [{"sort": "price_desc"}, {"facets": ("brand", "price")}, {"occurred_at": NOON.replace(year=9)}],
)
def test_another_order_facet_or_time_is_made_of_what_was_found_before(
    shop: Shop, forgetful: Shop, changes: dict[str, Any]
) -> None:
    shop.search("acme lamp")
    found, expected = shop.search("acme lamp", **changes), forgetful.search("acme lamp", **changes)
    assert (found.pool, found.facets) == (expected.pool, expected.facets)
    assert shop.asked == [RERANKED]


def test_users_share_what_was_found_and_keep_their_habits_to_themselves(
    shop: Shop, forgetful: Shop
) -> None:
    asked = [{"user_id": "u1"}, {"user_id": ""}, {"user_id": "u1", "personalise": False}]
    known, stranger, impersonal = (shop.search("lamp", **who) for who in asked)
    assert shop.asked == [RERANKED]
    assert [known.pool, stranger.pool, impersonal.pool] == [
        forgetful.search("lamp", **who).pool for who in asked
    ]
    assert known.pool != stranger.pool == impersonal.pool


def test_other_filters_are_another_search_in_whatever_order_they_are_named(
    shop: Shop, forgetful: Shop
) -> None:
    again = replace(BOLT, brand=frozenset(["bolt", "Bolt"]))
    found = [shop.search("lamp", filters=filters) for filters in (Filters(), BOLT, again)]
    assert len(shop.asked) == 2
    assert [ranked.total for ranked in found] == [81, 9, 9]
    assert found[2].pool == forgetful.search("lamp", filters=BOLT).pool


def test_a_query_is_understood_once_whatever_its_filters(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.search("lamp")
    monkeypatch.setattr(type(shop.ranker._finder._tagger), "tags", lambda *_: pytest.fail("again"))
    monkeypatch.setattr(type(shop.ranker._known.encoder), "rows", lambda *_: pytest.fail("again"))
    assert shop.search("lamp", filters=BOLT).tags


def test_products_are_tokenised_once_whatever_is_searched_for(
    forgetful: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetful.search("lamp")
    tokenised, asked = PairReader.tokenised, list[list[str]]()

    def seen(self: PairReader, texts: list[str]) -> list[list[int]]:
        asked.append(texts)
        return tokenised(self, texts)

    monkeypatch.setattr(PairReader, "tokenised", seen)
    forgetful.search("mouse")
    assert asked == [["mouse"]]


def test_what_could_not_be_read_in_time_is_read_when_it_is_asked_again(
    shop: Shop, forgetful: Shop
) -> None:
    shop.most = 7
    hurried = shop.search("lamp")
    shop.most = RERANKED
    patient = shop.search("lamp")
    assert (hurried.degraded, patient.degraded) == (True, False)
    assert patient.pool == forgetful.search("lamp").pool
    shop.most = 0
    assert shop.search("lamp").n_read == RERANKED  # no time is needed any more


def test_documents_are_read_once_for_a_query(shop: Shop, forgetful: Shop) -> None:
    first, second = (shop.ranker.rerank("acme lamp", DOCUMENTS, shop.read) for _ in range(2))
    assert shop.asked == [3]
    expected = forgetful.ranker.rerank("acme lamp", DOCUMENTS)
    assert first.scores.tolist() == second.scores.tolist() == expected.scores.tolist()
    turned = shop.ranker.rerank("acme lamp", DOCUMENTS[::-1], shop.read)
    np.testing.assert_allclose(turned.scores, first.scores[::-1], atol=1e-6)
    assert shop.asked == [3, 3]


def test_documents_that_were_not_all_read_are_read_when_they_are_asked_again(shop: Shop) -> None:
    shop.most = 2
    assert shop.ranker.rerank("acme lamp", DOCUMENTS, shop.read).n_read == 2
    shop.most = 3
    assert shop.ranker.rerank("acme lamp", DOCUMENTS, shop.read).n_read == 3


def test_the_vector_of_one_text_is_kept_and_those_of_many_are_not(shop: Shop) -> None:
    (one, n_tokens), again = (shop.ranker.embed(["desk lamp"], shop.read) for _ in range(2))
    assert shop.asked == [1]
    assert (again[0].tolist(), again[1]) == (one.tolist(), n_tokens)
    assert n_tokens == 4  # with the marks of beginning and end
    for _ in range(2):
        shop.ranker.embed(["desk lamp", "lamp"], shop.read)
    assert shop.asked == [1, 2, 2]


def test_a_vector_that_could_not_be_read_in_time_is_not_kept(shop: Shop) -> None:
    shop.most = 0
    assert len(shop.ranker.embed(["lamp"], shop.read)[0]) == 0
    shop.most = 1
    assert len(shop.ranker.embed(["lamp"], shop.read)[0]) == 1


def test_a_ranker_of_another_model_or_state_begins_with_nothing(
    shop: Shop, model: SearchModel, shelf: OnlineState
) -> None:
    shop.search("lamp")
    after = Shop(SearchRanker(model, shelf, Kept(queries=8, searches=8, rerankings=8)))
    after.search("lamp")
    assert after.asked == [RERANKED]
