"""The streams that faults come into."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tests.benchmarks.incidents.faults.fault import JOURNEY, RECOMMEND, RETAIL, SEARCH
from tests.benchmarks.incidents.inputs import Inputs
from tests.benchmarks.incidents.real import RealStream
from tests.benchmarks.incidents.simulated import SimulatedStream
from tests.simulation.shop import Shop, chorus, complete_journey
from tests.simulation.world import Bots, Model, World
from warehouse.sources.chorus import Chorus
from warehouse.sources.complete_journey import CompleteJourney
from warehouse.sources.online_retail import OnlineRetail

_DATA = Path(os.environ.get("SHOPKEEPER_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
_CHORUS, _RETAIL = _DATA / "chorus", _DATA / "online_retail"
_NEEDED = {SEARCH: _CHORUS, RETAIL: _RETAIL}
_WORLD = World(
    start=date(2024, 1, 8),
    requests_a_day=1500,
    models=(Model("a", noise=1.0),),
    bots=Bots(requests_a_day=45),
)
_LIKELIER = 6.0  # than in a household's trips: a click is no purchase


class Stream(Protocol):
    """Days of a scenario."""

    @property
    def name(self) -> str:
        """As faults name it."""

    @property
    def scenario(self) -> str:
        """That its log is of."""

    @property
    def first(self) -> date:
        """Its first day."""

    def make(self, days: int) -> None:
        """Makes what takes long, once."""

    @property
    def scene(self) -> Any:
        """What its days are drawn from, where they are drawn."""

    def inputs(self, day: date, scene: Any) -> Inputs:
        """What comes of a day."""


def _recommend(folder: Path) -> Stream:
    return SimulatedStream(RECOMMEND, _WORLD, _households, CompleteJourney)


def _search(folder: Path) -> Stream:
    return SimulatedStream(SEARCH, _WORLD, lambda: chorus(_CHORUS), lambda: Chorus(_CHORUS))


def _retail(folder: Path) -> Stream:
    return RealStream(
        RETAIL,
        lambda: OnlineRetail(_RETAIL),
        first=date(2011, 1, 4),
        products=3000,
        one_in=1,
        daily=True,
        folder=folder,
    )


def _journey(folder: Path) -> Stream:
    return RealStream(
        JOURNEY,
        CompleteJourney,
        first=date(2017, 3, 1),
        products=2000,
        one_in=2,
        daily=False,
        folder=folder,
    )


def _households() -> Shop:
    shop = complete_journey()
    return replace(shop, relevance=np.minimum(_LIKELIER * shop.relevance, 0.9))


STREAMS: Mapping[str, Callable[[Path], Stream]] = {
    RECOMMEND: _recommend,
    SEARCH: _search,
    RETAIL: _retail,
    JOURNEY: _journey,
}


def lacks(name: str) -> Path | None:
    """The data that a stream needs and that is not there."""
    needed = _NEEDED.get(name)
    return None if needed is None or needed.exists() else needed
