"""How an order is drawn from scores, and with which probability it might have been another one.

``propensity`` is that of a candidate at its rank given those above it, as the log means it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tests.simulation.arrays import Floats, Ints


class Policy(Protocol):
    """Draws orders; candidates come best first, and those with a score of 0 are none."""

    @property
    def name(self) -> str:
        """As the log names it."""

    def draw(self, scores: Floats, shown: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """[n, K]: which candidate stands at each rank, and its propensity."""


@dataclass(frozen=True)
class Greedy:
    """By score."""

    name: str = "greedy"

    def draw(self, scores: Floats, shown: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """See `Policy`."""
        return np.tile(np.arange(scores.shape[1]), (len(scores), 1)), np.ones(scores.shape)


@dataclass(frozen=True)
class PlackettLuce:
    """One after another, in proportion to score ** (1 / temperature) (Plackett 1975, Luce 1959)."""

    temperature: float = 1.0
    name: str = "plackett-luce"

    def draw(self, scores: Floats, shown: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """See `Policy`; by the greatest of Gumbel-distributed keys."""
        with np.errstate(divide="ignore"):
            utility = np.log(scores) / self.temperature
        order = np.argsort(-(utility + rng.gumbel(size=scores.shape)), axis=1)
        drawn = np.take_along_axis(utility, order, axis=1)
        left = np.logaddexp.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]
        with np.errstate(invalid="ignore"):
            chance = np.exp(drawn - left)
        return order, np.where(np.isfinite(drawn), np.minimum(chance, 1.0), 1.0)


@dataclass(frozen=True)
class Swap:
    """In a share of the answers the best product changes places with another one that is shown.

    Joachims, Swaminathan and Schnabel: Unbiased learning-to-rank with biased feedback (2017). Who
    stands first decides the rest: below it every propensity is 1.
    """

    epsilon: float = 0.1
    name: str = "swap"

    def draw(self, scores: Floats, shown: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """See `Policy`."""
        n, width = scores.shape
        others = np.maximum((scores[:, :shown] > 0).sum(axis=1) - 1, 0)
        swaps = (rng.random(n) < self.epsilon) & (others > 0)
        place = np.where(swaps, 1 + np.floor(rng.random(n) * others), 0).astype(np.int64)
        order = np.tile(np.arange(width), (n, 1))
        order[:, 0] = place
        order[np.arange(n)[swaps], place[swaps]] = 0
        propensity = np.ones(scores.shape)
        stays = np.where(others > 0, 1 - self.epsilon, 1.0)
        propensity[:, 0] = np.where(swaps, self.epsilon / np.maximum(others, 1), stays)
        return order, propensity
