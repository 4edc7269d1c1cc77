"""Cross-validation: every judged product is ranked, and by nothing that learnt from its query."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bentos.search import cross_validation
from bentos.search.cross_validation import SearchCrossValidation
from bentos.search.learner import Learner
from bentos.search.parameters import Parameters
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
    learn, score_lists = Learner.learn, cross_validation.score_lists

    def asked(lists: Lists) -> set[str]:
        return {query.query for query in lists.queries}

    def remembered(self: Learner, lists: Lists, *rest: object) -> dict[str, float]:
        trained.append((self.model, asked(lists)))
        return learn(self, lists, *rest)  # type: ignore[arg-type]

    def scored(model: object, lists: Lists) -> object:
        own = [queries for learnt, queries in trained if learnt is model]
        assert not any(queries & asked(lists) for queries in own)
        return score_lists(model, lists)  # type: ignore[arg-type]

    monkeypatch.setattr(Learner, "learn", remembered)
    monkeypatch.setattr(cross_validation, "score_lists", scored)
    validation = _validation(shelf, learnt)
    runs = list(validation.rerankings(quietly))
    assert [(name, seed) for name, seed, _ in runs] == [
        ("lexical", 0),
        ("dense", 0),
        ("fused", 0),
        ("cross_encoder", 1),
        ("cross_encoder", 2),
        ("with_features", 1),
        ("with_features", 2),
        ("untrained", 0),
        *(("shopkeeper", seed) for seed in range(1, 6)),
    ]
    pairs = {(row["query_id"], row["product_id"]) for row in JUDGMENTS.to_pylist()}
    for _, _, run in runs:
        assert {(row["query_id"], row["product_id"]) for row in run.to_pylist()} == pairs
    assert len(trained) == (2 + 2 + 5) * cross_validation.FOLDS
    found = validation.searches(quietly)
    assert (
        len(trained) == (2 + 2 + 5) * cross_validation.FOLDS
    )  # those of the first seed search as well
    assert set(found) == {"lexical", "dense", "fused", "shopkeeper"}
    for run in found.values():
        assert set(run["query_id"].to_pylist()) == set(JUDGMENTS["query_id"].to_pylist())
        lamps = run.filter(pc.equal(run["query_id"], "acme lamp"))
        assert lamps["product_id"][0].as_py().startswith("lamp-acme")


def test_parts_differ_by_their_features_alone(shelf: OnlineState, learnt: Path) -> None:
    validation = _validation(shelf, learnt)
    lists = {part.name: validation._with_features_of(part) for part in cross_validation._PARTS}
    whole, without = lists["shopkeeper"], lists["with_features"]
    assert whole.states is without.states
    for full, bare in zip(whole.queries, without.queries, strict=True):
        assert full.features.shape[1] == bare.features.shape[1] + 1
        assert (full.features[:, :-1] == bare.features).all()
    assert any(query.features[:, -1].any() for query in whole.queries)  # what was understood


def _validation(shelf: OnlineState, learnt: Path) -> SearchCrossValidation:
    return SearchCrossValidation(shelf, learnt, JUDGMENTS, Parameters(epochs=1, folds=2))
