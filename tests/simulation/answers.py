"""What the services answered: by which model, in which order, and where nothing came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from tests.simulation.arrays import Bools, Floats, Ints, Strings, Times, spans
from tests.simulation.models import Rankings, popular, ranked, stacked
from tests.simulation.shop import Shop
from tests.simulation.traffic import Arrivals, Population, model_tags
from tests.simulation.world import World

_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_STAGES_MS = {"retrieve": 1.5, "features": 0.8, "queue": 3.0, "score": 20.0}  # medians
_REST_MS = 0.5
_SPREAD = 0.6


@dataclass(frozen=True, eq=False)
class Answers:
    """An answer to each arrival."""

    request_id: Strings  # [n]
    model_tag: Strings  # [n]
    challenger: Bools  # [n] whether that is the challenger's
    product: Ints  # [n, K] rows of the shop, best first; -1: none
    score: Floats  # [n, K]
    propensity: Floats  # [n, K]
    degraded: Bools  # [n]
    error: Bools  # [n]
    client_gone: Bools  # [n]
    written_at: Times  # [n] when its line reached the log

    @property
    def listed(self) -> Bools:
        """[n, K]: where there is a product."""
        found: Bools = self.product >= 0
        return found


@dataclass(frozen=True, eq=False)
class LoggedAnswers(Answers):
    """With what else their lines in the log say."""

    service: Ints  # [n] which of them answered
    timings_ms: dict[str, Floats]  # [n] by stage


A = TypeVar("A", bound=Answers, covariant=True)


class Answering(Protocol[A]):
    """What answers arrivals."""

    def __call__(self, arrivals: Arrivals, rng: np.random.Generator) -> A:
        """Answers them."""


class SimulatedServices:
    """The world's own models behind services that may fail."""

    def __init__(
        self,
        world: World,
        shop: Shop,
        people: Population,
        rankings: Sequence[Rankings] | None = None,
    ) -> None:
        """``rankings``: of real models, one for each of the world's, in their place."""
        self._world = world
        self._people = people
        self._tags = np.array(model_tags(world, shop.scenario))
        self._rankings = stacked(rankings or _own_rankings(world, shop))
        self._popular = popular(shop, world.pool)

    def __call__(self, arrivals: Arrivals, rng: np.random.Generator) -> LoggedAnswers:
        """See `Answering`."""
        world, n = self._world, len(arrivals)
        error, client_gone, degraded = self._fates(n, rng)
        challenger = self._people.challenged[arrivals.user]
        model = challenger.astype(np.int64)
        product = self._rankings.product[model, arrivals.taste]
        score = self._rankings.score[model, arrivals.taste]
        order, propensity = world.policy.draw(score, world.limit, rng)
        product = np.take_along_axis(product, order, axis=1)
        score = np.take_along_axis(score, order, axis=1)
        product[degraded] = self._popular.product[arrivals.taste[degraded]]
        score[degraded] = self._popular.score[arrivals.taste[degraded]]
        propensity[degraded] = 1.0
        product[error | client_gone] = -1
        timings = _timings(n, degraded, rng)
        seconds = timings["total"] / 1000 + lateness(world, n, rng)
        return LoggedAnswers(
            request_id=request_ids(n, rng),
            model_tag=self._tags[model],
            challenger=challenger,
            product=product,
            score=score,
            propensity=propensity,
            degraded=degraded,
            error=error,
            client_gone=client_gone,
            written_at=arrivals.at + spans(seconds),
            service=rng.integers(0, world.services, n),
            timings_ms=timings,
        )

    def _fates(self, n: int, rng: np.random.Generator) -> list[Bools]:
        """[n] each: who gets an error, whose client goes, and who is answered without a model."""
        failures = self._world.failures
        ends = np.cumsum([failures.errors, failures.client_gone, failures.degraded])
        fate = np.searchsorted(ends, rng.random(n), side="right")
        return [fate == kind for kind in range(3)]


def _own_rankings(world: World, shop: Shop) -> list[Rankings]:
    return [
        ranked(model, shop, world.pool, world.rng(1, n)) for n, model in enumerate(world.models)
    ]


def lateness(world: World, n: int, rng: np.random.Generator) -> Floats:
    """[n]: the seconds that lines come late."""
    is_late = rng.random(n) < world.late.share
    return np.where(is_late, world.late.days * 86400.0, 0.0)


def request_ids(n: int, rng: np.random.Generator) -> Strings:
    """[n]: random UUIDs (version 4)."""
    digits = rng.integers(0, 16, (n, 32), np.uint8)
    digits[:, 12] = 4
    digits[:, 16] = 8 + digits[:, 16] % 4
    text = np.full((n, 36), ord("-"), np.uint8)
    text[:, [place for place in range(36) if place not in (8, 13, 18, 23)]] = _HEX[digits]
    return text.view("S36").ravel().astype(np.str_)


def _timings(n: int, degraded: Bools, rng: np.random.Generator) -> dict[str, Floats]:
    found = {
        stage: np.round(median * np.exp(_SPREAD * rng.standard_normal(n)), 4)
        for stage, median in _STAGES_MS.items()
    }
    found["score"][degraded] = 0.0
    return found | {"total": np.round(sum(found.values(), np.full(n, _REST_MS)), 4)}
