"""Cross-validation: every judged query is ranked by models that have not learnt from it.

Folds are of queries, never of pairs: the products of one query are no strangers to each other. With
each seed the folds are others, and so is all that is drawn in training.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.scenario import RUN_SCHEMA, Progress
from bentos.search.found import Found
from bentos.search.fusion import fused
from bentos.search.judged import Ints, JudgedQuery, judged_queries, query_folds
from bentos.search.knowledge import FEATURES, UNDERSTOOD, Knowledge
from bentos.search.learner import Learner
from bentos.search.parameters import FOLDS, Parameters
from bentos.search.ranker import SearchRanker
from bentos.search.store import SearchModel, tagger_in
from bentos.search.training import Lists, score_lists
from bentos.serving.state import OnlineState

_DEVICE = "cpu"
_COLUMN = {name: place for place, name in enumerate(FEATURES)}

Scores = Sequence[NDArray[np.float32]]  # of each query's products


@dataclass(frozen=True)
class _Part:
    """A ranker that is the whole without some of its features."""

    name: str
    features: Sequence[str]
    seeds: int  # that it is trained with; 0: it is not trained


_WHOLE = _Part("shopkeeper", list(FEATURES), seeds=5)
_PARTS = (  # two seeds show whether chance decides, and leave the time to the whole
    _Part("cross_encoder", ["cosine"], seeds=2),
    _Part("with_features", [name for name in FEATURES if name != UNDERSTOOD], seeds=2),
    _Part("untrained", list(FEATURES), seeds=0),
    _WHOLE,
)


@dataclass(frozen=True)
class _Fold:
    """What has learnt, and the queries that it has not learnt from."""

    learner: Learner
    unseen: Lists
    places: Ints  # of the queries among all


class SearchCrossValidation:
    """See `bentos.scenario.CrossValidation`."""

    def __init__(
        self, state: OnlineState, folder: Path, judgments: pa.Table, parameters: Parameters
    ) -> None:
        """``judgments`` are of products that the catalogue has; a tagger may lie in ``folder``."""
        self._state, self._folder, self._parameters = state, folder, parameters
        known = Knowledge.of(state)
        tagger = tagger_in(folder, known.vocabulary, _DEVICE)
        texts = dict(zip(known.index.products["product_id"].to_pylist(), known.texts, strict=True))
        features = known.judged_features(tagger, judgments)
        self._queries = judged_queries(judgments, texts, features)
        self._lists = Learner.fresh(parameters, FEATURES, _DEVICE).lists(self._queries)
        self._products = judgments["product_id"].to_pylist()

    def rerankings(self, progress: Progress) -> Iterator[tuple[str, int, pa.Table]]:
        """See `bentos.scenario.CrossValidation`."""
        for stage, scores in _stages(self._queries).items():
            yield stage, 0, self._run(scores)
        tasks = [(part, seed) for part in _PARTS for seed in _seeds(part)]
        for part, seed in progress(tasks, len(tasks)):
            yield part.name, seed, self._run(self._scores(part, seed))

    def searches(self, progress: Progress) -> Mapping[str, pa.Table]:
        """See `bentos.scenario.CrossValidation`; the whole is that of the first seed."""
        stages: Mapping[str, pa.Table] = {}
        runs: list[pa.Table] = []
        for fold in progress(self._of_first_seed, FOLDS):
            model = SearchModel(fold.learner.reranker(), self._folder, _DEVICE)
            ranker = SearchRanker(model, self._state)
            runs.append(ranker.run([query.query for query in fold.unseen.queries], {}))
            stages = stages or ranker.stages([query.query for query in self._queries])
        return {**stages, _WHOLE.name: pa.concat_tables(runs)}

    def _scores(self, part: _Part, seed: int) -> Scores:
        """The scores of every query's products by a model that learnt from the other folds."""
        found: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(self._queries)
        known = part is _WHOLE and seed == 1
        for fold in self._of_first_seed if known else self._folds(part, seed):
            scores = score_lists(fold.learner.model, fold.unseen)
            for place, own in zip(fold.places, scores, strict=True):
                found[place] = own
        return found

    @cached_property
    def _of_first_seed(self) -> list[_Fold]:
        """What reranks judged products and searches the catalogue: trained once for both."""
        return list(self._folds(_WHOLE, 1))

    def _folds(self, part: _Part, seed: int) -> Iterator[_Fold]:
        parameters = self._parameters.model_copy(update={"seed": self._parameters.seed + seed})
        weights = {name: FEATURES[name] for name in part.features}
        lists = self._with_features_of(part)
        for own, others in query_folds(len(lists.queries), FOLDS, parameters.seed):
            learner = Learner.fresh(parameters, weights, _DEVICE)
            if part.seeds:
                learner.learn(lists[own], None, _quietly)
            else:
                learner.standardise(lists[own])
            yield _Fold(learner, lists[others], others)

    def _with_features_of(self, part: _Part) -> Lists:
        """The lists, read once: below the layers that learn, all parts and seeds are the same."""
        kept = [_COLUMN[name] for name in part.features]
        queries = [query.with_features(query.features[:, kept]) for query in self._queries]
        return replace(self._lists, queries=queries)

    def _run(self, scores: Scores) -> pa.Table:
        rows = [
            (query.query, self._products[row], float(score))
            for query, own in zip(self._queries, scores, strict=True)
            for row, score in zip(query.rows, own, strict=True)
        ]
        return pa.table([list(column) for column in zip(*rows, strict=True)], schema=RUN_SCHEMA)


def _seeds(part: _Part) -> Sequence[int]:
    return range(1, part.seeds + 1) if part.seeds else [0]


def _stages(queries: Sequence[JudgedQuery]) -> dict[str, Scores]:
    """What words, vectors, and the two together make of the judged products."""
    lexical, dense = (
        [query.features[:, _COLUMN[name]] for query in queries] for name in ("bm25", "cosine")
    )
    both = [_fused(one, other) for one, other in zip(lexical, dense, strict=True)]
    return {"lexical": lexical, "dense": dense, "fused": both}


def _fused(lexical: NDArray[np.float32], dense: NDArray[np.float32]) -> NDArray[np.float32]:
    n = len(lexical)
    found = fused(Found.best(lexical, n), Found.best(dense, n), n)
    scores = np.zeros(n, np.float32)
    scores[found.rows] = found.scores
    return scores


def _quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:  # noqa: ARG001
    return items
