"""A world over a shop, day by day: who asks, what is answered, and what comes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic

from tests.simulation.answers import A, Answering, SimulatedServices
from tests.simulation.outcomes import Outcomes, Shoppers
from tests.simulation.shop import Shop
from tests.simulation.traffic import Arrivals, Population, arrivals, population, promoted
from tests.simulation.world import World

_AT_ONCE = 20_000  # requests


@dataclass(frozen=True, eq=False)
class Block(Generic[A]):
    """Requests that follow each other on a day, with all that is true of them."""

    day: date
    asked: Arrivals
    answers: A
    outcomes: Outcomes


class Simulated:
    """A world that is going on."""

    def __init__(self, world: World, shop: Shop) -> None:
        self.world = world
        self.shop = shop
        self.people: Population = population(world, shop)
        self._shoppers = Shoppers(world, shop, self.people)

    def own_services(self) -> SimulatedServices:
        """The world's own models, answering."""
        return SimulatedServices(self.world, self.shop, self.people)

    def blocks(self, day: date, answering: Answering[A]) -> Iterator[Block[A]]:
        """A day's requests, in the order of time."""
        cheaper = promoted(self.world, self.shop, day)
        of_day = arrivals(self.world, self.shop, self.people, day)
        for number, start in enumerate(range(0, len(of_day), _AT_ONCE)):
            asked = of_day.part(slice(start, start + _AT_ONCE))
            rng = self.world.rng(day.toordinal(), 1, number)
            answers = answering(asked, rng)
            yield Block(day, asked, answers, self._shoppers.outcomes(asked, answers, cheaper, rng))
