"""What everybody does before a moment: popularity, trends, repurchase hazards, stores."""

import numpy as np
from contract import Floats, Ints, Purchases
from history import NEVER_DAYS, Columns, Pairs, find
from numpy.typing import NDArray

MONTH = 28
_AGES = np.array([0, 4, 8, 12, 16, 24, 32, 46, 64, 100, 170], np.float32)  # days


class Market:
    """What a moment knows of products, product types and stores."""

    def __init__(
        self,
        purchases: Purchases,
        age: Floats,
        products: Pairs,
        kinds: Pairs,
        kind_of: Ints,
    ) -> None:
        """Counts purchases, whose ages are the days before the moment; all are positive."""
        size = len(purchases.products)
        self._size = size
        self.month = _sold(purchases, age, 0, MONTH)
        self._values = _values(purchases, age, products)
        self._kind_hazard = hazard(kinds, kinds.n_groups, None)
        self._hazard = hazard(products, size, self._kind_hazard[kind_of])
        self._store = _usual_store(purchases.user, purchases.store, age, len(purchases.users))
        recent = purchases.where(age <= MONTH)
        self._here = np.bincount(recent.store, minlength=int(purchases.store.max()) + 1)
        self._here_key, self._here_count = np.unique(
            recent.store * size + recent.product, return_counts=True
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
        place = find(self._here_key, store * self._size + product)
        here = np.where(place >= 0, self._here_count[place], 0)
        expected = self.month[product] * self._here[store] / max(self._here.sum(), 1)
        own = [
            np.log(self._hazard[product, _age(recency)]),
            np.log(self._kind_hazard[kind, _age(kind_recency)]),
            recency - kind_recency,
            np.log1p(here),
            np.log((here + 1) / (expected + 1)),
        ]
        return np.concatenate([np.stack(own, axis=1), self._values[product]], axis=1)


def _sold(purchases: Purchases, age: Floats, after: float, until: float) -> Ints:
    """How often each product was bought in a window of days before the moment."""
    within = (age > after) & (age <= until)
    return np.bincount(purchases.product[within], minlength=len(purchases.products))


def _values(purchases: Purchases, age: Floats, pairs: Pairs) -> Columns:
    """Of each product: how much is bought of it, how that changes, how many come back."""
    size = len(purchases.products)
    week, last_week = _sold(purchases, age, 0, 7), _sold(purchases, age, 7, 14)
    month, last_month = _sold(purchases, age, 0, MONTH), _sold(purchases, age, MONTH, 2 * MONTH)
    count = np.bincount(purchases.product, minlength=size)
    users = np.bincount(pairs.group, minlength=size)
    again = np.bincount(pairs.group, pairs.count > 1, minlength=size)
    last = np.full(size, NEVER_DAYS)
    np.minimum.at(last, purchases.product, age)
    columns = [
        np.log1p(week),
        np.log1p(month),
        np.log1p(count),
        np.log((week + 2) / (last_week + 2)),
        np.log((month + 4) / (last_month + 4)),
        np.log((4 * week + 4) / (month + 4)),
        np.log(np.maximum(count, 1) / np.maximum(users, 1)),
        (again + 0.5) / (users + 3),
        np.log1p(last),
    ]
    return np.stack(columns, axis=1)


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


def _usual_store(user: Ints, store: Ints, age: NDArray[np.float64], n_users: int) -> Ints:
    """Where each user has lately bought most."""
    n_stores = int(store.max()) + 1
    key, line = np.unique(user * n_stores + store, return_inverse=True)
    weight = np.bincount(line, np.exp2(-age / 30))
    order = np.argsort(weight, kind="stable")
    usual = np.zeros(n_users, np.int64)
    usual[key[order] // n_stores] = key[order] % n_stores  # the greatest is written last
    return usual
