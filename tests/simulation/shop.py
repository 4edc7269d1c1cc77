"""Shops whose shoppers are known: how relevant each product truly is to each of them.

A taste is a household, where the shop recommends, or a query, where it searches.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from tests.simulation.arrays import Floats, Strings
from warehouse.connection import Connection, declare_tables
from warehouse.sources.base import Source
from warehouse.sources.chorus import Chorus
from warehouse.sources.complete_journey import CompleteJourney
from warehouse.statements import run

_PRIOR_TRIPS = 10.0
_BASKETS = """
    with baskets as (
        select
            user_id, product_id, count(distinct session_id) as n,
            sum(price * quantity) as paid, sum(quantity) as units
        from raw_events semi join (from raw_products where recommendable) using (product_id)
        where user_id is not null
        group by all
    )
    from baskets
    semi join (
        select product_id from baskets group by all having sum(units) > 0
        order by sum(n) desc, product_id limit $products
    ) using (product_id)
    order by user_id, product_id
"""
_TRIPS = """
    select user_id, count(distinct session_id) as n from raw_events
    where user_id is not null group by all order by user_id
"""
_CATALOGUE = """
    select id as product_id, price / 100 as price from read_parquet($path)
    order by id not in (select product_id from raw_judgments), id limit $products
"""


@dataclass(frozen=True, eq=False)
class Shop:
    """What is sold, who asks, and the truth of what they are after."""

    scenario: str
    tastes: Strings  # [T] user ids, or queries
    weight: Floats  # [T] how often each asks; sums to 1
    product_ids: Strings  # [P]
    price: Floats  # [P]
    relevance: Floats  # [T, P] the probability of a click on what was looked at


def synthetic(tastes: int = 50, products: int = 200, seed: int = 0) -> Shop:
    """A shop that needs no data: to each taste few products are relevant."""
    rng = np.random.default_rng(seed)
    return Shop(
        scenario="recommend",
        tastes=_names("u", tastes),
        weight=_zipf(tastes),
        product_ids=_names("p", products),
        price=np.round(rng.lognormal(1.0, 0.7, products), 2),
        relevance=rng.beta(0.4, 4.0, (tastes, products)),
    )


def complete_journey(products: int = 1000) -> Shop:
    """Its households, and of its products those that the most trips took home.

    A product is relevant to a household as often as it took it home from a trip.
    """
    with duckdb.connect() as connection:
        _load(connection, CompleteJourney(), {"raw_products", "raw_events"})
        trips = connection.execute(_TRIPS).fetchnumpy()
        bought = connection.execute(_BASKETS, {"products": products}).fetchnumpy()
    users, product_ids = _text(trips["user_id"]), np.unique(_text(bought["product_id"]))
    of_user = np.searchsorted(users, _text(bought["user_id"]))
    of_product = np.searchsorted(product_ids, _text(bought["product_id"]))
    counts = np.zeros((len(users), len(product_ids)))
    counts[of_user, of_product] = bought["n"]
    paid, units = (
        np.bincount(of_product, np.asarray(bought[name], float)) for name in ("paid", "units")
    )
    n_trips = np.asarray(trips["n"], float)
    return Shop(
        scenario="recommend",
        tastes=users,
        weight=n_trips / n_trips.sum(),
        product_ids=product_ids,
        price=np.round(paid / units, 2),
        relevance=smoothed(counts, n_trips, _PRIOR_TRIPS),
    )


def smoothed(counts: Floats, trips: Floats, prior: float) -> Floats:
    """[T, P]: the share of each household's trips with a product, ``prior`` trips of everybody's
    added: who came once is not sure to buy the same again.
    """
    usual = counts.sum(axis=0) / trips.sum()
    found: Floats = (counts + prior * usual) / (trips + prior)[:, None]
    return found


def chorus(folder: Path, products: int = 3000) -> Shop:
    """Its graded queries; products that nobody graded are relevant to no query.

    A grade g of at most 3 is a relevance of (2 ** g - 1) / 2 ** 3 (Chapelle et al., 2009). How
    often each is asked falls with its place in the list of queries, as Zipf has it.
    """
    with duckdb.connect() as connection:
        _load(connection, Chorus(folder), {"raw_judgments"})
        path = str(folder / "products.parquet")  # its attributes would take ten seconds
        catalogue = connection.execute(
            _CATALOGUE, {"path": path, "products": products}
        ).fetchnumpy()
        graded = connection.execute("from raw_judgments order by row_number").fetchnumpy()
    queries = _text(graded["query"])
    tastes, first, of_query = np.unique(queries, return_index=True, return_inverse=True)
    place = np.argsort(np.argsort(first))  # as they are listed
    product_ids = _text(catalogue["product_id"])
    row = {product: n for n, product in enumerate(product_ids)}
    of_product = np.array([row.get(product, -1) for product in _text(graded["product_id"])])
    known = of_product >= 0
    relevance = np.zeros((len(tastes), len(product_ids)))
    highest = 2 ** float(np.max(graded["grade"]))
    relevance[of_query[known], of_product[known]] = np.asarray(graded["gain"])[known] / highest
    return Shop(
        scenario="search",
        tastes=tastes,
        weight=_zipf(len(tastes))[place],
        product_ids=product_ids,
        price=np.nan_to_num(np.asarray(np.ma.filled(catalogue["price"], np.nan), float), nan=1.0),
        relevance=relevance,
    )


def _load(connection: Connection, source: Source, tables: Collection[str]) -> None:
    connection.execute("set timezone = 'UTC'")
    declare_tables(connection)
    for load in source.loads(None):
        if load.table in tables:
            load.prepare(connection)
            run(connection, load.statement, source=source.name, **load.parameters)


def _names(prefix: str, n: int) -> Strings:
    return np.array([f"{prefix}{i}" for i in range(n)])


def _text(column: Any) -> Strings:
    return np.asarray(column).astype(np.str_)


def _zipf(n: int) -> Floats:
    weight: Floats = 1 / np.arange(1, n + 1)
    found: Floats = weight / weight.sum()
    return found
