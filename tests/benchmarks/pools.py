"""The judged pools of Chorus as the reranker gets them: texts, gains and features."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.encoders.text import TextEncoder
from bentos.search.compounds import Compounds
from bentos.search.features import PRIOR, ProductWords
from bentos.search.found import Found
from bentos.search.fusion import fused
from bentos.search.judged import JudgedQuery, judged_queries, ndcg
from bentos.search.knowledge import FEATURES
from bentos.search.lexical import LexicalIndex
from bentos.search.text import terms
from bentos.search.understanding.vocabulary import Vocabulary
from tests.benchmarks.chorus import chorus_catalogue, chorus_judgments

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Pools:
    """Judged queries with their features (`PRIOR`), and what simpler rankers say of the products.

    ``scores`` hold, by ranker, the scores of each query's products in order.
    """

    queries: list[JudgedQuery]
    scores: dict[str, list[NDArray[np.float32]]]

    @cached_property
    def informative(self) -> NDArray[np.bool_]:
        """[Q] queries with a product of gain 0 and one with more."""
        return np.array([query.gains.min() == 0 < query.gains.max() for query in self.queries])

    @cached_property
    def answerable(self) -> NDArray[np.bool_]:
        """[Q] queries with a product of any gain."""
        return np.array([query.gains.max() > 0 for query in self.queries])

    def ndcg(self, scores: list[NDArray[np.float32]]) -> Values:
        """[Q] ndcg@10 of each query; NaN without a product of any gain."""
        return np.array(
            [ndcg(query.gains, own) for query, own in zip(self.queries, scores, strict=True)]
        )


def chorus_pools(folder: Path) -> Pools:
    """Reads catalogue and grades in ``folder``; judged products alone are embedded."""
    products = chorus_catalogue(folder)
    judgments = chorus_judgments(folder)
    row_of = {product: row for row, product in enumerate(products["product_id"].to_pylist())}
    rows = np.array([row_of[product] for product in judgments["product_id"].to_pylist()])
    titles, texts = products["title"].to_pylist(), products["text"].to_pylist()
    asked = judgments["query_id"].to_pylist()
    lexical = LexicalIndex.of(products)
    bm25 = np.array([lexical.scores(q)[row] for q, row in zip(asked, rows, strict=True)], "f")
    by_title, by_text = (_cosines(asked, [some[row] for row in rows]) for some in (titles, texts))
    words = ProductWords(products, terms)
    features = np.zeros((len(rows), len(PRIOR)), np.float32)
    for query in set(asked):
        own = np.flatnonzero([other == query for other in asked])
        features[own] = words.features(query, rows[own], by_text[own], bm25[own])
    queries = judged_queries(
        judgments, dict(zip(products["product_id"].to_pylist(), texts, strict=True)), features
    )
    modifiers = _modifiers(products, words, asked, rows)
    scores = {
        "bm25": [bm25[query.rows] for query in queries],
        "minilm_titles": [by_title[query.rows] for query in queries],
        "minilm": [by_text[query.rows] for query in queries],
        "fused": [_fused(bm25[query.rows], by_text[query.rows]) for query in queries],
        "blend": [query.features @ _prior() for query in queries],
        "blend, head nouns": [
            query.features @ _prior() + FEATURES["modifier"] * modifiers[query.rows]
            for query in queries
        ],
    }
    return Pools(queries, scores)


def _modifiers(
    products: pa.Table, words: ProductWords, asked: list[str], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Of each query and product what the feature ``modifier`` is."""
    compounds = Compounds.of(Vocabulary.of(products))
    titles, descriptions = (products[name].to_pylist() for name in ("title", "description"))
    found = np.zeros(len(rows), np.float32)
    for place, (query, row) in enumerate(zip(asked, rows, strict=True)):
        head = compounds.head(query)
        if head is not None and head in compounds.modifiers(titles[row], descriptions[row]):
            found[place] = words.share(head, query)
    return found


def _fused(bm25: NDArray[np.float32], cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the index's fusion makes of a pool, in the pool's order."""
    n = len(bm25)
    rows = np.arange(n)
    both = fused(Found.best_of(rows, bm25, n), Found.best_of(rows, cosine, n), n)
    scores = np.zeros(n, np.float32)
    scores[both.rows] = both.scores
    return scores


def _prior() -> NDArray[np.float32]:
    return np.array(list(PRIOR.values()), np.float32)


def _cosines(queries: list[str], texts: list[str]) -> NDArray[np.float32]:
    """Of each query and text; each distinct string is encoded once, sorted by length."""
    encoder = TextEncoder()
    found = []
    for some in (queries, texts):
        distinct = sorted(set(some), key=len)
        vectors = encoder.encode(distinct).astype(np.float32)
        place = {text: row for row, text in enumerate(distinct)}
        found.append(vectors[[place[text] for text in some]])
    return np.einsum("nd,nd->n", *found)
