"""Judged queries: what the reranker learns from, and folds that never part a query's products."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_CUT = 10


@dataclass(frozen=True)
class JudgedQuery:
    """A query and its n judged products."""

    query: str
    texts: tuple[str, ...]
    gains: Floats  # [n]
    features: Floats  # [n, F]
    rows: Ints  # [n] where they stand in the judgments

    def with_features(self, features: Floats) -> "JudgedQuery":
        """The same with other features [n, F]."""
        return replace(self, features=features)

    @property
    def comparable(self) -> bool:
        """Whether one product is better than another."""
        return bool(self.gains.max() > self.gains.min())


def judged_queries(
    judgments: pa.Table, texts: Mapping[str, str], features: Floats | None
) -> list[JudgedQuery]:
    """Judgments (query_id, product_id, gain) by query, in order of query and product.

    ``features`` [judgments, F] stand in the rows of the table. Raises ``KeyError`` naming a product
    that has no text, ``ValueError`` where rows are missing.
    """
    if features is None:
        features = np.zeros((judgments.num_rows, 0), np.float32)
    if len(features) != judgments.num_rows:
        raise ValueError(
            f"{judgments.num_rows} judgments need as many rows of features, not {len(features)}."
        )
    queries, products = (judgments[name].to_pylist() for name in ("query_id", "product_id"))
    gains = judgments["gain"].to_numpy().astype(np.float32)
    order = sorted(range(len(queries)), key=lambda row: (queries[row], products[row]))
    return [
        JudgedQuery(
            query=query,
            texts=tuple(_text(texts, products[row]) for row in rows),
            gains=gains[rows],
            features=features[rows].astype(np.float32),
            rows=np.array(rows, np.int64),
        )
        for query, rows in (
            (query, list(group)) for query, group in groupby(order, key=queries.__getitem__)
        )
    ]


def _text(texts: Mapping[str, str], product: str) -> str:
    if product not in texts:
        raise KeyError(f"the judged product {product!r} has no text; is it in the catalogue?")
    return texts[product]


def query_folds(n_queries: int, n_folds: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """For each fold the queries to learn from and those held out; each is held out once."""
    order = np.random.default_rng(seed).permutation(n_queries)
    for fold in range(min(n_folds, n_queries)):
        held_out = np.sort(order[fold::n_folds])
        yield np.setdiff1d(order, held_out), held_out


def ndcg(gains: NDArray[np.floating], scores: NDArray[np.floating]) -> float:
    """ndcg@10 of one query, linear in gain; NaN without a positive. Ties keep their order."""
    discounts = 1 / np.log2(np.arange(2, _CUT + 2))
    found = gains[np.argsort(-scores, kind="stable")][:_CUT]
    ideal = np.sort(gains)[::-1][:_CUT]
    best = float(ideal @ discounts[: len(ideal)])
    return float(found @ discounts[: len(found)]) / best if best > 0 else float("nan")


def comparable_ndcg(
    queries: Sequence[JudgedQuery], scores: Sequence[NDArray[np.floating]]
) -> NDArray[np.float64]:
    """ndcg@10 of each query with a better and a worse product; the others say nothing."""
    return np.array(
        [
            ndcg(query.gains, own)
            for query, own in zip(queries, scores, strict=True)
            if query.comparable
        ],
        np.float64,
    )
