"""What all purchases say of a product on a day: popularity, trend, repurchase, promotion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bentos.recommend.shop import Catalogue, Floats, Ints, Promotions, Purchases

AGE_BINS = np.array(
    [0, 4, 8, 12, 16, 24, 32, 46, 64, 100, 170], np.float64
)  # days since a purchase
NEVER = 399.0  # days: how long ago something was that never happened
_DAY_BITS = 14  # days since 2000 fit until 2044
_DAYS = (1 << _DAY_BITS) - 1
_LISTED, _UNLISTED = (
    0.3,
    0.05,
)  # shares of stores from and up to which a product counts as in the mailer

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Visits:
    """Distinct (user, group, day) of all purchases, ascending: sorted once for many days."""

    key: Ints
    size: int  # groups

    @classmethod
    def of(cls, purchases: Purchases, group: Ints, size: int) -> "Visits":
        """``group`` [E] is the group of each purchase."""
        pair = purchases.user * size + group
        return cls(np.unique(pair << _DAY_BITS | purchases.time.astype(np.int64)), size)

    def before(self, day: float) -> tuple[Ints, Ints]:
        """The pair user * size + group, and the day, of each visit before ``day``."""
        kept = self.key[(self.key & _DAYS) < day]
        return kept >> _DAY_BITS, kept & _DAYS


@dataclass(frozen=True)
class ProductStatistics:
    """Per product, from purchases before a day only."""

    values: Floats  # [P, 12]
    hazard: Floats  # [P, bins] log of the daily chance to be bought again, by days since bought
    type_hazard: Floats  # [T, bins] the same for product types
    popular: Ints  # [P] products by purchases of the last 28 days, most first
    store_key: Ints  # store * P + product sold there in the last 28 days, ascending
    store_count: Ints
    store_total: Ints  # [stores]


@dataclass(frozen=True)
class PromotedWeek:
    """The promotions in force at a day, and what earlier weeks say of their effect."""

    key: Ints  # store * P + product, ascending
    displayed: NDArray[np.bool_]
    mailer: NDArray[np.int8]  # 1 inside, 2 on the front, back or wrap
    values: Floats  # [P, 6]
    by_type: Doubles  # [T] mailer shares added up over the type


@dataclass(frozen=True)
class Knowledge:
    """All that is known of products at a day: what a request or an example is scored with."""

    as_of: float
    statistics: ProductStatistics
    promoted: PromotedWeek


class Statistician:
    """Makes the knowledge of any day, out of purchases and promotions sorted once."""

    def __init__(
        self, catalogue: Catalogue, purchases: Purchases, promotions: Promotions, n_stores: int
    ) -> None:
        """``n_stores``: how many store codes there are."""
        self._catalogue = catalogue
        self._purchases = purchases
        self._promotions = promotions
        self._n_stores = n_stores
        self._n_types = int(catalogue.type.max(initial=-1)) + 1
        self._products = Visits.of(purchases, purchases.product, catalogue.size)
        self._types = Visits.of(purchases, catalogue.type[purchases.product], self._n_types)

    def know(self, as_of: float, weeks_back: int) -> Knowledge:
        """What was known at ``as_of``, which lies ``weeks_back`` weeks before the state's time."""
        return Knowledge(as_of, self._statistics(as_of), self._promoted(as_of, weeks_back))

    def _statistics(self, as_of: float) -> ProductStatistics:
        past = self._purchases
        known = np.flatnonzero(past.time < as_of)
        product, age = past.product[known], as_of - past.time[known]
        store, size = past.store[known], self._catalogue.size
        month = np.flatnonzero((age <= 28) & (store >= 0))
        key, count = np.unique(store[month] * size + product[month], return_counts=True)
        type_hazard = _hazard(self._types, as_of, None)
        hazard = _hazard(self._products, as_of, type_hazard[self._catalogue.type])
        recent = np.bincount(product[age <= 28], minlength=size)
        return ProductStatistics(
            values=self._values(known, product, age, as_of),
            hazard=np.log(hazard).astype(np.float32),
            type_hazard=np.log(type_hazard).astype(np.float32),
            popular=np.argsort(-recent, kind="stable"),
            store_key=key,
            store_count=count,
            store_total=np.bincount(store[month], minlength=self._n_stores),
        )

    def _values(self, known: Ints, product: Ints, age: Doubles, as_of: float) -> Floats:
        size = self._catalogue.size
        deal, off = self._purchases.deal[known], self._purchases.discount[known]
        price = self._purchases.price[known]

        def count(rows: NDArray[np.bool_] | slice, weights: Floats | None = None) -> Doubles:
            weight = None if weights is None else weights[rows]
            return np.bincount(product[rows], weight, size).astype(np.float64)

        week, month = age <= 7, age <= 28
        w1, w4, n = count(week), count(month), count(slice(None))
        w1_before, w4_before = count((age > 7) & (age <= 14)), count((age > 28) & (age <= 56))
        pair, _ = self._products.before(as_of)
        users = np.bincount(np.unique(pair) % size, minlength=size)
        last = np.full(size, NEVER)
        np.minimum.at(last, product, age)
        on_deal = count(slice(None), deal)
        values = [
            np.log1p(w1),
            np.log1p(w4),
            np.log1p(n / max(age.max(initial=28), 28) * 28),
            np.log((w1 + 2) / (w1_before + 2)),
            np.log((w4 + 4) / (w4_before + 4)),
            np.log((w1 * 4 + 4) / (w4 + 4)),
            np.log(np.maximum(n, 1) / np.maximum(users, 1)),
            np.log1p(last),
            (count(week, deal) + 0.5) / (w1 + 2),
            np.log1p(count(slice(None), price) / np.maximum(n, 1)),
            count(slice(None), off * deal) / np.maximum(on_deal, 1),
            on_deal / np.maximum(n, 1),
        ]
        return np.stack(values, 1).astype(np.float32)

    def _promoted(self, as_of: float, weeks_back: int) -> PromotedWeek:
        promotions = self._promotions
        now = promotions.weeks_back == weeks_back
        shares = self._weekly_shares(weeks_back)
        return PromotedWeek(
            key=promotions.key[now],
            displayed=promotions.displayed[now],
            mailer=promotions.mailer[now],
            values=self._promotion_values(shares, self._weekly_sales(as_of, len(shares))),
            by_type=self._by_type(shares[0]),
        )

    def _promotion_values(self, share: Floats, sold: Floats) -> Floats:
        """[P, 6] mailer share now and a week ago, lift of the product and its type, habit."""
        on, off, units = share[1:] > _LISTED, share[1:] <= _UNLISTED, sold[1:]
        weeks_on, units_on = on.sum(0), (units * on).sum(0)
        base = ((units * off).sum(0) + 1) / (off.sum(0) + 1)  # a week without the mailer
        lift = np.log((units_on + 1 + 2.8 * base) / ((weeks_on + 2) * base)).clip(-2, 4)
        by_type = self._by_type(units_on) / np.maximum(self._by_type(weeks_on * base), 1)
        weeks = len(on)
        since = np.where(on.any(0), on.argmax(0) + 1, weeks + 1)
        values = [
            share[0],
            share[1],
            lift,
            np.log1p(by_type)[self._catalogue.type],
            np.log1p(since),
            weeks_on / max(weeks, 1),
        ]
        return np.stack(values, 1).astype(np.float32)

    def _weekly_shares(self, weeks_back: int) -> Floats:
        """[weeks, P] mailer shares, the week in force first, older ones after it."""
        promotions = self._promotions
        weeks = max(int(promotions.share_week.max(initial=-1)) - weeks_back + 1, 2)
        shares = np.zeros((weeks, self._catalogue.size), np.float32)
        kept = promotions.share_week >= weeks_back
        week = promotions.share_week[kept] - weeks_back
        shares[week, promotions.share_product[kept]] = promotions.share[kept]
        return shares

    def _weekly_sales(self, as_of: float, weeks: int) -> Floats:
        """[weeks, P] purchases; the week in force, whose sales are not known yet, is left 0."""
        size = self._catalogue.size
        past = self._purchases
        back = np.ceil((as_of - past.time) / 7).astype(np.int64)
        kept = (back >= 1) & (back < weeks)
        flat = np.bincount(back[kept] * size + past.product[kept], minlength=weeks * size)
        return flat.reshape(weeks, size).astype(np.float32)

    def _by_type(self, values: NDArray[np.floating]) -> Doubles:
        total = np.bincount(self._catalogue.type, weights=values, minlength=self._n_types)
        return total.astype(np.float64)


