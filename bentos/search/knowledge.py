"""What a search knows of its catalogue: the index, its words and its values, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.encoders.text import TextEncoder
from bentos.search.features import PRIOR, ProductWords
from bentos.search.found import Rows, Scores
from bentos.search.index import SearchIndex
from bentos.search.text import terms
from bentos.search.understanding.boosts import boosts
from bentos.search.understanding.tags import Tag
from bentos.search.understanding.vocabulary import Vocabulary
from bentos.serving.errors import IndexMissing
from bentos.serving.state import OnlineState

FEATURES: Mapping[str, float] = {**PRIOR, "asked_for": 0.0}  # and the share that tags ask for


@dataclass(frozen=True)
class Knowledge:
    """A catalogue as search sees it; rows are those of ``index.products``."""

    index: SearchIndex
    words: ProductWords
    vocabulary: Vocabulary
    encoder: TextEncoder

    @classmethod
    def of(cls, state: OnlineState) -> "Knowledge":
        """Opens the index that the state names.

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
        return _opened(place)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each product."""
        return {p: row for row, p in enumerate(self.index.products["product_id"].to_pylist())}

    @cached_property
    def texts(self) -> Sequence[str]:
        """What the encoders read of each product."""
        found: Sequence[str] = self.index.products["text"].to_pylist()
        return found

    def vectors(self, queries: Sequence[str]) -> Scores:
        """The queries' unit vectors, [n, dimensions]."""
        return self.encoder.encode(queries).astype(np.float32)

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
        return np.column_stack([found, asked_for]).astype(np.float32)

    def column(self, name: str, rows: Rows) -> list[str | None]:
        """A column of some products."""
        values: list[str | None] = self.index.products[name].take(pa.array(rows)).to_pylist()
        return values


@lru_cache(maxsize=2)  # the catalogue changes more seldom than the state: the one before and this
def _opened(place: Path) -> Knowledge:
    encoder = TextEncoder()
    index = SearchIndex.open(place.parent, encoder.digest, place.name)
    return Knowledge(
        index, ProductWords(index.products, terms), Vocabulary.of(index.products), encoder
    )
