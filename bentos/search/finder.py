"""Finds products for a query and says how likely each is what was looked for, whoever asks.

What depends on who asks, or on how the answer is to look, comes after it (`bentos.search.ranker`):
so what is found for one is kept for all.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bentos.encoders.packed import Row
from bentos.search.filters import Filters
from bentos.search.found import Rows, Scores
from bentos.search.index import Retrieved
from bentos.search.knowledge import Knowledge
from bentos.search.reranker import Reranker
from bentos.search.text_tokens import TextTokens
from bentos.search.understanding.tagger import Tagger
from bentos.search.understanding.tags import Tag
from bentos.serving.caches import Cache
from bentos.serving.reading import Reading, at_once

RERANKED = 50  # candidates that the reranker reads
_FOUND = 200  # that each stage may find
_ALIKE = 0.3  # cosine from which a vector alone says that a product has to do with a query

NO_FILTERS = Filters()


@dataclass(frozen=True)
class Kept:
    """How many results of each kind a search keeps for those who ask the same; 0: none."""

    queries: int = 0  # their vectors and tags
    searches: int = 0  # with their filters, before anybody's habits
    rerankings: int = 0  # of a query's documents


NOTHING_KEPT = Kept()


@dataclass(frozen=True)
class Scored:
    """Products for a query, and how likely each is what was looked for."""

    corrected: str | None
    tags: list[Tag]
    found: Retrieved
    nearest: bool  # nothing matched: these come closest
    probabilities: NDArray[np.float64]  # [n]
    n_read: int  # the best of them, which were read; the others keep the order of their features
    degraded: bool  # fewer than would have been, with more time


@dataclass
class Spent:
    """Milliseconds that a request took by stage, so far."""

    features: float = 0.0
    retrieve: float = 0.0


class Finder:
    """A model over a catalogue, as everybody has it."""

    def __init__(
        self, known: Knowledge, reranker: Reranker, tagger: Tagger | None, kept: Kept
    ) -> None:
        """Keeps as many results as ``kept`` says."""
        self._known = known
        self._reranker = reranker
        self._tagger = tagger
        self._vectors = Cache[tuple[Scores, int]]("vectors", kept.queries)
        self._tags = Cache[list[Tag]]("tags", kept.queries)
        self._searches = Cache[Scored]("searches", kept.searches)

    def scored(self, text: str, filters: Filters, reading: Reading, spent: Spent) -> Scored:
        """The products that pass the filters; the nearest of all where none does.

        ``reading`` has texts read: all that it is asked, or the first of them. What it has not read
        in time is not kept, and what was kept takes no time of ``spent``.
        """
        return self._searches.get(
            (text, filters.spelt_out),
            lambda: self._scored(text, filters, reading, spent),
            worth=lambda scored: not scored.degraded,
        )

    def encoded(self, text: str, reading: Reading) -> tuple[Scores, int]:
        """The unit vector [1, dimensions] of a text, if it could be read, and its tokens."""
        return self._vectors.get(
            text,
            lambda: self._known.encoded([text], reading),
            worth=lambda encoded: len(encoded[0]) == 1,
        )

    def vector(self, text: str) -> Scores:
        """The unit vector of a query, in the precision that products' vectors are kept in."""
        (vector,), _ = self.encoded(text, at_once)
        rounded: Scores = vector.astype(np.float16).astype(np.float32)
        return rounded

    def _scored(self, typed: str, filters: Filters, reading: Reading, spent: Spent) -> Scored:
        began = time.perf_counter()
        corrected = self._known.index.corrected(typed)
        text = corrected or typed
        tags = self._understood(text)
        understood = time.perf_counter()
        found, nearest = self._retrieved(text, filters)
        spent.features = (understood - began) * 1000
        spent.retrieve = (time.perf_counter() - understood) * 1000
        probabilities, n_read, degraded = self._probabilities(text, tags, found, reading)
        return Scored(corrected, tags, found, nearest, probabilities, n_read, degraded)

    def _understood(self, text: str) -> list[Tag]:
        tagger = self._tagger
        return self._tags.get(text, lambda: tagger.tags(text)) if tagger else []

    def _retrieved(self, text: str, filters: Filters) -> tuple[Retrieved, bool]:
        """What was found, and whether it is only what comes nearest."""
        vector, index = self.vector(text), self._known.index
        found = index.search(text, vector, filters, _FOUND)
        if np.any((found.lexical > 0) | (found.dense >= _ALIKE)):
            return found, False
        return index.search(text, vector, NO_FILTERS, _FOUND), True

    def _probabilities(
        self, text: str, tags: Sequence[Tag], found: Retrieved, reading: Reading
    ) -> tuple[NDArray[np.float64], int, bool]:
        """[n]: what the reranker says of the best, and below them the rest in their order.

        And how many were read, and whether more would have been, with more time.

        Its features choose what it reads: a cascade (Wang, Lin and Metzler, 2011). The fused order
        would leave out what has the query's meaning and none of its words.
        """
        features = self._known.features(text, tags, found.rows, found.dense, found.lexical)
        reranker = self._reranker
        beside = reranker.by_features(features[:, : len(reranker.features)])
        order = np.argsort(-beside, kind="stable")
        wanted = order[: 0 if reranker.reads_nothing else RERANKED]
        pairs = self._pairs(text, found.rows[wanted])
        said = reading(reranker, pairs, [len(ids) for ids, _ in pairs])
        n_best = len(said) or RERANKED  # where nothing was read, the features say it all
        best, rest = order[:n_best], order[n_best:]
        scores = np.empty(len(order), np.float64)
        scores[best] = reranker.probabilities(beside[best] + (said if len(said) else 0.0))
        scores[rest] = below(scores[best], len(rest))
        return scores, len(said), len(said) < len(pairs)

    def _pairs(self, text: str, rows: Rows) -> list[Row]:
        """The query beside the text of each product."""
        if not len(rows):
            return []
        return self._reranker.rows_beside(text, self._tokens.of_rows(rows))

    @cached_property
    def _tokens(self) -> TextTokens:
        return self._reranker.tokens(self._known.texts)


def below(scores: NDArray[np.floating], n: int) -> NDArray[np.float64]:
    """[n] falling scores, all below those there are."""
    return float(scores.min(initial=1.0)) * np.arange(n, 0, -1) / (n + 1)
