"""Ranks products for a query: the one way a score comes about, online, offline, from a log.

Words and vectors find candidates, what is known of them puts them in order, the reranker reads
the best of them beside the query and says how likely each is what was looked for
(`bentos.search.finder`), and a known user's habits decide between those that are about as likely.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.cores import a_core_each
from bentos.scenario import RUN_SCHEMA
from bentos.search.documents import Documents
from bentos.search.filters import FacetValue, Filters, Sort, facets, ordered
from bentos.search.finder import NO_FILTERS, NOTHING_KEPT, Finder, Kept, Spent, below
from bentos.search.found import Found, Rows, Scores
from bentos.search.index import Retrieved
from bentos.search.knowledge import Knowledge
from bentos.search.personal import Taste, personalised
from bentos.search.store import SearchModel
from bentos.search.understanding.tags import Tag
from bentos.serving.caches import Cache
from bentos.serving.reading import Reading, at_once
from bentos.serving.record import POOL_SIZE, LoggedCandidate, LoggedEvent
from bentos.serving.state import OnlineState

_FACET_VALUES = 50
_TRIED = "wireless mouse"  # a query, for ways of computing to agree on
_HABITS = ("product_id", "product_type", "brand")


@dataclass(frozen=True)
class SearchQuery:
    """A request as the models see it."""

    text: str
    occurred_at: datetime
    user_id: str = ""
    filters: Filters = NO_FILTERS
    sort: Sort = "relevance"
    facets: tuple[str, ...] = ()
    personalise: bool = True
    recent: tuple[LoggedEvent, ...] = ()  # feedback that the state does not hold yet


@dataclass(frozen=True)
class FoundProduct:
    """A product, how likely it is what was looked for, and which stage found it."""

    product_id: str
    score: float
    stage: str


@dataclass(frozen=True)
class Ranked:
    """The best of what was found, and what was made of the query."""

    pool: list[FoundProduct]
    corrected: str | None
    tags: list[Tag]
    nearest: bool
    total: int
    facets: dict[str, list[FacetValue]]
    n_scored: int
    n_read: int  # the best of them, which were read; the others keep the order of their features
    degraded: bool  # fewer than would have been, with more time
    retrieve_ms: float
    features_ms: float
    score_ms: float

    @property
    def candidates(self) -> list[LoggedCandidate]:
        """The pool as the log holds it."""
        return [
            LoggedCandidate(found.product_id, rank, found.score, 1.0, found.stage)
            for rank, found in enumerate(self.pool, start=1)
        ]


@dataclass(frozen=True)
class Reranked:
    """How likely each text is what was looked for [n]; those after ``n_read`` were not read."""

    scores: NDArray[np.float32]
    n_read: int


class SearchRanker:
    """A search model over one state's catalogue."""

    def __init__(self, model: SearchModel, state: OnlineState, kept: Kept = NOTHING_KEPT) -> None:
        """Reads the catalogue once, and keeps as many results as ``kept`` says."""
        self._model = model
        self._state = state
        self._known = Knowledge.of(state, model.device)
        tagger = model.tagger(self._known.vocabulary)
        self._finder = Finder(self._known, model.reranker, tagger, kept)
        self._rerankings = Cache[Reranked]("rerankings", kept.rerankings)
        self.choice = self._known.encoder.choice
        if not model.reranker.reads_nothing:
            model.reranker.choose_backend(_TRIED, self._known.texts)
            self.choice = model.reranker.choice
        # One for all requests: what is read for several of them is read together.
        encoder = self._known.encoder if model.reranker.features else None
        self._documents = Documents(model.reranker, encoder)

    @classmethod
    def load(
        cls, folder: Path, state: OnlineState, device: str, kept: Kept = NOTHING_KEPT
    ) -> "SearchRanker":
        """The model in ``folder`` over the index that ``state`` names."""
        return cls(SearchModel.load(folder, device), state, kept)

    def rank(self, query: SearchQuery, reading: Reading = at_once) -> Ranked:
        """The best 100 products that pass the filters; the nearest of all where none does.

        ``reading`` has texts read: all that it is asked, or the first of them.
        """
        began, spent = time.perf_counter(), Spent()
        scored = self._finder.scored(query.text, query.filters, reading, spent)
        columns, found, scores = self._known.index.columns, scored.found, scored.probabilities
        if query.personalise and len(found.rows):
            scores = personalised(scores, self._affinity(query, found.rows))
        order = np.argsort(-scores, kind="stable")
        ranks = _positions(ordered(columns, found.rows[order], query.sort), found.rows)
        pool = self._named(found, scores, ranks[:POOL_SIZE], scored.nearest)
        counts = facets(columns, found.rows, query.facets, _FACET_VALUES)
        total_ms = (time.perf_counter() - began) * 1000
        return Ranked(
            pool=pool,
            corrected=scored.corrected,
            tags=scored.tags,
            nearest=scored.nearest,
            total=0 if scored.nearest else len(found.rows),
            facets=counts,
            n_scored=len(found.rows),
            n_read=scored.n_read,
            degraded=scored.degraded,
            retrieve_ms=spent.retrieve,
            features_ms=spent.features,
            score_ms=total_ms - spent.retrieve - spent.features,
        )

    def rerank(self, query: str, documents: Sequence[str], reading: Reading = at_once) -> Reranked:
        """How likely each text answers the query; see `rank` for ``reading``."""
        return self._rerankings.get(
            (query, documents),
            lambda: self._reranked(query, documents, reading),
            worth=lambda reranked: reranked.n_read == len(documents),
        )

    def _reranked(self, query: str, documents: Sequence[str], reading: Reading) -> Reranked:
        reranker = self._model.reranker
        found = reading(self._documents, *self._documents.rows(query, documents))
        n_read = len(found)
        if not n_read:
            return Reranked(below(found, len(documents)).astype(np.float32), 0)
        said = found[:, 0]
        if reranker.features:
            vector = self._finder.vector(query)
            features = self._known.text_features(query, vector, documents[:n_read], found[:, 1:])
            said = said + reranker.by_features(features)
        best = reranker.probabilities(said)
        rest = below(best, len(documents) - n_read)
        return Reranked(np.concatenate([best, rest]).astype(np.float32), n_read)

    def embed(self, texts: Sequence[str], reading: Reading = at_once) -> tuple[Scores, int]:
        """Unit vectors [n, dimensions] of the texts that were read, and how many tokens those had.

        See `rank` for ``reading``. A single text may be a query, whose vector is kept.
        """
        if len(texts) == 1:
            return self._finder.encoded(texts[0], reading)
        return self._known.encoded(texts, reading)

    def run(self, queries: Sequence[str], groups: Mapping[str, pa.Array]) -> pa.Table:  # noqa: ARG002
        """Searches as nobody in particular; see `bentos.scenario.Ranker`. Groups it has none."""
        with a_core_each() as cores:
            return _run(dict(zip(queries, cores.map(self._search, queries), strict=True)))

    def stages(self, queries: Sequence[str]) -> Mapping[str, pa.Table]:
        """What words, vectors, and the two together find, each by itself."""
        rankings: dict[str, dict[str, list[tuple[str, float]]]] = {}
        for query, vector in zip(queries, self._known.vectors(queries), strict=True):
            for stage, found in self._known.index.stages(query, vector, POOL_SIZE).items():
                rankings.setdefault(stage, {})[query] = self._with_scores(found)
        return {stage: _run(ranking) for stage, ranking in rankings.items()}

    def _search(self, query: str) -> list[tuple[str, float]]:
        ranked = self.rank(SearchQuery(query, self._state.as_of, personalise=False))
        return [(product.product_id, product.score) for product in ranked.pool]

    def _affinity(self, query: SearchQuery, rows: Rows) -> NDArray[np.float64]:
        """[n]: how much the user bought of the like of each product."""
        bought = self._bought(query)
        if not len(bought):
            return np.zeros(len(rows))
        column = self._known.column
        taste = Taste.of({name: column(name, bought) for name in _HABITS})
        return taste.affinity({name: column(name, rows) for name in _HABITS})

    def _bought(self, query: SearchQuery) -> Rows:
        span = self._state.rows_of_user.get(query.user_id, slice(0, 0))
        before = self._state.tables["histories"]["product"][span].to_numpy()
        row_of = self._known.row_of
        since = [
            row_of[event.product_id]
            for event in query.recent
            if event.event_type == "purchase" and event.product_id in row_of
        ]
        return np.concatenate([before, since]).astype(np.int64)

    def _named(
        self, found: Retrieved, scores: NDArray[np.float64], places: Rows, nearest: bool
    ) -> list[FoundProduct]:
        names = self._known.column("product_id", found.rows[places])
        return [
            FoundProduct(str(name), float(scores[place]), _stage(found, place, nearest))
            for name, place in zip(names, places, strict=True)
        ]

    def _with_scores(self, found: Found) -> list[tuple[str, float]]:
        names = self._known.column("product_id", found.rows)
        return [(str(name), float(score)) for name, score in zip(names, found.scores, strict=True)]


def _positions(rows: Rows, among: Rows) -> Rows:
    """Where each of some rows stands among all that were found."""
    order = np.argsort(among)
    return order[np.searchsorted(among[order], rows)]


def _stage(found: Retrieved, place: int, nearest: bool) -> str:
    if nearest:
        return "nearest"
    if found.by_lexical[place] and found.by_dense[place]:
        return "both"
    return "lexical" if found.by_lexical[place] else "dense"


def _run(rankings: Mapping[str, Sequence[tuple[str, float]]]) -> pa.Table:
    rows = [(query, product, score) for query, pool in rankings.items() for product, score in pool]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table([list(column) for column in columns], schema=RUN_SCHEMA)
