"""Purchases sorted once by user and group, and what a moment knows of each such pair.

A group is a product, a product type or a category. Days are counted from the cut, so that all of
them are negative; the moments are the cut and whole weeks before it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from contract import Ints, Purchases
from numpy.typing import NDArray

Columns = NDArray[np.float32]

HALF_LIVES_DAYS = (7.0, 20.0, 60.0, 150.0)
WINDOWS_DAYS = (7, 14, 21, 28, 42, 56)
NEVER_DAYS = 399.0


@dataclass(frozen=True)
class Lines:
    """Purchases with their place among their user's baskets and active weeks, from the first."""

    user: Ints
    group: Ints
    day: Columns
    basket: Columns
    week: Columns
    quantity: Columns
    n_groups: int

    @property
    def key(self) -> Ints:
        """One number a user and group."""
        return self.user * self.n_groups + self.group

    def where(self, kept: NDArray[np.generic]) -> "Lines":
        """The lines that a mask or an index keeps."""
        columns = (self.user, self.group, self.day, self.basket, self.week, self.quantity)
        return Lines(*(column[kept] for column in columns), self.n_groups)


def lines(purchases: Purchases, cut: float, group_of: Ints) -> Lines:
    """The purchases by user and group of their product, and then by day."""
    day = purchases.day - cut
    found = Lines(
        user=purchases.user,
        group=group_of[purchases.product],
        day=day.astype(np.float32),
        basket=_place(purchases.user, purchases.session, day),
        week=_place(purchases.user, purchases.user * 1000 + np.floor(day / 7).astype(int), day),
        quantity=purchases.quantity.astype(np.float32),
        n_groups=int(group_of.max()) + 1,
    )
    return found.where(np.lexsort((found.day, found.key)))


def _place(user: Ints, of: Ints, day: NDArray[np.float64]) -> Columns:
    """Which of its user's distinct ``of``, by time, each line belongs to."""
    distinct, code = np.unique(of, return_inverse=True)
    began = np.full(len(distinct), np.inf)
    np.minimum.at(began, code, day)
    owner = np.zeros(len(distinct), np.int64)
    owner[code] = user
    order = np.lexsort((began, owner))
    starts = np.searchsorted(owner[order], owner[order])
    place = np.empty(len(order), np.float32)
    place[order] = np.arange(len(order)) - starts
    return place[code]


