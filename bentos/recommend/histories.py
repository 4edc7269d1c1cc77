"""From purchases to what they come to: the same code for a batch of examples and for one request.

An example is a user at a moment; only purchases before the moment are read.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bentos.recommend.shop import Catalogue, Floats, Ints, Purchases
from bentos.recommend.statistics import NEVER

BASKETS = 24  # of a user's newest baskets, the sequence model sees
HALF_LIVES = (7.0, 20.0, 60.0, 150.0)  # days
MONTHS = HALF_LIVES.index(60.0)
WEEKS = HALF_LIVES.index(20.0)
_WINDOW_ENDS = (7.0, 14.0, 21.0, 28.0, 35.0)  # days: purchases in each of the last five weeks


@dataclass(frozen=True)
class Groups:
    """What each example's purchases say of each group (product, type or category) it has bought."""

    key: Ints  # example * groups + group, ascending
    features: Floats  # [G, features of a group]
    decayed: Floats  # [G, half-lives] purchases, each counting half after a half-life
    recency: Floats  # [G] days since the last purchase


@dataclass(frozen=True)
class Histories:
    """What the purchases of B examples come to, whatever the candidates."""

    product: Groups
    type: Groups
    category: Groups
    product_rank: Ints  # [G] of each bought product in its example, by decayed purchases
    user: Floats  # [B, 10]
    store: Ints  # [B] where the user buys most, lately
    deal: Floats  # [B] share of purchases below the shelf price
    basket_product: Ints  # [E'] purchases of the newest baskets …
    basket_slot: Ints  # [E'] … and where: example * BASKETS + slot; the newest has the last slot
    basket_age: Floats  # [B, BASKETS] days before the moment; -1 where there is no basket


@dataclass(frozen=True)
class _Events:
    """The purchases of all examples, one after another, in order of time."""

    example: Ints
    age: Floats  # days before the moment
    baskets_ago: Floats  # 0 in the newest basket
    weeks_ago: Floats  # among the weeks with a purchase; 0 is the newest of them
    baskets: Floats  # of the example
    weeks: Floats  # of the example
    quantity: Floats
    deal: Floats