def _hazard(visits: Visits, as_of: float, prior: Doubles | None) -> Doubles:
    """[groups, bins]: repurchases per day at risk, by days since the last purchase.

    Discrete-time hazard with right censoring at ``as_of``; small groups are shrunk to ``prior``
    [groups, bins], or to the curve of all.
    """
    pair, day = visits.before(as_of)
    bins, size = len(AGE_BINS), visits.size
    again = np.append(pair[1:] == pair[:-1], False)[: len(pair)]
    gap = np.where(again, np.append(day[1:], 0)[: len(day)], as_of) - day
    place = np.searchsorted(AGE_BINS, gap, side="right") - 1
    flat = pair % size * bins + place

    def table(weights: NDArray[np.generic]) -> Doubles:
        total = np.bincount(flat, weights=weights, minlength=size * bins)
        return total.reshape(size, bins).astype(np.float64)

    events, ends = table(again), table(np.ones(len(gap)))
    longer = ends[:, ::-1].cumsum(1)[:, ::-1] - ends
    risk = longer * np.append(np.diff(AGE_BINS), 0.0) + table(gap - AGE_BINS[place])
    if prior is None:
        prior = np.broadcast_to((events.sum(0) + 1) / (risk.sum(0) + 100), (size, bins))
    base = prior * ((events.sum(1) + 3) / ((risk * prior).sum(1) + 3))[:, np.newaxis]
    hazard: Doubles = (events + 5) / (risk + 5 / base)
    return hazard
