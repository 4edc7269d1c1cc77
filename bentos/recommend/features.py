"""From a user's purchases to the features of candidates, online and in training alike.

What a candidate's features say is grouped in blocks, in this order:

- the user's purchases of the product, of its type, and of its category (`histories`),
- how these stand to each other and to the store (`_relations`),
- the promotions in force (`_promotion_features`),
- what everybody's purchases say of the product (`ProductStatistics.values`),
- the user.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bentos.recommend.histories import HALF_LIVES, MONTHS, WEEKS, Groups, Histories
from bentos.recommend.shop import Catalogue, Floats, Ints
from bentos.recommend.statistics import AGE_BINS, NEVER, Knowledge

STATISTICS = slice(-22, -10)  # where in a candidate's features ProductStatistics.values stand


def candidate_features(
    catalogue: Catalogue, past: Histories, known: Knowledge, example: Ints, product: Ints
) -> Floats:
    """[N, F] features of the candidates ``product`` [N] of the examples ``example`` [N]."""
    own = _Match.of(past.product, example * catalogue.size + product)
    kind = catalogue.type[product]
    same_type = _Match.of(past.type, example * len(known.statistics.type_hazard) + kind)
    n_categories = int(catalogue.category.max(initial=-1)) + 1
    same_category = _Match.of(past.category, example * n_categories + catalogue.category[product])
    blocks = [
        own.features,
        same_type.features,
        same_category.features,
        _relations(catalogue, past, known, (own, same_type, same_category), example, product),
        _promotion_features(catalogue, past, known, example, product, own.found),
        known.statistics.values[product],
        past.user[example],
    ]
    return np.concatenate(blocks, 1).astype(np.float32)


@dataclass(frozen=True)
class _Match:
    """The groups that candidates belong to; zeros, and NEVER, where the user bought none of it."""

    place: Ints
    found: NDArray[np.bool_]
    features: Floats
    decayed: Floats
    recency: Floats

    @classmethod
    def of(cls, groups: Groups, key: Ints) -> "_Match":
        place, found = find(groups.key, key)
        if not len(groups.key):
            empty = np.zeros((len(key), groups.features.shape[1]), np.float32)
            none = np.zeros((len(key), len(HALF_LIVES)), np.float32)
            return cls(place, found, empty, none, np.full(len(key), NEVER, np.float32))
        mask = found[:, np.newaxis]
        return cls(
            place,
            found,
            groups.features[place] * mask,
            groups.decayed[place] * mask,
            np.where(found, groups.recency[place], np.float32(NEVER)),
        )


def find(keys: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Where each wanted key stands among the ascending ``keys``, and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


def _relations(
    catalogue: Catalogue,
    past: Histories,
    known: Knowledge,
    matches: tuple[_Match, _Match, _Match],
    example: Ints,
    product: Ints,
) -> Floats:
    """[N, 12] shares of the user's and the type's purchases, repurchase hazards, the store."""
    own, kind, category = matches
    statistics = known.statistics
    by_user = np.bincount(
        past.product.key // catalogue.size, past.product.decayed[:, MONTHS], len(past.user)
    )[example]
    rank = past.product_rank[own.place] if len(past.product_rank) else own.place
    store = past.store[example]
    place, sold = find(statistics.store_key, store * catalogue.size + product)
    here = statistics.store_count[place] * sold if len(statistics.store_key) else sold * 0.0
    total = max(statistics.store_total.sum(), 1)
    share = statistics.store_total[store] / total if len(statistics.store_total) else 0.0
    expected = np.expm1(statistics.values[product, 1]) * share
    features = [
        own.decayed[:, MONTHS] / np.maximum(by_user, 1e-6) * 10,
        own.decayed[:, MONTHS] / np.maximum(kind.decayed[:, MONTHS], 1e-6),
        own.decayed[:, WEEKS] / np.maximum(kind.decayed[:, WEEKS], 1e-6),
        own.decayed[:, MONTHS] / np.maximum(category.decayed[:, MONTHS], 1e-6),
        np.log1p(np.where(own.found, rank, 300)),
        np.where(own.found, statistics.hazard[product, _bin(own.recency)] + 4, 0),
        np.where(
            kind.found,
            statistics.type_hazard[catalogue.type[product], _bin(kind.recency)] + 4,
            0,
        ),
        own.found & (own.recency - kind.recency > 0.01),  # something like it was bought since
        own.found,
        np.log1p(here),
        np.log((here + 1) / (expected + 1)),
        past.deal[example],
    ]
    return np.stack(features, 1).astype(np.float32)


def _bin(days: Floats) -> Ints:
    return np.searchsorted(AGE_BINS, days, side="right") - 1


def _promotion_features(
    catalogue: Catalogue,
    past: Histories,
    known: Knowledge,
    example: Ints,
    product: Ints,
    bought: NDArray[np.bool_],
) -> Floats:
    """[N, 14] what the user's store promotes, and what promotion has done for the product."""
    promoted = known.promoted
    place, listed = find(promoted.key, past.store[example] * catalogue.size + product)
    displayed = promoted.displayed[place] & listed if len(promoted.key) else listed
    mailer = promoted.mailer[place] * listed if len(promoted.key) else listed * 0
    values = promoted.values[product]
    now = values[:, 0]
    n_types = len(promoted.by_type)
    own_types = past.product.key // catalogue.size * n_types
    own_products = past.product.key % catalogue.size
    own_now = np.bincount(  # the mailer shares of all that the user buys, by type
        own_types + catalogue.type[own_products],
        promoted.values[own_products, 0],
        len(past.user) * n_types,
    )
    kind = catalogue.type[product]
    features = [
        displayed,
        mailer == 1,
        mailer == 2,
        *values.T,
        values[:, 2] * now,
        now * known.statistics.values[product, 10],
        now * past.deal[example],
        own_now[example * n_types + kind] - now * bought,
        np.log1p(promoted.by_type[kind]),
    ]
    return np.stack(features, 1).astype(np.float32)
