"""Streams of simulated worlds: clicks, queries and models whose truth is known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb
import numpy as np
import pyarrow as pa

from tests.benchmarks.incidents.inputs import Inputs, queried
from tests.simulation.answers import SimulatedServices
from tests.simulation.lines import feedback_rows, served_rows
from tests.simulation.models import Rankings, ranked
from tests.simulation.shop import Shop
from tests.simulation.simulated import Simulated
from tests.simulation.world import Model, World
from warehouse.connection import declare_tables
from warehouse.sources.base import Source
from warehouse.statements import run

_TOLD = """
    select
        * replace (occurred_at::timestamp as occurred_at, logged_at::timestamp as logged_at),
        logged_at::timestamp as arrives_at
    from rows
"""
# Callers tell where they are: stores, countries and devices of users, who stay with them. Indexes
# are made anew each night.
_CALLED = """
    select
        * replace (
            {
                'store_id': 's' || hash(user_id, 1) % 8,
                'country': ['GB', 'GB', 'DE', 'FR'][(hash(user_id, 2) % 4)::int + 1],
                'device': ['desktop', 'android', 'ios'][(hash(user_id, 3) % 3)::int + 1]
            }::json::varchar as context,
            if(index_version is null, null, state_version) as index_version
        )
    from rows
"""
_SOLD = """
    select products.* replace (
        coalesce(title, product_type) as title,
        coalesce(category, product_type) as category,
        sold.price as price,
        true as in_stock
    )
    from raw_products as products
    join sold using (product_id)
    order by product_id
"""


@dataclass(frozen=True, eq=False)
class Scene:
    """A world, what its shoppers truly want, and what its model ranks for each taste."""

    world: World
    shop: Shop
    rankings: Rankings


@dataclass(frozen=True, eq=False)
class SimulatedStream:
    """A world's days. Only what is changed of its scene makes them others than they are."""

    name: str
    world: World
    load: Callable[[], Shop]
    source: Callable[[], Source]

    @cached_property
    def scene(self) -> Scene:
        """As it is where nothing happens."""
        shop = self.load()
        return Scene(self.world, shop, rank(self.world, shop, self.world.models[0]))

    @property
    def first(self) -> date:
        """Its first day."""
        return self.world.start

    @property
    def scenario(self) -> str:
        """That its log is of."""
        return self.scene.shop.scenario

    @cached_property
    def catalogue(self) -> pa.Table:
        """What the shop's feed says each day: of real products all that is known of them."""
        shop = self.scene.shop
        sold = pa.table({"product_id": shop.product_ids.tolist(), "price": shop.price})
        with duckdb.connect() as connection:
            declare_tables(connection)
            source = self.source()
            for load in source.loads(None):
                if load.table == "raw_products":
                    load.prepare(connection)
                    run(connection, load.statement, source=source.name, **load.parameters)
            connection.register("sold", sold)
            schema = connection.table("raw_products").limit(0).to_arrow_table().schema
            found = connection.execute(_SOLD).to_arrow_table()
        return found.select(schema.names).cast(schema)

    def make(self, days: int) -> None:
        """Days are drawn when they are asked for."""

    def inputs(self, day: date, scene: Scene) -> Inputs:
        """What comes of a day in a scene."""
        simulated = Simulated(scene.world, scene.shop)
        services = SimulatedServices(scene.world, scene.shop, simulated.people, [scene.rankings])
        blocks = list(simulated.blocks(day, services))
        served = [
            served_rows(simulated, block, np.zeros(len(block.asked), int)) for block in blocks
        ]
        events = [block.outcomes.events for block in blocks]
        told = [feedback_rows(rows, np.zeros(len(rows), int)) for rows in events]
        return Inputs(
            self.catalogue,
            queried(queried(pa.concat_tables(served), _CALLED), _TOLD),
            queried(pa.concat_tables(told), _TOLD),
        )


def rank(world: World, shop: Shop, model: Model) -> Rankings:
    """What a model ranks in a world."""
    return ranked(model, shop, world.pool, world.rng(1, 0))
