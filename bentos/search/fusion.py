"""Fusion of what the stages found: weighted reciprocal ranks (Cormack, Clarke and Büttcher, 2009).

On the Chorus queries with a product graded 2 or more, recall@50 and recall@100 are 0.963 and 0.992
(BM25F alone 0.956 and 0.989, vectors alone 0.798 and 0.874); equal weights gave 0.92 and 0.97, and
weighted scores, normalised by range, maximum or deviation, at best 0.94 and 0.98 where this gave
0.95 and 0.98. Chosen on half of the queries, it was above BM25F on the other half in 85% of splits.
"""

import numpy as np

from bentos.search.found import Found

STAGE_DEPTH = 200  # products that a stage is asked for at least
_CONSTANT = 60  # as its authors set it
_LEXICAL, _DENSE = 0.75, 0.25


def fused(lexical: Found, dense: Found, depth: int) -> Found:
    """The best ``depth`` of what either stage found."""
    rows = np.union1d(lexical.rows, dense.rows)
    scores = np.zeros(len(rows), np.float32)
    for found, weight in ((lexical, _LEXICAL), (dense, _DENSE)):
        places = np.searchsorted(rows, found.rows)
        ranks = np.arange(1, len(found.rows) + 1, dtype=np.float32)
        scores[places] += weight / (_CONSTANT + ranks)
    return Found.best_of(rows, scores, depth)
