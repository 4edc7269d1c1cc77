"""What a request has models read, and who decides when: a scheduler, or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bentos.encoders.packed import Row
from bentos.encoders.text import TextEncoder
from bentos.search.reranker import Reranker

Floats = NDArray[np.float32]


class Reader(Protocol):
    """A model that reads rows of some kind."""

    def read(self, rows: Sequence[Any], /) -> Floats:
        """What it says of each, [n, …]."""


class Reading(Protocol):
    """Has rows read."""

    def __call__(self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int], /) -> Floats:
        """What the reader says of all rows, or of the first; ``tokens`` say what each costs."""


def at_once(reader: Reader, rows: Sequence[Any], tokens: Sequence[int], /) -> Floats:  # noqa: ARG001
    """Everything is read, however long it takes."""
    return reader.read(rows)


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
