"""Features of a query and a product: what the stages before the reranker know, and words shared."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.search.found import Rows
from bentos.search.postings import Numbers, Postings

Floats = NDArray[np.float32]
Words = Callable[[str], Sequence[str]]  # an analyser: the terms of a text, in order

# Weights to begin with: the bi-encoder's order, and what has the query's words before what has not.
# The rest begins at nothing, and is held to it.
PRIOR: Mapping[str, float] = {
    "cosine": 20.0,  # of query and text vectors
    "coverage": 4.0,  # share of the query's words that title or description have
    "title_coverage": 0.0,
    "type_coverage": 0.0,
    "brand_coverage": 0.0,
    "bm25": 0.0,  # as a share of the pool's greatest
    "log_price": 0.0,
}


def rarity(n_products: int, n_having: int) -> float:
    """How rare a word is in a catalogue, as in BM25; the rarest is one that no product has."""
    return float(np.log1p((n_products - n_having + 0.5) / (n_having + 0.5)))


class ProductWords:
    """The words of a catalogue's products, and how rare they are."""

    def __init__(self, products: pa.Table, words: Words) -> None:
        """``products`` has title, text, product_type, brand and price; ``words`` reads them."""
        self._words = words
        self._size = products.num_rows
        numbers = Numbers()
        self._fields = {
            name: Postings.of((words(t or "") for t in products[name].to_pylist()), numbers)
            for name in ("text", "title", "product_type", "brand")
        }
        price = products["price"].cast(pa.float64()).to_numpy()
        known = np.isfinite(price)
        usual = float(np.median(price[known])) if known.any() else 0.0
        self._log_price = np.log1p(np.where(known, price, usual).clip(min=0))

    def features(self, query: str, rows: Rows, cosine: Floats, bm25: Floats) -> NDArray[np.float32]:
        """[n, F], columns as in ``PRIOR``, of the products ``rows``.

        ``cosine`` [n] and ``bm25`` [n] are what retrieval says of them.
        """
        greatest = max(float(bm25.max(initial=0)), 1e-9)
        columns = [
            cosine,
            *(self._coverage(query, rows, field) for field in self._fields.values()),
            bm25 / greatest,
            self._log_price[rows],
        ]
        return np.stack(columns, 1).astype(np.float32)

    def text_features(self, query: str, texts: Sequence[str], cosine: Floats) -> Floats:
        """[n, F] of texts that are no products of the catalogue: what is not known is the usual."""
        having = Postings.of(map(self._words, texts), Numbers())
        covered = self._coverage(query, np.arange(len(texts)), having)
        features = np.zeros((len(texts), len(PRIOR)), np.float32)
        names = list(PRIOR)
        features[:, names.index("cosine")] = cosine
        features[:, names.index("coverage")] = covered
        features[:, names.index("title_coverage")] = covered
        features[:, names.index("log_price")] = np.median(self._log_price)
        return features

    def share(self, word: str, query: str) -> float:
        """What a word is of all that a query says, by rarity: what it adds to ``coverage``."""
        weights = self._weights(query)
        return weights.get(word, 0.0) / max(sum(weights.values()), 1e-9)

    def _weights(self, query: str) -> dict[str, float]:
        text, size = self._fields["text"], self._size
        return {word: rarity(size, len(text.having(word))) for word in self._words(query)}

    def _coverage(self, query: str, rows: Rows, field: Postings) -> NDArray[np.float64]:
        """[n] the share of the query's words, by rarity, that each row's field has."""
        weights = self._weights(query)
        covered = np.zeros(len(rows))
        for word, weight in weights.items():
            covered[field.have(word, rows)] += weight
        return covered / max(sum(weights.values()), 1e-9)
