"""What a world is like: every figure that its logs come from, and the seed.

The same world over the same shop is the same bytes; each day is drawn from a stream of its own, so
that it can be had without those before it.
"""

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.simulation.clicks import PBM, ClickModel, power_bias
from tests.simulation.delays import USUAL, Delays, check_order
from tests.simulation.policies import Greedy, Policy

_USUAL_CLICKS = PBM(power_bias(1.0, 100))
_GREEDY = Greedy()


@dataclass(frozen=True)
class Model:
    """A model that sees the true relevance through noise, and says how sure it is."""

    name: str
    noise: float  # standard deviation, in logits of the relevance: 0 ranks perfectly
    slope: float = 1.0  # its scores' logits are slope * calibrated + offset
    offset: float = 0.0


@dataclass(frozen=True)
class Season:
    """How many more requests come at the weekend, and at the height of the year."""

    weekend: float = 0.3
    yearly: float = 0.2
    peak: int = 345  # day of the year

    def factor(self, day: date) -> float:
        """Of a day, against the mean."""
        weekend = self.weekend if day.weekday() >= 5 else -self.weekend * 2 / 5
        turn = 2 * np.pi * (day.timetuple().tm_yday - self.peak) / 365.25
        return float((1 + weekend) * (1 + self.yearly * np.cos(turn)))


@dataclass(frozen=True)
class Promotions:
    """Each week other products are cheaper, and what is clicked of them is bought more often."""

    share: float = 0.05  # of products
    lift: float = 1.5  # of the probability of a purchase
    discount: float = 0.2  # of the price


@dataclass(frozen=True)
class Bots:
    """One in two clicks everything that it is shown, the others nothing; none buys."""

    share: float = 0.03  # of requests
    requests_a_day: int = 500  # of each, at even intervals


@dataclass(frozen=True)
class Failures:
    """Shares of requests that no model answered."""

    errors: float = 0.002
    client_gone: float = 0.005
    degraded: float = 0.01  # answered in the order of what is popular


@dataclass(frozen=True)
class Funnel:
    """What comes of a click: shares of the step before."""

    add_to_cart: float = 0.3
    purchase: float = 0.5
    returned: float = 0.1


@dataclass(frozen=True)
class Late:
    """A share of the lines reaches its log days after."""

    share: float = 0.0
    days: int = 7


@dataclass(frozen=True)
class World:
    """The parameters of a simulation."""

    seed: int = 0
    start: date = date(2024, 3, 1)
    days: int = 28
    requests_a_day: int = 20_000  # of people, on average
    shoppers: int = 2_000
    services: int = 2
    limit: int = 10  # products shown
    pool: int = 20  # candidates logged
    clicks: ClickModel = _USUAL_CLICKS
    delays: Delays = field(default_factory=lambda: USUAL)
    funnel: Funnel = Funnel()
    models: tuple[Model, ...] = (Model("a", noise=1.0), Model("b", noise=0.5))
    challenger_share: float = 0.1  # of users; the first model is the champion
    policy: Policy = _GREEDY
    season: Season = Season()
    promotions: Promotions = Promotions()
    bots: Bots = Bots()
    failures: Failures = Failures()
    late: Late = Late()

    def __post_init__(self) -> None:
        check_order(self.delays)
        if len(self.models) not in (1, 2):
            raise ValueError(
                f"a champion, and at most one challenger, were expected; {len(self.models)} given"
            )
        if not 1 <= self.limit <= self.pool <= 100:
            raise ValueError(
                f"1 <= limit <= pool <= 100 was expected; limit is {self.limit}, pool {self.pool}"
            )

    @property
    def all_days(self) -> list[date]:
        """From the first to the last."""
        return [self.start + timedelta(days=n) for n in range(self.days)]

    def rng(self, *stream: int) -> np.random.Generator:
        """Chance of its own for each use."""
        return np.random.default_rng([self.seed, *stream])

    def as_json(self) -> dict[str, Any]:
        """Every figure, the kinds of models, policies and delays by their names."""
        delays = {name: _named(delay) for name, delay in self.delays.items()}
        kinds = {"clicks": _named(self.clicks), "policy": _named(self.policy)}
        return asdict(self) | kinds | {"delays": delays}


def _named(part: Any) -> dict[str, Any]:
    return {"kind": type(part).__name__, **asdict(part)}
