"""What tags do to a ranking: products that have what was asked for come forward.

Nothing is filtered by tags. A catalogue is never so complete that a product without a word has not
the thing ('notebook' and 'laptop'), and a filter on a wrong tag hides what was sought.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bentos.search.understanding.tags import Tag
from bentos.search.understanding.vocabulary import Rows, Vocabulary

# How much of what was asked for each kind is: the wrong type is not the thing at all.
_STRENGTH = {
    "TYPE": 1.0,
    "MODEL": 1.0,
    "BRAND": 0.8,
    "SIZE": 0.5,
    "COLOUR": 0.4,
    "MATERIAL": 0.4,
    "VALUE": 0.4,
}


@dataclass(frozen=True)
class Boosts:
    """Rows of the catalogue, ascending, and their boosts, above 0 and at most 1."""

    rows: Rows
    weights: NDArray[np.float32]

    def of_all(self, size: int) -> NDArray[np.float32]:
        """The boosts of all ``size`` products, 0 where there is none."""
        dense = np.zeros(size, np.float32)
        dense[self.rows] = self.weights
        return dense


def boosts(tags: Sequence[Tag], vocabulary: Vocabulary) -> Boosts:
    """The share of what the tags ask for that a product has, each tag by its confidence.

    A product with everything, all of it surely asked for, gets 1. Tags of what no product has ask
    for nothing; without tags nothing changes.
    """
    asked = [(tag, vocabulary.products(tag.text)) for tag in tags]
    asked = [(tag, rows) for tag, rows in asked if len(rows)]
    total = sum(_STRENGTH[tag.kind] for tag, _ in asked)
    gained = np.zeros(vocabulary.size if asked else 0, np.float32)
    for tag, rows in asked:
        gained[rows] += _STRENGTH[tag.kind] * tag.confidence / total
    gaining = np.flatnonzero(gained).astype(np.int32)
    return Boosts(gaining, np.minimum(gained[gaining], 1))