class Pairs:
    """What a moment knows of every pair of a user and a group."""

    def __init__(self, all_lines: Lines, moment: float, n_users: int) -> None:
        """Reads the lines before ``moment`` (days from the cut) only."""
        self._lines = all_lines.where(all_lines.day < moment)
        self._n_users = n_users
        self.n_groups = all_lines.n_groups
        key = self._lines.key
        self._first = np.append(True, key[1:] != key[:-1])
        self.start = np.flatnonzero(self._first)
        self.end = np.append(self.start[1:], len(key)) - 1
        self.key = key[self.start]
        self.user = self._lines.user[self.start]
        self.group = self._lines.group[self.start]
        self.age = moment - self._lines.day
        self.count = (self.end - self.start + 1).astype(np.float32)
        self.recency = self.age[self.end]

    @cached_property
    def baskets(self) -> Columns:
        """How many baskets each user has had."""
        return self._greatest(self._lines.basket)

    @cached_property
    def weeks(self) -> Columns:
        """In how many weeks each user has shopped."""
        return self._greatest(self._lines.week)

    @cached_property
    def decayed(self) -> Columns:
        """[pairs, half-lives] decayed purchases."""
        return np.stack([self._sum(np.exp2(-self.age / days)) for days in HALF_LIVES_DAYS], axis=1)

    @cached_property
    def gap(self) -> Columns:
        """[lines] days since the pair's line before; 0 for its first."""
        return np.where(self._first, 0, np.roll(self.age, 1) - self.age).astype(np.float32)

    def basic(self) -> Columns:
        """Counts, recency and rhythm of each pair."""
        ago = self.baskets[self.user] - 1 - self._lines.basket[self.end]
        return np.stack(
            [
                np.log1p(self.count),
                np.log1p(self.recency),
                np.log1p(self.mean_gap),
                self._overdue(self.mean_gap),
                np.log1p(ago),
                self.count / self.baskets[self.user],
                *np.log1p(2 * self.decayed.T),
            ],
            axis=1,
        )

    @cached_property
    def mean_gap(self) -> Columns:
        """Days between the pair's purchases."""
        span = self.age[self.start] - self.recency
        return span / np.maximum(self.count - 1, 1)

    def rhythm(self) -> Columns:
        """Regularity, recent weeks, shares of baskets and weeks, quantities."""
        many = self.count > 1
        spread = np.sqrt(np.maximum(self._sum(self.gap**2) / np.maximum(self.count - 1, 1), 0))
        spread = np.sqrt(np.maximum(spread**2 - self.mean_gap**2, 0))
        at_risk, soon = self._own_hazard()
        last_gap = self.gap[self.end]
        return np.stack(
            [
                np.log1p(last_gap) * many,
                (spread / np.maximum(self.mean_gap, 1)).clip(0, 4) * many,
                (np.abs(self.recency - self.mean_gap) / (spread + 3)).clip(0, 8) * many,
                self._overdue(last_gap),
                np.log1p(self.age[self.start]),
                at_risk,
                (soon + 0.2) / (at_risk + 1),
                *self._shares(),
                *self._quantities(),
                *(self._sum(self.age <= days) for days in WINDOWS_DAYS),
            ],
            axis=1,
        ).astype(np.float32)

    def _shares(self) -> list[Columns]:
        """How often a pair occurs among the user's baskets and active weeks since it began."""
        basket_ago = self.baskets[self._lines.user] - 1 - self._lines.basket
        week_ago = self.weeks[self._lines.user] - 1 - self._lines.week
        new_week = self._first | (np.roll(week_ago, 1) != week_ago)
        in_weeks = self._sum(new_week)
        since = week_ago[self.start]
        return [
            self.count / (basket_ago[self.start] + 1),
            self._sum(np.power(np.float32(0.85), basket_ago)),
            self._sum(np.power(np.float32(0.95), basket_ago)),
            in_weeks / self.weeks[self.user],
            in_weeks / (since + 1),
            (in_weeks - 1) / np.maximum(since, 1),
            np.log1p(self._sum(np.power(np.float32(0.8), week_ago) * new_week)),
            np.log1p(self._sum(np.power(np.float32(0.9), week_ago) * new_week)),
            np.log1p(self._sum(np.power(np.float32(0.96), week_ago) * new_week)),
            self._sum((week_ago < 4) & new_week) / np.minimum(self.weeks[self.user], 4),
            self._sum((week_ago < 8) & new_week) / np.minimum(self.weeks[self.user], 8),
            np.log1p(week_ago[self.end]),
        ]

    def _quantities(self) -> list[Columns]:
        mean = self._sum(self._lines.quantity) / self.count
        last = self._lines.quantity[self.end]
        return [np.log1p(mean.clip(0)), np.log((last.clip(0) + 0.5) / (mean.clip(0) + 0.5))]

    def spells(self) -> tuple[Columns, Ints, Columns]:
        """Days from each line to the pair's next, or to the moment; its group; whether it ended."""
        ends = np.append(~self._first[1:], False)
        until = np.where(ends, np.roll(self.age, -1), 0)
        return (self.age - until).clip(0), self._lines.group, ends.astype(np.float32)

    def _own_hazard(self) -> tuple[Columns, Columns]:
        """Of the pair's gaps, those longer than its recency, and those that then end in a week."""
        recency = np.repeat(self.recency, self.count.astype(int))
        longer = (self.gap > recency) & ~self._first
        return self._sum(longer), self._sum(longer & (self.gap <= recency + 7))

    def _overdue(self, gap: Columns) -> Columns:
        ratio = np.minimum(self.recency / np.maximum(gap, 1), 20)
        return (np.log1p(ratio) * (self.count > 1)).astype(np.float32)

    def _sum(self, values: NDArray[np.generic]) -> Columns:
        return np.add.reduceat(values, self.start, dtype=np.float32)

    def _greatest(self, place: Columns) -> Columns:
        found = np.zeros(self._n_users, np.float32)
        np.maximum.at(found, self._lines.user, place + 1)
        return found


def find(keys: Ints, wanted: Ints) -> Ints:
    """The place of each wanted key among ascending keys, -1 where it is missing."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)
