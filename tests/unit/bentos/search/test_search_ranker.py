"""A search from what is typed to products: found, read, understood, and never empty-handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bentos.scenario import RUN_SCHEMA
from bentos.search.filters import Filters
from bentos.search.finder import RERANKED
from bentos.search.ranker import Ranked, SearchQuery, SearchRanker
from bentos.search.reranker import Floats, Reranker
from bentos.serving.errors import IndexMissing
from bentos.serving.reading import Reader
from bentos.serving.record import LoggedEvent
from bentos.serving.state import OnlineState
from tests.unit.bentos.search.conftest import NOON
from tests.unit.bentos.search.electronics_shop import HARD_QUERIES


@pytest.fixture(scope="module")
def reading(reader: Path, shelf: OnlineState) -> SearchRanker:
    """One whose reranker has to read texts."""
    return SearchRanker.load(reader, shelf, "cpu")


def _ask(ranker: SearchRanker, text: str, **changes: object) -> Ranked:
    return ranker.rank(replace(SearchQuery(text, NOON), **changes))  # type: ignore[arg-type]


def _ids(ranked: Ranked) -> list[str]:
    return [product.product_id for product in ranked.pool]


def test_what_was_asked_for_comes_first(ranker: SearchRanker) -> None:
    ranked = _ask(ranker, "white acme lamp")
    assert _ids(ranked)[0] == "lamp-acme-white"
    assert {name.split("-")[0] for name in _ids(_ask(ranker, "lamp"))[:9]} == {"lamp"}
    assert not ranked.nearest
    assert ranked.total == 81


def test_scores_are_probabilities_and_fall_with_the_rank(ranker: SearchRanker) -> None:
    scores = [product.score for product in _ask(ranker, "bolt printer").pool]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(set(scores[50:])) == len(scores) - 50  # what was not read keeps its order


def test_what_is_known_of_products_chooses_which_are_read(
    reading: SearchRanker, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_features = Reranker.by_features
    left: list[float] = []
    asked: list[int] = []

    def of_all(self: Reranker, features: Floats) -> Floats:
        found = by_features(self, features)
        left.extend(found.tolist())
        return found

    def first_ten(reader: Reader, rows: Sequence[Any], tokens: Sequence[int]) -> Floats:
        asked.append(len(rows))
        return reader.read(rows[:10])

    monkeypatch.setattr(Reranker, "by_features", of_all)
    ranked = reading.rank(SearchQuery("lamp", NOON), first_ten)
    assert asked == [RERANKED]
    assert len(left) > RERANKED
    assert (ranked.n_read, ranked.degraded) == (10, True)


def test_what_is_not_read_in_time_keeps_the_order_of_its_features(
    reading: SearchRanker,
) -> None:
    whole, some, none = (
        reading.rank(SearchQuery("lamp", NOON), partial(_the_first, n=n)) for n in (99, 10, 0)
    )
    assert (whole.n_read, whole.degraded) == (RERANKED, False)
    assert (none.n_read, none.degraded) == (0, True)
    by_features = [product.product_id for product in none.pool]
    assert {product.product_id for product in some.pool[:10]} == set(by_features[:10])
    assert [product.product_id for product in some.pool[10:]] == by_features[10:]
    scores = [product.score for product in some.pool]
    assert scores == sorted(scores, reverse=True)


def test_an_answer_that_was_cut_off_can_be_had_again(reading: SearchRanker) -> None:
    cut_off = reading.rank(SearchQuery("lamp", NOON), partial(_the_first, n=7))
    again = reading.rank(SearchQuery("lamp", NOON), partial(_the_first, n=cut_off.n_read))
    assert again.pool == cut_off.pool


def test_documents_that_are_not_read_in_time_stay_behind_in_their_order(
    reading: SearchRanker,
) -> None:
    texts = ["Fresh apples", "A black lamp by Acme", "Acme keyboard", "Another lamp"]
    whole = reading.rerank("acme lamp", texts)
    cut_off = reading.rerank("acme lamp", texts, partial(_the_first, n=2))
    assert (whole.n_read, cut_off.n_read) == (4, 2)
    np.testing.assert_allclose(cut_off.scores[:2], whole.scores[:2], atol=1e-5)
    assert min(cut_off.scores[:2]) > cut_off.scores[2] > cut_off.scores[3] > 0
    unread = reading.rerank("acme lamp", texts, lambda *_: np.empty(0, np.float32))
    assert unread.n_read == 0
    assert unread.scores.tolist() == sorted(unread.scores, reverse=True)


def test_documents_of_all_requests_have_one_reader_so_that_they_are_read_together(
    reading: SearchRanker,
) -> None:
    readers: list[Reader] = []

    def seen(reader: Reader, rows: Sequence[Any], tokens: Sequence[int]) -> Floats:
        readers.append(reader)
        return reader.read(rows)

    reading.rerank("lamp", ["a lamp"], seen)
    reading.rerank("mouse", ["a mouse"], seen)
    assert readers[0] is readers[1]


def _the_first(reader: Reader, rows: Sequence[Any], tokens: Sequence[int], *, n: int) -> Floats:
    return reader.read(rows[:n])


@pytest.mark.parametrize(("reads_nothing", "n_read"), [(False, 50), (True, 0)])
def test_how_many_of_the_products_the_model_read_is_said(
    ranker: SearchRanker, monkeypatch: pytest.MonkeyPatch, reads_nothing: bool, n_read: int
) -> None:
    monkeypatch.setattr(Reranker, "reads_nothing", reads_nothing)
    ranked = _ask(ranker, "lamp")
    assert (ranked.n_scored, ranked.n_read) == (81, n_read)
    assert ranked.retrieve_ms > 0


def test_the_query_is_understood(ranker: SearchRanker) -> None:
    tags = {tag.kind: tag.value for tag in _ask(ranker, "acme keyboard").tags}
    assert tags == {"BRAND": "Acme", "TYPE": "keyboard"}


def test_a_misspelt_word_is_corrected_and_said(ranker: SearchRanker) -> None:
    ranked = _ask(ranker, "keybord")
    assert ranked.corrected == "keyboard"
    assert _ids(ranked)[0].startswith("keyboard")


def test_filters_hold_for_everything_that_is_shown(ranker: SearchRanker) -> None:
    filters = Filters(brand=frozenset({"bolt"}), in_stock=True)
    ranked = _ask(ranker, "camera", filters=filters, facets=("brand", "in_stock"))
    assert ranked.total == 18
    assert all("-bolt-" in name and not name.endswith("red") for name in _ids(ranked))
    assert [(v.value, v.count) for v in ranked.facets["brand"]] == [("Bolt", 18)]


def test_where_nothing_passes_the_filters_the_nearest_are_shown_and_marked(
    ranker: SearchRanker,
) -> None:
    ranked = _ask(ranker, "camera", filters=Filters(brand=frozenset({"nobody"})))
    assert ranked.nearest
    assert ranked.total == 0
    assert _ids(ranked)[0].startswith("camera")
    assert {product.stage for product in ranked.pool} == {"nearest"}


def test_an_order_by_price_shows_the_same_products(ranker: SearchRanker) -> None:
    by_price = _ask(ranker, "mouse", sort="price_asc")
    assert sorted(_ids(by_price)) == sorted(_ids(_ask(ranker, "mouse")))
    prices = [float(_price(ranker, name)) for name in _ids(by_price)]
    assert prices == sorted(prices)


def _price(ranker: SearchRanker, name: str) -> float:
    products = ranker._known.index.products
    price: float = products["price"][products["product_id"].to_pylist().index(name)].as_py()
    return price


def test_a_known_users_habits_decide_between_equals_only(ranker: SearchRanker) -> None:
    stranger, known = _ask(ranker, "lamp"), _ask(ranker, "lamp", user_id="u1")
    favourite = "lamp-bolt-white"
    assert _ids(known).index(favourite) <= _ids(stranger).index(favourite)
    gained = {product.product_id: product.score for product in known.pool}
    for product in stranger.pool:
        assert product.score <= gained[product.product_id] <= product.score + 0.05 + 1e-9
    assert _ids(_ask(ranker, "lamp", user_id="u1", personalise=False)) == _ids(stranger)


def test_a_purchase_of_just_now_counts(ranker: SearchRanker) -> None:
    bought = LoggedEvent(
        "e1", "purchase", "mouse-core-red", NOON - timedelta(hours=1), 1.0, None, None, None
    )
    before = {p.product_id: p.score for p in _ask(ranker, "mouse").pool}
    after = {p.product_id: p.score for p in _ask(ranker, "mouse", recent=(bought,)).pool}
    assert after["mouse-core-red"] == pytest.approx(before["mouse-core-red"] + 0.05)


@pytest.mark.parametrize("text", HARD_QUERIES)
def test_whatever_is_typed_is_answered(ranker: SearchRanker, text: str) -> None:
    assert len(_ask(ranker, text).pool) == 81


def test_offline_runs_rank_as_single_requests_do(ranker: SearchRanker) -> None:
    queries = ["bolt lamp", "red camera"]
    run = ranker.run(queries, {})
    assert run.schema == RUN_SCHEMA
    for query in queries:
        single = [(p.product_id, p.score) for p in _ask(ranker, query, personalise=False).pool]
        rows = run.filter(run["query_id"].to_numpy() == query)
        assert list(
            zip(rows["product_id"].to_pylist(), rows["score"].to_pylist(), strict=True)
        ) == (single)


def test_each_stage_ranks_by_itself(ranker: SearchRanker) -> None:
    stages = ranker.stages(["acme printer"])
    assert set(stages) == {"lexical", "dense", "fused"}
    for run in stages.values():
        assert run["product_id"][0].as_py().startswith("printer-acme")


def test_documents_that_are_no_products_are_ordered_by_what_they_say(ranker: SearchRanker) -> None:
    texts = ["Fresh apples", "A black lamp by Acme", "Acme keyboard"]
    scores = ranker.rerank("acme lamp", texts).scores
    assert scores[1] > scores[2] > scores[0]


def test_a_state_without_an_index_is_refused(shelf: OnlineState, learnt: object) -> None:
    bare = OnlineState("v0", shelf.as_of, shelf.tables)
    with pytest.raises(IndexMissing, match="v0"):
        SearchRanker.load(learnt, bare, "cpu")  # type: ignore[arg-type]
