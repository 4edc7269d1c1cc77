"""Texts that are no products, as models read them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bentos.encoders.packed import Row
from bentos.encoders.text import TextEncoder
from bentos.search.reranker import Floats, Reranker

Document = tuple[Row, Row]
_NOTHING: Row = ([], 0)


@dataclass(frozen=True)
class Documents:
    """Reads texts that are no products: beside a query, and by themselves."""

    reranker: Reranker
    encoder: TextEncoder | None  # none, where only pairs count

    def rows(self, query: str, texts: Sequence[str]) -> tuple[list[Document], list[int]]:
        """A pair and a text each, and what they cost."""
        nothing = [_NOTHING] * len(texts)
        pairs = nothing if self.reranker.reads_nothing else self.reranker.rows(query, texts)
        alone = self.encoder.rows(texts) if self.encoder else nothing
        rows = list(zip(pairs, alone, strict=True))
        return rows, [len(pair) + len(text) for (pair, _), (text, _) in rows]

    def read(self, rows: Sequence[Document], /) -> Floats:
        """[n, 1 + dimensions]: what the reranker's head says, and the text's unit vector."""
        said = self.reranker.read([pair for pair, _ in rows])[:, None]
        if self.encoder is None:
            return said
        return np.hstack([said, self.encoder.read([text for _, text in rows])])
