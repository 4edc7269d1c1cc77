"""Personalisation: a known user's history reorders products that are about as relevant.

A product moves above another only where their probabilities differ by less than ``BAND``: what a
shopper asked for stays before what they usually like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BAND = 0.05  # of probability
_SHARES = {"product_id": 0.5, "product_type": 0.3, "brand": 0.2}  # of the affinity; they add to 1


@dataclass(frozen=True)
class Taste:
    """How often a user bought each product, type and brand."""

    counts: Mapping[str, Mapping[str, int]]  # column: value: purchases

    @classmethod
    def of(cls, bought: Mapping[str, Sequence[str | None]]) -> "Taste":
        """From the columns of the products that were bought, one entry a purchase."""
        return cls({name: _counted(bought[name]) for name in _SHARES})

    def affinity(self, products: Mapping[str, Sequence[str | None]]) -> NDArray[np.float64]:
        """Between 0 and 1 for each product: 1 where the user bought nothing as often."""
        n = len(products["product_id"])
        total = np.zeros(n)
        for name, share in _SHARES.items():
            counts = self.counts[name]
            most = max(counts.values(), default=0)
            if most:
                bought = [counts.get(value, 0) if value else 0 for value in products[name]]
                total += share * np.log1p(bought) / np.log1p(most)
        return total


def personalised(
    probabilities: NDArray[np.float64], affinity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scores that order by relevance, and within ``BAND`` by what the user likes."""
    return probabilities + BAND * affinity


def _counted(values: Sequence[str | None]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        if value:
            found[value] = found.get(value, 0) + 1
    return found
