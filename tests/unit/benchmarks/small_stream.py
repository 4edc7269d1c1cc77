"""A stream of a few requests a day that needs no data."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from tests.benchmarks.incidents.simulated import Scene, SimulatedStream, rank
from tests.simulation.shop import Shop, synthetic
from tests.simulation.world import Bots, Model, World

FIRST = date(2024, 3, 11)
WORLD = World(
    start=FIRST,
    requests_a_day=400,
    shoppers=100,
    models=(Model("a", noise=1.0),),
    bots=Bots(share=0.1, requests_a_day=40),
)


def a_shop() -> Shop:
    return synthetic(tastes=60, products=80)


def small_scene() -> Scene:
    shop = a_shop()
    return Scene(WORLD, shop, rank(WORLD, shop, WORLD.models[0]))


class Small(SimulatedStream):
    """A stream whose catalogue needs no data."""

    @property
    def catalogue(self) -> pa.Table:
        shop = self.scene.shop
        n = len(shop.product_ids)
        none = pa.nulls(n, pa.string())
        return pa.table(
            {
                "source": pa.repeat("feed", n),
                "batch": pa.repeat("feed", n),
                "row_number": pa.array(range(n)),
                "product_id": shop.product_ids.tolist(),
                "title": [f"a thing of kind {n}" for n in range(n)],
                "brand": [f"brand {n % 9}" for n in range(n)],
                "category": [f"category {n % 12}" for n in range(n)],
                "size": none,
                "price": shop.price,
                "recommendable": pa.repeat(pa.scalar(True), n),
            }
        )


def _no_source() -> Any:
    raise AssertionError("its catalogue is made up")


def small_stream() -> Small:
    return Small("small", WORLD, a_shop, _no_source)
