"""Features of candidates: a user's history with a product, its type and category, and the rest.

The moment's week is never read: everything here is known before it.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq
from contract import Ints, Purchases, Shop
from history import NEVER_DAYS, Columns, Pairs, lines
from numpy.typing import NDArray

OWN_PLACES = 200  # candidates: the user's best by decayed purchases,
POPULAR_PLACES = 30  # and what was bought most in the last four weeks
MONTH, SIXTY_DAYS = 28, 2  # SIXTY_DAYS is a column of Pairs.decayed
_AGES = np.array([0, 4, 8, 12, 16, 24, 32, 46, 64, 100, 170], np.float32)


@dataclass(frozen=True)
class Examples:
    """Candidates of users at a moment, ordered by user."""

    user: Ints
    product: Ints
    features: Columns


class Features:
    """Makes the candidates of any week before the cut, and of the cut itself."""

    def __init__(self, shop: Shop) -> None:
        """Sorts the purchases by user and product, type and category, once."""
        purchases = shop.purchases
        self._purchases = purchases
        self._day = purchases.day - shop.cut
        groups = _groups(shop)
        self._type, self._category = groups
        products = np.arange(len(purchases.products))
        self._lines = [lines(purchases, shop.cut, of) for of in (products, *groups)]

    def at(self, moment: float, users: Ints) -> Examples:
        """The candidates of users (ascending) at a moment, in days from the cut."""
        pairs = [Pairs(some, moment, len(self._purchases.users)) for some in self._lines]
        market = Market(self._purchases, self._day, moment, pairs, self._type)
        user, product = _candidates(pairs[0], market, users)
        groups = (product, self._type[product], self._category[product])
        found = [some.key for some in pairs]
        places = [
            _find(key, user * some.n_groups + group)
            for key, some, group in zip(found, self._lines, groups, strict=True)
        ]
        columns = [
            _take(pairs[0].basic(), places[0], np.nan),
            _take(pairs[0].rhythm(), places[0], np.nan),
            _take(pairs[1].basic(), places[1], np.nan),
            _take(pairs[2].basic(), places[2], np.nan),
            _shares(pairs, places, user),
            market.features(user, product, self._type[product], pairs, places),
            _habits(pairs[0])[user],
        ]
        return Examples(user, product, np.concatenate(columns, axis=1).astype(np.float32))

    def labels(self, moment: float, examples: Examples) -> NDArray[np.bool_]:
        """What was bought in the week after a moment."""
        bought = (self._day >= moment) & (self._day < moment + 7)
        size = len(self._purchases.products)
        keys = np.unique(self._purchases.user[bought] * size + self._purchases.product[bought])
        return _find(keys, examples.user * size + examples.product) >= 0

    def buyers(self, moment: float) -> Ints:
        """Who bought before a moment and in the week after it."""
        week = (self._day >= moment) & (self._day < moment + 7)
        before = self._purchases.user[self._day < moment]
        return np.intersect1d(self._purchases.user[week], before)


class Market:
    """What everybody does: popularity, trends, repurchase hazards, stores."""

    def __init__(
        self,
        purchases: Purchases,
        day: NDArray[np.float64],
        moment: float,
        pairs: list[Pairs],
        kind_of: Ints,
    ) -> None:
        """Counts what happened before ``moment``."""
        known = day < moment
        age, product = (moment - day)[known], purchases.product[known]
        size = len(purchases.products)
        user, store = purchases.user[known], purchases.store[known]
        self._size = size
        self.week = np.bincount(product[age <= 7], minlength=size)
        self.month = np.bincount(product[age <= MONTH], minlength=size)
        before = np.bincount(product[(age > MONTH) & (age <= 2 * MONTH)], minlength=size)
        last_week = np.bincount(product[(age > 7) & (age <= 14)], minlength=size)
        count = np.bincount(product, minlength=size)
        users = np.bincount(pairs[0].group, minlength=size)
        again = np.bincount(pairs[0].group, pairs[0].count > 1, minlength=size)
        last = np.full(size, NEVER_DAYS)
        np.minimum.at(last, product, age)
        self._values = np.stack(
            [
                np.log1p(self.week),
                np.log1p(self.month),
                np.log1p(count),
                np.log((self.week + 2) / (last_week + 2)),
                np.log((self.month + 4) / (before + 4)),
                np.log((4 * self.week + 4) / (self.month + 4)),
                np.log(np.maximum(count, 1) / np.maximum(users, 1)),
                (again + 0.5) / (users + 3),
                np.log1p(last),
            ],
            axis=1,
        )
        self._type_hazard = hazard(pairs[1], pairs[1].n_groups, None)
        self._hazard = hazard(pairs[0], size, self._type_hazard[kind_of])
        self._store = _usual_store(user, store, age, len(purchases.users))
        n_stores = int(purchases.store.max()) + 1
        recent = age <= MONTH
        self._here = np.bincount(store[recent], minlength=n_stores)
        self._here_key, self._here_count = np.unique(
            store[recent] * size + product[recent], return_counts=True
        )

    def features(
        self, user: Ints, product: Ints, kind: Ints, pairs: list[Pairs], places: list[Ints]
    ) -> Columns:
        """Of candidates: their product's values, hazards at their age, and the user's store."""
        recency, kind_recency = (
            np.where(place >= 0, some.recency[place], NEVER_DAYS)
            for some, place in zip(pairs[:2], places[:2], strict=True)
        )
        store = self._store[user]
        place = _find(self._here_key, store * self._size + product)
        here = np.where(place >= 0, self._here_count[place], 0)
        expected = self.month[product] * self._here[store] / max(self._here.sum(), 1)
        own = [
            np.log(self._hazard[product, _age(recency)]),
            np.log(self._type_hazard[kind, _age(kind_recency)]),
            recency - kind_recency,
            np.log1p(here),
            np.log((here + 1) / (expected + 1)),
        ]
        return np.concatenate([np.stack(own, axis=1), self._values[product]], axis=1)


def hazard(pairs: Pairs, n_groups: int, prior: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Repurchases a day at risk by group and days since the last, shrunk to ``prior``'s shape.

    Without a prior the shape of all groups together is it.
    """
    k = len(_AGES)
    gaps, group, ended = pairs.spells()
    cell = group * k + _age(gaps)
    table = [
        np.bincount(cell, weights, minlength=n_groups * k).reshape(n_groups, k)
        for weights in (ended, np.ones(len(gaps)), gaps - _AGES[_age(gaps)])
    ]
    events, ends, partial = table
    longer = ends[:, ::-1].cumsum(axis=1)[:, ::-1] - ends
    risk = longer * np.append(np.diff(_AGES), 0) + partial
    if prior is None:
        prior = np.broadcast_to((events.sum(0) + 1) / (risk.sum(0) + 100), (n_groups, k))
    level = (events.sum(1) + 3) / ((risk * prior).sum(1) + 3)
    base = prior * level[:, np.newaxis]
    return (events + 5) / (risk + 5 / base)


