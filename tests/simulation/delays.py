"""How long after its request an event comes: distributions whose CDF is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from tests.simulation.arrays import Floats

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Delay(Protocol):
    """The seconds from a request to one kind of event that came of it."""

    def cdf(self, seconds: Floats) -> Floats:
        """The share of events that have come by then."""

    def quantile(self, share: Floats) -> Floats:
        """When so many of them have come."""


@dataclass(frozen=True)
class LogNormal:
    """Half of the events come within the median; ``sigma`` is that of the seconds' logarithm."""

    median: float
    sigma: float

    def cdf(self, seconds: Floats) -> Floats:
        """See `Delay`."""
        with np.errstate(divide="ignore"):
            found: Floats = ndtr(np.log(np.asarray(seconds) / self.median) / self.sigma)
        return found

    def quantile(self, share: Floats) -> Floats:
        """See `Delay`."""
        found: Floats = self.median * np.exp(self.sigma * ndtri(share))
        return found


@dataclass(frozen=True)
class Weibull:
    """63% of the events come within the scale; the shape is above 1 where few come at once."""

    scale: float
    shape: float

    def cdf(self, seconds: Floats) -> Floats:
        """See `Delay`."""
        found: Floats = -np.expm1(-((np.asarray(seconds) / self.scale) ** self.shape))
        return found

    def quantile(self, share: Floats) -> Floats:
        """See `Delay`."""
        found: Floats = self.scale * (-np.log1p(-np.asarray(share))) ** (1 / self.shape)
        return found


# Each kind's follows the one before it at every quantile: one draw of a share gives the moments of
# all that comes of a product in their order, and each keeps its own distribution exactly.
Delays = Mapping[str, Delay]
USUAL: Delays = {
    "click": LogNormal(1 * MINUTE, 1.0),
    "add_to_cart": LogNormal(4 * MINUTE, 1.0),
    "purchase": LogNormal(20 * HOUR, 1.0),
    "return": Weibull(17 * DAY, 1.5),
}
_SHARES = np.linspace(0.0001, 0.9999, 999)


def check_order(delays: Delays) -> None:
    """Refuses delays by which an event might come before the one that it follows."""
    kinds = list(USUAL)
    for before, after in pairwise(kinds):
        early = delays[after].quantile(_SHARES) <= delays[before].quantile(_SHARES)
        if early.any():
            raise ValueError(
                f"of {before} and {after} the {_SHARES[early][0]:.2%} quantile is reached in the "
                f"wrong order; give {after} longer delays"
            )
