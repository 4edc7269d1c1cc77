"""Features of a query and a product: what the stages before the reranker know, and words shared."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Rarity:
    """How rare each word is in a catalogue: ln(1 + (N - n + 0.5) / (n + 0.5)), as in BM25."""

    n_products: int
    n_having: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[Collection[str]]) -> "Rarity":
        """Counts the products whose words have each word."""
        n_having: Counter[str] = Counter()
        n_products = 0
        for words in texts:
            n_having.update(set(words))
            n_products += 1
        return cls(n_products, dict(n_having))

    def __call__(self, word: str) -> float:
        """The rarity of a word; the greatest for one that no product has."""
        n = self.n_having.get(word, 0)
        return float(np.log1p((self.n_products - n + 0.5) / (n + 0.5)))


def _distinct(texts: Sequence[str | None], words: Words) -> list[frozenset[str]]:
    """The distinct words of each text; one object for texts that are alike."""
    known = {text: frozenset(words(text or "")) for text in set(texts)}
    return [known[text] for text in texts]


class ProductWords:
    """The words of a catalogue's products, and how rare they are."""

    def __init__(self, products: pa.Table, words: Words) -> None:
        """``products`` has title, text, product_type, brand and price; ``words`` reads them."""
        self._words = words
        self._fields = {
            name: _distinct(products[name].to_pylist(), words)
            for name in ("text", "title", "product_type", "brand")
        }
        self.rarity = Rarity.of(self._fields["text"])
        price = products["price"].cast(pa.float64()).to_numpy()
        known = np.isfinite(price)
        usual = float(np.median(price[known])) if known.any() else 0.0
        self._log_price = np.log1p(np.where(known, price, usual).clip(min=0))

    def features(
        self, query: str, rows: NDArray[np.int64], cosine: Floats, bm25: Floats
    ) -> NDArray[np.float32]:
        """[n, F], columns as in ``PRIOR``, of the products ``rows``.

        ``cosine`` [n] and ``bm25`` [n] are what retrieval says of them.
        """
        greatest = max(float(bm25.max(initial=0)), 1e-9)
        columns = [
            cosine,
            *(
                self._coverage(query, [field[row] for row in rows])
                for field in self._fields.values()
            ),
            bm25 / greatest,
            self._log_price[rows],
        ]
        return np.stack(columns, 1).astype(np.float32)

    def text_features(self, query: str, texts: Sequence[str], cosine: Floats) -> Floats:
        """[n, F] of texts that are no products of the catalogue: what is not known is the usual."""
        covered = self._coverage(query, [frozenset(self._words(text)) for text in texts])
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
        return {word: self.rarity(word) for word in self._words(query)}

    def _coverage(self, query: str, fields: Sequence[frozenset[str]]) -> NDArray[np.float64]:
        """[n] the share of the query's words, by rarity, that each field has."""
        weights = self._weights(query)
        total = max(sum(weights.values()), 1e-9)
        return np.array(
            [sum(w for word, w in weights.items() if word in field) / total for field in fields]
        )