def _age(days: NDArray[np.generic]) -> Ints:
    return np.searchsorted(_AGES, days, side="right") - 1


def _groups(shop: Shop) -> tuple[Ints, Ints]:
    """The product type (within its category) and the category of each purchased product."""
    table = pq.read_table(
        shop.data / "products.parquet", columns=["product_id", "category", "product_type"]
    ).to_pydict()
    category = dict(zip(table["product_id"], table["category"], strict=True))
    kind = dict(zip(table["product_id"], table["product_type"], strict=True))
    products = shop.purchases.products.tolist()
    by_category = [str(category.get(product)) for product in products]
    by_type = [f"{category.get(product)}: {kind.get(product)}" for product in products]
    return tuple(np.unique(names, return_inverse=True)[1] for names in (by_type, by_category))


def _usual_store(user: Ints, store: Ints, age: NDArray[np.float64], n_users: int) -> Ints:
    """Where each user has lately bought most."""
    n_stores = int(store.max()) + 1
    key, line = np.unique(user * n_stores + store, return_inverse=True)
    weight = np.bincount(line, np.exp2(-age / 30))
    order = np.argsort(weight, kind="stable")
    usual = np.zeros(n_users, np.int64)
    usual[key[order] // n_stores] = key[order] % n_stores  # the greatest is written last
    return usual


def _candidates(pairs: Pairs, market: Market, users: Ints) -> tuple[Ints, Ints]:
    """The users' own products, best by decayed purchases, and popular ones; by user, product."""
    size = pairs.n_groups
    own = np.flatnonzero(np.isin(pairs.user, users))
    order = own[np.lexsort((-pairs.decayed[own, SIXTY_DAYS], pairs.user[own]))]
    owner = pairs.user[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)
    popular = np.argsort(-market.month, kind="stable")[:POPULAR_PLACES]
    keys = [pairs.key[order[rank < OWN_PLACES]], (users[:, np.newaxis] * size + popular).ravel()]
    key = np.unique(np.concatenate(keys))
    return key // size, key % size


def _shares(pairs: list[Pairs], places: list[Ints], user: Ints) -> Columns:
    """A product's share of the user's decayed purchases: of all, of its type, of its category."""
    n_users = int(pairs[0].user.max()) + 1
    total = np.bincount(pairs[0].user, pairs[0].decayed[:, SIXTY_DAYS], minlength=n_users)
    own, kind, category = (
        _take(some.decayed, place) for some, place in zip(pairs, places, strict=True)
    )
    rank = np.full(len(pairs[0].key), 0.0)
    order = np.lexsort((-pairs[0].decayed[:, SIXTY_DAYS], pairs[0].user))
    rank[order] = np.arange(len(order)) - np.searchsorted(pairs[0].user, pairs[0].user)[order]
    return np.stack(
        [
            own[:, 2] / np.maximum(total[user], 1e-6) * 10,
            own[:, 2] / np.maximum(kind[:, 2], 1e-6),
            own[:, 1] / np.maximum(kind[:, 1], 1e-6),
            own[:, 2] / np.maximum(category[:, 2], 1e-6),
            np.log1p(np.where(places[0] >= 0, rank[places[0]], NEVER_DAYS)),
        ],
        axis=1,
    )


def _habits(pairs: Pairs) -> Columns:
    """Of each user: trips, basket size, how long ago, how varied."""
    n_users = len(pairs.baskets)
    lines_, latest = np.bincount(pairs.user, pairs.count, n_users), np.full(n_users, NEVER_DAYS)
    np.minimum.at(latest, pairs.user, pairs.recency)
    oldest = np.zeros(n_users)
    np.maximum.at(oldest, pairs.user, pairs.age[pairs.start])
    recent = np.bincount(pairs.user, pairs.decayed[:, 1], n_users)
    baskets = np.maximum(pairs.baskets, 1)
    return np.stack(
        [
            np.log1p(pairs.baskets),
            np.log1p(lines_ / baskets),
            np.bincount(pairs.user, minlength=n_users) / np.maximum(lines_, 1),
            np.log1p(latest),
            np.log1p(oldest / baskets),
            np.log1p(recent),
            pairs.weeks * 7 / np.maximum(oldest, 7),
        ],
        axis=1,
    )


def _find(keys: Ints, wanted: Ints) -> Ints:
    """The place of each wanted key among ascending keys, -1 where it is missing."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _take(values: Columns, place: Ints, missing: float = 0) -> Columns:
    return np.where((place >= 0)[:, np.newaxis], values[place], missing)
