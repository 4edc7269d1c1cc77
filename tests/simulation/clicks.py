"""How shoppers look through a list and click: three click models, all requests at once.

``relevance`` is the probability of a click on a product that is looked at. ``bias`` is that of
looking at a rank where nothing before ended the visit, so every model is told its position bias in
the same way.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tests.simulation.arrays import Bools, Floats

Bias = tuple[float, ...]  # by rank, from 1


def power_bias(eta: float, positions: int) -> Bias:
    """(1 / rank) ** eta, as Joachims, Swaminathan and Schnabel (2017) take it."""
    return tuple(float(rank**-eta) for rank in range(1, positions + 1))


def perseverance(gamma: float, positions: int) -> Bias:
    """The bias of who goes on to the next rank with probability gamma."""
    return tuple(float(gamma**rank) for rank in range(positions))


class ClickModel(Protocol):
    """Says what is looked at, and clicks; arrays are [n, K], and longer lists not looked at."""

    @property
    def bias(self) -> Bias:
        """By rank."""

    def examination(self, relevance: Floats) -> Floats:
        """The probability that each rank is looked at, given the list and before any click."""

    def clicks(self, relevance: Floats, rng: np.random.Generator) -> Bools:
        """A visit to each list."""


@dataclass(frozen=True)
class PBM:
    """Position-based: a rank is looked at whatever stands above it.

    Craswell, Zoeter, Taylor and Ramsey: An experimental comparison of click position-bias models
    (2008), where it is the examination hypothesis.
    """

    bias: Bias

    def __post_init__(self) -> None:
        _probabilities(self.bias)

    def examination(self, relevance: Floats) -> Floats:
        """See `ClickModel`."""
        return np.broadcast_to(_padded(self.bias, relevance), relevance.shape)

    def clicks(self, relevance: Floats, rng: np.random.Generator) -> Bools:
        """See `ClickModel`."""
        return rng.random(relevance.shape) < self.examination(relevance) * relevance


@dataclass(frozen=True)
class DBN:
    """Dynamic Bayesian network: from the top down, until a clicked product satisfies.

    Chapelle and Zhang: A dynamic Bayesian network click model for web search ranking (2009); their
    gamma is the bias ``perseverance(gamma, positions)``.
    """

    bias: Bias
    satisfaction: float = 0.5  # the probability that a clicked product ends the visit

    def __post_init__(self) -> None:
        _probabilities((*self.bias, self.satisfaction))
        if list(self.bias) != sorted(self.bias, reverse=True):
            raise ValueError(
                f"the bias {self.bias} rises with the rank, and nobody who goes from the top down "
                "can look at a rank more often than at the one above; give one that falls"
            )

    def examination(self, relevance: Floats) -> Floats:
        """See `ClickModel`."""
        goes_on = np.cumprod(1 - relevance * self.satisfaction, axis=1)
        above = np.concatenate([np.ones((len(relevance), 1)), goes_on[:, :-1]], axis=1)
        found: Floats = above * _padded(self.bias, relevance)
        return found

    def clicks(self, relevance: Floats, rng: np.random.Generator) -> Bools:
        """See `ClickModel`."""
        bias = _padded(self.bias, relevance)
        last = bias[:-1]
        perseveres = np.divide(bias[1:], last, out=np.zeros_like(last), where=last > 0)
        goes_on = rng.random(relevance.shape) < np.concatenate([bias[:1], perseveres])
        attracts = rng.random(relevance.shape) < relevance
        satisfies = attracts & (rng.random(relevance.shape) < self.satisfaction)
        clicked = np.zeros(relevance.shape, bool)
        looks = np.ones(len(relevance), bool)
        for rank in range(relevance.shape[1]):
            looks &= goes_on[:, rank]
            clicked[:, rank] = looks & attracts[:, rank]
            looks &= ~satisfies[:, rank]
        return clicked


@dataclass(frozen=True)
class Cascade(DBN):
    """From the top down, until the first click (Craswell et al. 2008)."""

    satisfaction: float = 1.0


def _probabilities(values: tuple[float, ...]) -> None:
    if not values or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"probabilities from 0 to 1 were expected, and {values} given")


def _padded(bias: Bias, relevance: Floats) -> Floats:
    """The bias of each rank of the lists."""
    padded = np.zeros(relevance.shape[1])
    known = bias[: len(padded)]
    padded[: len(known)] = known
    return padded
