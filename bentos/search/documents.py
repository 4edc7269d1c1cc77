"""Texts that are no products, as models read them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bentos.encoders.packed import Row
from bentos.encoders.text import TextEncoder
from bentos.search.reranker import Floats, Reranker


@dataclass(frozen=True)
class Documents:
    """Reads texts that are no products: beside a query, and by themselves."""

    reranker: Reranker
    encoder: TextEncoder

    def rows(self, query: str, texts: Sequence[str]) -> tuple[list[tuple[Row, Row]], list[int]]:
        """A pair and a text each, and what they cost."""
        pairs = self.reranker.rows(query, texts)
        alone = self.encoder.rows(texts)
        tokens = [len(pair) + len(text) for (pair, _), (text, _) in zip(pairs, alone, strict=True)]
        return list(zip(pairs, alone, strict=True)), tokens

    def read(self, rows: Sequence[tuple[Row, Row]], /) -> Floats:
        """[n, 1 + dimensions]: what the reranker's head says, and the text's unit vector."""
        said = self.reranker.read([pair for pair, _ in rows])
        return np.column_stack([said, self.encoder.read([text for _, text in rows])])
