"""What a search knows of its catalogue: the index, its words and its values, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.encoders.text import TextEncoder
from bentos.search.compounds import Compounds
from bentos.search.features import PRIOR, ProductWords
from bentos.search.found import Rows, Scores
from bentos.search.index import SearchIndex
from bentos.search.postings import Numbers, Postings
from bentos.search.text import terms
from bentos.search.understanding.boosts import boosts
from bentos.search.understanding.tagger import Tagger
from bentos.search.understanding.tags import Tag
from bentos.search.understanding.vocabulary import Vocabulary
from bentos.serving.errors import IndexMissing
from bentos.serving.reading import Reading
from bentos.serving.state import OnlineState

UNDERSTOOD = "asked_for"  # the share of what a query's tags ask for that a product has
FEATURES: Mapping[str, float] = {
    **PRIOR,
    # Where the query's head noun only modifies another in the text: its share of ``coverage``,
    # which this takes back. A laptop sleeve has the word and is no laptop.
    "modifier": -PRIOR["coverage"],
    UNDERSTOOD: 0.0,
}


@dataclass(frozen=True)
class Knowledge:
    """A catalogue as search sees it; rows are those of ``index.products``."""

    index: SearchIndex
    words: ProductWords
    vocabulary: Vocabulary
    encoder: TextEncoder

    @classmethod
    def of(cls, state: OnlineState, device: str = "cpu") -> "Knowledge":
        """Opens the index that the state names; the encoder reads on the device.

        Raises:
            IndexMissing: it names none, or one that is not there.
            IndexMismatch: the index was made by another encoder than the one at hand.
        """
        place = state.indexes.get("search")
        if place is None:
            raise IndexMissing(
                f"online state {state.version} names no search index; `shopkeeper publish-state` "
                "builds one."
            )
        return _opened(place, device)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each product."""
        return {p: row for row, p in enumerate(self.index.products["product_id"].to_pylist())}

    @cached_property
    def texts(self) -> Sequence[str]:
        """What the encoders read of each product."""
        found: Sequence[str] = self.index.products["text"].to_pylist()
        return found

    @cached_property
    def compounds(self) -> Compounds:
        """The head nouns of the catalogue's types."""
        return Compounds.of(self.vocabulary)

    @cached_property
    def _modifiers(self) -> Postings:
        """Of each product the nouns that its text has, but that it is not."""
        said = (self.index.products[name].to_pylist() for name in ("title", "description"))
        return Postings.of(map(self.compounds.modifiers, *said), Numbers())

    def vectors(self, queries: Sequence[str]) -> Scores:
        """The queries' unit vectors, [n, dimensions]."""
        return self.encoder.encode(queries).astype(np.float32)

    def encoded(self, texts: Sequence[str], reading: Reading) -> tuple[Scores, int]:
        """Unit vectors [n, dimensions] of the texts that were read, and the tokens of these."""
        rows = self.encoder.rows(texts)
        tokens = [len(ids) for ids, _ in rows]
        found = reading(self.encoder, rows, tokens)
        return found, sum(tokens[: len(found)])

    def features_of(
        self, query: str, tags: Sequence[Tag], vector: Scores, rows: Rows
    ) -> NDArray[np.float32]:
        """[n, F] of the products ``rows``, whether a search would find them or not."""
        lexical, dense = self.index.scores(query, vector, rows)
        return self.features(query, tags, rows, dense, lexical)

    def features(
        self, query: str, tags: Sequence[Tag], rows: Rows, cosine: Scores, bm25: Scores
    ) -> NDArray[np.float32]:
        """[n, F], columns as in ``FEATURES``, of the products ``rows``."""
        asked_for = boosts(tags, self.vocabulary).of_all(len(self.texts))[rows]
        found = self.words.features(query, rows, cosine, bm25)
        modifier = self._modifier(query, rows, self._modifiers)
        return np.column_stack([found, modifier, asked_for]).astype(np.float32)

    def text_features(
        self, query: str, vector: Scores, texts: Sequence[str], vectors: Scores
    ) -> NDArray[np.float32]:
        """[n, F] of texts that need be no products: what is not known of them is the usual.

        ``vector`` is the query's, ``vectors`` are the texts'.
        """
        found = self.words.text_features(query, texts, vectors @ vector)
        modifiers = Postings.of(map(self.compounds.modifiers, texts), Numbers())
        modifier = self._modifier(query, np.arange(len(texts)), modifiers)
        return np.column_stack([found, modifier, np.zeros(len(texts))]).astype(np.float32)

    def _modifier(self, query: str, rows: Rows, modifiers: Postings) -> NDArray[np.float64]:
        """[n] what the query's head noun is of the query, where it is only a modifier."""
        head = self.compounds.head(query)
        if head is None:
            return np.zeros(len(rows))
        return np.where(modifiers.have(head, rows), self.words.share(head, query), 0.0)

    def judged_features(self, tagger: Tagger | None, judgments: pa.Table) -> NDArray[np.float32]:
        """[judgments, F]: what a request would know of each query and product.

        ``judgments`` (query_id, product_id) are in order of query.
        """
        names = judgments["product_id"].to_pylist()
        rows = np.array([self.row_of[product] for product in names], np.int64)
        asked = judgments["query_id"].combine_chunks().dictionary_encode()
        starts = np.flatnonzero(np.diff(asked.indices.to_numpy(), prepend=-1))
        queries = asked.dictionary.to_pylist()
        parts = zip(queries, self.vectors(queries), np.split(rows, starts[1:]), strict=True)
        return np.concatenate(
            [
                self.features_of(query, tagger.tags(query) if tagger else [], vector, part)
                for query, vector, part in parts
            ]
        )

    def column(self, name: str, rows: Rows) -> list[str | None]:
        """A column of some products."""
        values: list[str | None] = self.index.products[name].take(pa.array(rows)).to_pylist()
        return values


@lru_cache(maxsize=2)  # the catalogue changes more seldom than the state: the one before and this
def _opened(place: Path, device: str) -> Knowledge:
    encoder = TextEncoder(device=device)
    index = SearchIndex.open(place, encoder.digest)
    encoder.choose_backend(index.products["text"].to_pylist())
    words = ProductWords(index.products, terms)
    return Knowledge(index, words, index.vocabulary, encoder)