def histories(
    catalogue: Catalogue, purchases: Purchases, users: Ints, moments: NDArray[np.float64]
) -> Histories:
    """``users`` and ``moments`` are [B]."""
    n_examples = len(users)
    rows, example = _rows_before(purchases, users, moments)
    product, time = purchases.product[rows], purchases.time[rows]
    events = _events(purchases, rows, example, (moments[example] - time).astype(np.float32), time)
    n_types = int(catalogue.type.max(initial=-1)) + 1
    n_categories = int(catalogue.category.max(initial=-1)) + 1
    by_product = _group(example * catalogue.size + product, events, whole=True)
    newest = events.baskets_ago < BASKETS
    slot = (example * BASKETS + BASKETS - 1 - events.baskets_ago).astype(np.int64)[newest]
    basket_age = np.full(n_examples * BASKETS, -1, np.float32)
    basket_age[slot] = events.age[newest]
    bought = np.bincount(example, minlength=n_examples)
    return Histories(
        product=by_product,
        type=_group(example * n_types + catalogue.type[product], events, whole=False),
        category=_group(example * n_categories + catalogue.category[product], events, whole=False),
        product_rank=_ranks(by_product.key // catalogue.size, by_product.decayed[:, MONTHS]),
        user=_user_features(events, by_product.key // catalogue.size, n_examples),
        store=_usual_store(purchases.store[rows], events, n_examples),
        deal=(np.bincount(example, events.deal, n_examples) / np.maximum(bought, 1)).astype(
            np.float32
        ),
        basket_product=product[newest],
        basket_slot=slot,
        basket_age=basket_age.reshape(n_examples, BASKETS),
    )


def _rows_before(
    purchases: Purchases, users: Ints, moments: NDArray[np.float64]
) -> tuple[Ints, Ints]:
    low, high = purchases.offsets[users], purchases.offsets[users + 1]
    length = np.array(
        [
            np.searchsorted(purchases.time[start:end], moment)
            for start, end, moment in zip(low, high, moments, strict=True)
        ],
        np.int64,
    )
    example = np.repeat(np.arange(len(users)), length)
    first = np.cumsum(length) - length
    return np.arange(len(example)) + np.repeat(low - first, length), example


def _events(
    purchases: Purchases, rows: Ints, example: Ints, age: Floats, time: NDArray[np.float64]
) -> _Events:
    new_basket = _starts(example, time)
    new_week = _starts(example, np.floor(age / 7))
    baskets = np.bincount(example, new_basket)
    weeks = np.bincount(example, new_week)
    return _Events(
        example=example,
        age=age,
        baskets_ago=(np.cumsum(baskets)[example] - np.cumsum(new_basket)).astype(np.float32),
        weeks_ago=(np.cumsum(weeks)[example] - np.cumsum(new_week)).astype(np.float32),
        baskets=baskets[example].astype(np.float32),
        weeks=weeks[example].astype(np.float32),
        quantity=purchases.quantity[rows],
        deal=(purchases.discount[rows] > 0).astype(np.float32),
    )


def _starts(*columns: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a run of equal rows begins."""
    changed = np.ones(len(columns[0]), np.bool_)
    if len(changed):
        changed[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return changed


def _group(key: Ints, events: _Events, whole: bool) -> Groups:
    """Adds up the events of each key; ``whole`` brings the full set of features."""
    order = np.argsort(key, kind="stable")  # keeps the order of time within a key
    key, age, ago = key[order], events.age[order], events.baskets_ago[order]
    first = _starts(key)
    start = np.flatnonzero(first)
    end = np.append(start[1:], len(key))[: len(start)] - 1
    new_basket = (first | _starts(key, ago)).astype(np.float32)
    n, recency, oldest = _add(new_basket, start), age[end], age[start]
    decayed = np.stack(
        [_add(np.exp2(age * np.float32(-1 / h)) * new_basket, start) for h in HALF_LIVES], 1
    )
    gap = (oldest - recency) / np.maximum(n - 1, 1)
    features = [
        np.log1p(n),
        np.log1p(recency),
        np.log1p(gap),
        np.log1p(np.minimum(recency / np.maximum(gap, 1), 20)) * (n > 1),
        np.log1p(ago[end]),
        n / np.maximum(events.baskets[order][end], 1),
        n > 1,
    ]
    if whole:
        features += _rhythm(order, first, start, end, n, gap, new_basket, events)
    features += list(np.log1p(2 * decayed).T)
    return Groups(key[start], np.stack(features, 1).astype(np.float32), decayed, recency)


def _add(values: NDArray[np.floating], start: Ints) -> Floats:
    total: Floats = np.add.reduceat(values, start) if len(start) else values[:0]
    return total


def _rhythm(
    order: Ints,
    first: NDArray[np.bool_],
    start: Ints,
    end: Ints,
    n: Floats,
    mean_gap: Floats,
    new_basket: Floats,
    events: _Events,
) -> list[Floats]:
    """How regular the purchases of a product are, in days, in baskets and in weeks."""
    age, ago = events.age[order], events.baskets_ago[order]
    week, weeks = events.weeks_ago[order], np.maximum(events.weeks[order][end], 1)
    quantity, deal = events.quantity[order], events.deal[order]
    many, recency = n > 1, age[end]
    gap = np.append(np.float32(0), age[:-1] - age[1:])[: len(age)] * (new_basket > 0) * ~first
    spread = _add(gap * gap, start) / np.maximum(n - 1, 1) - mean_gap * mean_gap
    deviation = np.sqrt(np.maximum(spread, 0))
    last_gap = (
        gap[np.maximum.reduceat(np.where(gap > 0, np.arange(len(age)), 0), start)]
        if len(start)
        else recency
    )
    new_week = (first | _starts(week) & ~first).astype(np.float32)
    n_weeks, mean_quantity = _add(new_week, start), _add(quantity, start) / n
    in_window = [_add(new_basket * ((age > day - 7) & (age <= day)), start) for day in _WINDOW_ENDS]
    return [
        np.log1p(last_gap * many),
        (deviation / np.maximum(mean_gap, 1)).clip(0, 4) * many,
        (np.abs(recency - mean_gap) / (deviation + 3)).clip(0, 8) * many,
        n / (ago[start] + 1),
        _add(np.power(np.float32(0.85), ago) * new_basket, start),
        np.log1p(mean_quantity),
        np.log((quantity[end] + 0.5) / (mean_quantity + 0.5)),
        _add(deal * new_basket, start) / n,
        deal[end],
        n_weeks / weeks,
        n_weeks / (week[start] + 1),
        (n_weeks - 1) / np.maximum(week[start], 1),
        np.log1p(_add(np.power(np.float32(0.9), week) * new_week, start)),
        _add(new_week * (week < 8), start) / np.minimum(weeks, 8),
        _add(new_week * (week < 4), start) / np.minimum(weeks, 4),
        *in_window,
    ]


def _ranks(example: Ints, score: Floats) -> Ints:
    """The rank of each row within its example, best score first; examples are ascending."""
    order = np.lexsort((-score, example))
    rank = np.empty(len(example), np.int64)
    rank[order] = np.arange(len(example)) - np.searchsorted(example, example)[order]
    return rank


def _user_features(events: _Events, bought_by: Ints, n_examples: int) -> Floats:
    """[B, 10]; ``bought_by`` is the example of each distinct product bought."""

    def count(weights: NDArray[np.generic] | None = None) -> NDArray[np.float64]:
        return np.bincount(events.example, weights, n_examples).astype(np.float64)

    new_basket = _starts(events.example, events.baskets_ago)
    lines, baskets = count(), count(new_basket)
    month = count(new_basket & (events.age <= 28))
    weeks = count(_starts(events.example, events.weeks_ago))
    newest, oldest = np.full(n_examples, NEVER), np.zeros(n_examples)
    np.minimum.at(newest, events.example, events.age)
    np.maximum.at(oldest, events.example, events.age)
    features = [
        np.log1p(baskets),
        np.log1p(month),
        count(new_basket & (events.age <= 7)),
        np.log1p(lines / np.maximum(baskets, 1)),
        np.log1p(count(events.age <= 28) / np.maximum(month, 1)),
        np.log1p(newest),
        np.bincount(bought_by, minlength=n_examples) / np.maximum(lines, 1),
        np.log1p(oldest / np.maximum(baskets, 1)),
        weeks * 7 / np.maximum(oldest, 7),
        np.log1p(weeks),
    ]
    return np.stack(features, 1).astype(np.float32)


def _usual_store(store: Ints, events: _Events, n_examples: int) -> Ints:
    """[B] the store with most purchases, each half after 30 days; 0 if there is none."""
    stores, code = np.unique(store, return_inverse=True)
    if not len(stores):
        return np.zeros(n_examples, np.int64)
    weight = np.bincount(
        events.example * len(stores) + code,
        np.exp2(-events.age / 30) * (store >= 0),
        n_examples * len(stores),
    ).reshape(n_examples, -1)
    usual: Ints = np.maximum(stores[weight.argmax(1)], 0)
    return usual
