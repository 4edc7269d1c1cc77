"""Cross-validation: every judged product is ranked, and by nothing that learnt from its query."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from bentos.search import cross_validation
from bentos.search.cross_validation import cross_validated, retrieved
from bentos.search.knowledge import Knowledge
from bentos.search.parameters import Parameters
from bentos.search.reranker import Reranker
from bentos.search.store import SearchModel
from bentos.search.training import Lists
from bentos.serving.state import OnlineState
from tests.unit.bentos.search.conftest import TYPES
from tests.unit.bentos.search.electronics_shop import quietly

JUDGMENTS = pa.Table.from_pylist(
    [
        {"query_id": f"acme {kind}", "product_id": product, "gain": float(place == 2)}
        for kind in sorted(TYPES)
        for place, product in enumerate(
            sorted([f"{kind}-acme-black", "lamp-core-red", "cable-bolt-white"])
            if kind not in ("lamp", "cable")
            else ["mouse-bolt-red", "router-core-red", f"{kind}-acme-black"]
        )
    ]
)


def test_no_model_ranks_a_query_that_it_learnt_from(
    shelf: OnlineState, learnt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[object, set[str]]] = []
    learn, score_lists = Reranker.learn, cross_validation.score_lists

    def asked(lists: Lists) -> set[str]:
        return {query.query for query in lists.queries}

    def remembered(self: Reranker, lists: Lists, *rest: object) -> dict[str, float]:
        trained.append((self.model, asked(lists)))
        return learn(self, lists, *rest)  # type: ignore[arg-type]

    def scored(model: object, lists: Lists) -> object:
        own = [queries for learner, queries in trained if learner is model]
        assert not any(queries & asked(lists) for queries in own)
        return score_lists(model, lists)  # type: ignore[arg-type]

    monkeypatch.setattr(Reranker, "learn", remembered)
    monkeypatch.setattr(cross_validation, "score_lists", scored)
    known = Knowledge.of(shelf)
    tagger = SearchModel.load(learnt, "cpu").tagger(known.vocabulary)
    small = Parameters(epochs=1, folds=2)
    runs = list(cross_validated(known, tagger, JUDGMENTS, small, 1, quietly))
    assert [(name, seed) for name, seed, _ in runs] == [
        ("lexical", 0),
        ("dense", 0),
        ("fused", 0),
        ("cross_encoder", 1),
        ("with_features", 1),
        ("untrained", 0),
        ("shopkeeper", 1),
    ]
    pairs = {(row["query_id"], row["product_id"]) for row in JUDGMENTS.to_pylist()}
    for _, _, run in runs:
        assert {(row["query_id"], row["product_id"]) for row in run.to_pylist()} == pairs
    assert len(trained) == 3 * cross_validation.FOLDS


def test_stages_search_the_whole_catalogue(shelf: OnlineState) -> None:
    found = retrieved(Knowledge.of(shelf), ["acme lamp"], depth=5)
    assert set(found) == {"lexical", "dense", "fused"}
    for run in found.values():
        assert run.num_rows == 5
        assert run["product_id"][0].as_py().startswith("lamp-acme")
