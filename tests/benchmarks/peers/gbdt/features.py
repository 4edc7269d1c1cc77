"""Features of candidates: a user's history with a product, its type and category, and the rest.

The moment's week is never read: everything here is known before it.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq
from contract import Ints, Shop
from history import NEVER_DAYS, Columns, Pairs, find, lines
from market import Market
from numpy.typing import NDArray

OWN_PLACES = 200  # candidates: the user's best by decayed purchases,
POPULAR_PLACES = 30  # and what was bought most in the last four weeks
SIXTY_DAYS = 2  # a column of Pairs.decayed


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
        known = self._day < moment
        age = (moment - self._day)[known]
        market = Market(self._purchases.where(known), age, pairs[0], pairs[1], self._type)
        user, product = _candidates(pairs[0], market, users)
        groups = (product, self._type[product], self._category[product])
        found = [some.key for some in pairs]
        places = [
            find(key, user * some.n_groups + group)
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
        return find(keys, examples.user * size + examples.product) >= 0

    def buyers(self, moment: float) -> Ints:
        """Who bought before a moment and in the week after it."""
        week = (self._day >= moment) & (self._day < moment + 7)
        before = self._purchases.user[self._day < moment]
        return np.intersect1d(self._purchases.user[week], before)


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


def _take(values: Columns, place: Ints, missing: float = 0) -> Columns:
    return np.where((place >= 0)[:, np.newaxis], values[place], missing)
