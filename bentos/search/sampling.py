"""Which judgments are learnt from, where there are more than teach anything new."""

import numpy as np
import pyarrow as pa

from bentos.search.parameters import Parameters


def sampled(judgments: pa.Table, parameters: Parameters) -> pa.Table:
    """At most ``products`` judgments a query, and ``weak_queries`` queries that nobody judged.

    ``judgments`` (query_id, product_id, gain, weak) come back by query. Half of a query's are its
    best products, so that a query with few good ones keeps them.
    """
    rng = np.random.default_rng(parameters.seed)
    judgments = judgments.sort_by([("query_id", "ascending"), ("product_id", "ascending")])
    query = judgments["query_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    weak = judgments["weak"].to_numpy()
    asked = rng.permutation(np.unique(query[weak]))[: parameters.weak_queries]
    place = _places(query, -judgments["gain"].to_numpy(), rng)
    best = place < parameters.products - parameters.products // 2
    rest = _places(query, best.astype(float), rng) < parameters.products // 2
    kept = (best | rest) & (~weak | np.isin(query, asked))
    return judgments.filter(pa.array(kept))


def _places(
    query: np.ndarray[tuple[int], np.dtype[np.int64]],
    first: np.ndarray[tuple[int], np.dtype[np.float64]],
    rng: np.random.Generator,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """[n] the place of each row within its query by ``first``, equal ones drawn."""
    order = np.lexsort((rng.random(len(query)), first, query))
    starts = np.searchsorted(query[order], query[order])
    place = np.empty(len(query), np.int64)
    place[order] = np.arange(len(query)) - starts
    return place
