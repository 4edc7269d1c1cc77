"""Cross-validation: every judged query is ranked by models that have not learnt from it.

Folds are of queries, never of pairs: the products of one query are no strangers to each other. With
each seed the folds are others, and so is all that is drawn in training.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.scenario import RUN_SCHEMA, Progress
from bentos.search.features import PRIOR
from bentos.search.filters import Filters
from bentos.search.found import Found
from bentos.search.fusion import fused
from bentos.search.judged import JudgedQuery, judged_queries, query_folds
from bentos.search.knowledge import FEATURES, Knowledge
from bentos.search.parameters import Parameters
from bentos.search.reranker import Reranker
from bentos.search.training import score_lists
from bentos.search.understanding.tagger import Tagger

FOLDS = 5
_COLUMN = {name: place for place, name in enumerate(FEATURES)}

Scores = Sequence[NDArray[np.float32]]  # of each query's products


@dataclass(frozen=True)
class _Part:
    """A ranker that is the whole without some of its features."""

    name: str
    features: Sequence[str]
    trained: bool


_PARTS = (
    _Part("cross_encoder", ["cosine"], trained=True),
    _Part("with_features", list(PRIOR), trained=True),
    _Part("untrained", list(FEATURES), trained=False),
    _Part("shopkeeper", list(FEATURES), trained=True),
)


def cross_validated(
    known: Knowledge,
    tagger: Tagger | None,
    judgments: pa.Table,
    parameters: Parameters,
    seeds: int,
    progress: Progress,
) -> Iterator[tuple[str, int, pa.Table]]:
    """Rankings of the judged products: the ranker, the seed, and a table of ``RUN_SCHEMA``.

    ``judgments`` (query_id, product_id, gain) are in order of query and product. Rankers without
    training have one seed, 0. The last one, ``shopkeeper``, is the whole.
    """
    texts = dict(zip(known.index.products["product_id"].to_pylist(), known.texts, strict=True))
    queries = judged_queries(judgments, texts, known.judged_features(tagger, judgments))
    names = judgments["product_id"].to_pylist()
    for stage, scores in _stages(queries).items():
        yield stage, 0, _run(queries, names, scores)
    tasks = [(part, seed) for part in _PARTS for seed in _seeds(part, seeds)]
    for part, seed in progress(tasks, len(tasks)):
        changed = parameters.model_copy(update={"seed": parameters.seed + seed})
        yield part.name, seed, _run(queries, names, _part(part, queries, changed))


def retrieved(known: Knowledge, queries: Sequence[str], depth: int) -> Mapping[str, pa.Table]:
    """What each stage finds of the whole catalogue, in the columns of ``RUN_SCHEMA``."""
    found = {
        query: known.index.search(query, vector, Filters(), depth)
        for query, vector in zip(queries, known.vectors(queries), strict=True)
    }
    stages: dict[str, pa.Table] = {}
    for stage in ("lexical", "dense", "fused"):
        rows = []
        for query, own in found.items():
            scores = getattr(own, stage)
            best = np.argsort(-scores, kind="stable")[:depth]
            ids = known.column("product_id", own.rows[best])
            rows += [(query, name, float(s)) for name, s in zip(ids, scores[best], strict=True)]
        stages[stage] = _table(rows)
    return stages


def _seeds(part: _Part, seeds: int) -> Sequence[int]:
    return range(1, seeds + 1) if part.trained else [0]


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


def _part(part: _Part, queries: Sequence[JudgedQuery], parameters: Parameters) -> Scores:
    """The scores of every query's products by a model that learnt from the other folds."""
    kept = [_COLUMN[name] for name in part.features]
    queries = [query.with_features(query.features[:, kept]) for query in queries]
    weights = {name: FEATURES[name] for name in part.features}
    start = Reranker.fresh(parameters, weights)
    lists = start.read(queries)
    found: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(queries)
    for own, others in query_folds(len(queries), FOLDS, parameters.seed):
        reranker = Reranker.fresh(parameters, weights)
        if part.trained:
            reranker.learn(lists[own], None, _quietly)
        else:
            reranker.standardise(lists[own])
        for place, scores in zip(others, score_lists(reranker.model, lists[others]), strict=True):
            found[place] = scores
    return found


def _quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:  # noqa: ARG001
    return items


def _run(queries: Sequence[JudgedQuery], names: Sequence[str], scores: Scores) -> pa.Table:
    rows = [
        (query.query, names[row], float(score))
        for query, own in zip(queries, scores, strict=True)
        for row, score in zip(query.rows, own, strict=True)
    ]
    return _table(rows)


def _table(rows: Sequence[tuple[str, str | None, float]]) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    return pa.table(columns, schema=RUN_SCHEMA)
