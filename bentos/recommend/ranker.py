"""Ranks the catalogue for a query: the one way a score comes about, online, offline, from a log."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from bentos.cores import a_core_each
from bentos.encoders.choice import UNTRIED
from bentos.recommend.best import best, best_of_each
from bentos.recommend.features import candidate_features
from bentos.recommend.histories import BASKETS, MONTHS, Histories, histories
from bentos.recommend.model import BasketModel, Baskets, Codes
from bentos.recommend.recent import purchases_of
from bentos.recommend.shop import Ints, days, shop_of
from bentos.recommend.statistics import Statistician
from bentos.recommend.store import Recommender
from bentos.scenario import RUN_SCHEMA
from bentos.serving.reading import Reading, at_once
from bentos.serving.record import POOL_SIZE, LoggedCandidate, LoggedEvent, PredictionRecord
from bentos.serving.state import OnlineState

_BATCH = 64  # queries ranked at once offline
_TOKENS = 128  # of text, whose reading would cost about as much as asking the models for a user
_INTEREST = ("click", "add_to_cart")  # events that count as products of the visit
STRANGER = ""  # a user nobody knows


@dataclass(frozen=True)
class Query:
    """A request as the model sees it: all of its products are in the catalogue."""

    user_id: str
    occurred_at: datetime
    session: tuple[str, ...] = ()  # of this visit, oldest first: they are context, not candidates
    exclude: frozenset[str] = frozenset()
    recent: tuple[LoggedEvent, ...] = ()  # feedback that the state does not hold yet

    @classmethod
    def of_record(cls, record: PredictionRecord) -> "Query":
        """The query that a log line answered."""
        return cls(
            record.user_id,
            record.occurred_at,
            tuple(record.session),
            frozenset(record.exclude),
            tuple(record.recent),
        )


@dataclass(frozen=True)
class Ranked:
    """The best of the catalogue for a query, best first, and what it took in milliseconds."""

    pool: list[tuple[str, float]]
    n_scored: int
    degraded: bool  # there was no time for the models: what users buy is ranked by how often
    features_ms: float
    score_ms: float

    @property
    def candidates(self) -> list[LoggedCandidate]:
        """The pool as the log holds it."""
        return [
            LoggedCandidate(product, rank, score, propensity=1.0)
            for rank, (product, score) in enumerate(self.pool, start=1)
        ]


@dataclass(frozen=True)
class Shopper:
    """A request as the models take it."""

    basket_product: Ints  # rows of the catalogue …
    basket_slot: Ints  # … and in which of the newest baskets; the last one is the session
    basket_age: NDArray[np.float32]  # [BASKETS]
    product: Ints  # [N] candidates whose features are read
    features: NDArray[np.float32]  # [N, F]


@dataclass(frozen=True)
class _Member:
    """A model, and every product as it sees it."""

    model: BasketModel
    vectors: Tensor  # [P, D]
    biases: Tensor  # [P]

    @classmethod
    @torch.inference_mode()
    def of(cls, model: BasketModel, texts: Tensor, codes: Codes, statistics: Tensor) -> "_Member":
        vectors = model.vectors(texts, codes)
        return cls(model, vectors, model.biases(codes.product, statistics))

    def scores(
        self, baskets: Baskets, example: Tensor, product: Tensor, features: Tensor
    ) -> Tensor:
        """[B, P]; the candidates, pairs of an example and a product, are refined by [N, F]."""
        user = self.model.users(baskets, self.vectors)
        scores = self.model.match(user, self.vectors) + self.biases
        added = self.model.refinement(
            user[example], self.vectors[product][:, None], features[:, None]
        )
        scores[example, product] += added[:, 0]
        return scores


class RecommendRanker:
    """A recommender over one online state."""

    choice = UNTRIED  # fp32: no other way was tried

    def __init__(self, recommender: Recommender, state: OnlineState, device: str) -> None:
        """Moves the models to the device, and computes every product's vector and bias once."""
        self._device = device
        self._popular = recommender.parameters.popular
        self._shop = shop_of(state)
        shop = self._shop
        self._known = Statistician(
            shop.catalogue, shop.purchases, shop.promotions, len(shop.stores)
        ).know(shop.as_of, weeks_back=0)
        self._products = recommender.read(state, shop.catalogue)
        self._models = [model.to(device) for model in recommender.members]
        self._members: list[_Member] = []
        self.refresh()

    def refresh(self) -> None:
        """Sees the products anew, after the models have learnt."""
        texts, codes = self._products
        statistics = self._tensor(self._known.statistics.values)
        texts, codes = texts.to(self._device), codes.to(self._device)
        self._members = [_Member.of(model, texts, codes, statistics) for model in self._models]

    @classmethod
    def load(cls, folder: Path, state: OnlineState, device: str) -> "RecommendRanker":
        """The recommender in ``folder`` over what ``state`` knows."""
        return cls(Recommender.load(folder), state, device)

    def rank(self, query: Query, reading: Reading = at_once) -> Ranked:
        """The best 100 products; products of the session and excluded ones are left out.

        ``reading`` has the models asked, or has no time for it.
        """
        began = time.perf_counter()
        purchases = purchases_of(self._shop, query.user_id, query.recent)
        moment = np.array([days(query.occurred_at)])
        past = histories(self._shop.catalogue, purchases, np.zeros(1, np.int64), moment)
        session = self._session(query)
        shopper = self._shopper(past, session)
        featured = time.perf_counter()
        found = reading(self, [shopper], [_TOKENS])
        scores = found[0] if len(found) else self._habits(past)
        scores[self._rows(query.exclude)] = -np.inf
        scores[session] = -np.inf
        rows = best(scores, POOL_SIZE)
        done = time.perf_counter()
        return Ranked(
            pool=[
                (self._shop.catalogue.product_id[row].as_py(), float(scores[row])) for row in rows
            ],
            n_scored=int(np.isfinite(scores).sum()),
            degraded=not len(found),
            features_ms=(featured - began) * 1000,
            score_ms=(done - featured) * 1000,
        )

    def read(self, shoppers: Sequence[Shopper], /) -> NDArray[np.float32]:
        """[n, P] the scores of every product for each."""
        place = np.repeat(np.arange(len(shoppers)), [len(s.product) for s in shoppers])
        slots = [n * (BASKETS + 1) + s.basket_slot for n, s in enumerate(shoppers)]
        baskets = self._baskets(
            np.concatenate([s.basket_product for s in shoppers]),
            np.concatenate(slots),
            np.stack([s.basket_age for s in shoppers]),
        )
        product, features = (
            np.concatenate([getattr(s, name) for s in shoppers]) for name in ("product", "features")
        )
        return self._scores(baskets, place, product, features)

    def run(self, queries: Sequence[str], groups: Mapping[str, pa.Array]) -> pa.Table:
        """Ranks for users as of the state's time; see `bentos.scenario.Ranker`."""
        rows_of = {name: self._rows(products.to_pylist()) for name, products in groups.items()}
        known = [query for query in queries if query in self._shop.user_of]
        batches = [known[start : start + _BATCH] for start in range(0, len(known), _BATCH)]
        with a_core_each() as cores:
            parts = [*cores.map(partial(self._run_batch, groups=[*rows_of.values()]), batches)]
        return pa.concat_tables(parts) if parts else RUN_SCHEMA.empty_table()

    def stages(self, queries: Sequence[str]) -> Mapping[str, pa.Table]:  # noqa: ARG002
        """None: the whole catalogue is ranked at once."""
        return {}

    def _run_batch(self, queries: Sequence[str], groups: Sequence[Ints]) -> pa.Table:
        shop = self._shop
        users = np.array([shop.user_of[query] for query in queries])
        past = histories(shop.catalogue, shop.purchases, users, np.full(len(users), shop.as_of))
        example, product, features = self._candidates(past)
        place, slot = np.divmod(past.basket_slot, BASKETS)
        baskets = self._baskets(past.basket_product, place * (BASKETS + 1) + slot, past.basket_age)
        scores = self._scores(baskets, example, product, features)
        bought = past.product.key // shop.catalogue.size
        kept = [
            best_of_each(row, groups, past.product.key[bought == n] % shop.catalogue.size)
            for n, row in enumerate(scores)
        ]
        return pa.table(
            {
                "query_id": np.repeat(queries, [len(rows) for rows in kept]),
                "product_id": shop.catalogue.product_id.take(pa.array(np.concatenate(kept))),
                "score": np.concatenate(
                    [row[rows] for row, rows in zip(scores, kept, strict=True)]
                ).astype(np.float64),
            },
            schema=RUN_SCHEMA,
        )

    def _candidates(self, past: Histories) -> tuple[Ints, Ints, NDArray[np.float32]]:
        """Whose features the members read: what users bought, and the most popular products."""
        shop = self._shop
        size = shop.catalogue.size
        regulars = np.unique(past.product.key // size)
        popular = self._known.statistics.popular[: self._popular]
        key = np.union1d(past.product.key, (regulars[:, None] * size + popular).ravel())
        example, product = key // size, key % size
        return (
            example,
            product,
            candidate_features(shop.catalogue, past, self._known, example, product),
        )

    @torch.inference_mode()
    def _scores(
        self,
        baskets: Baskets,
        example: Ints,
        product: Ints,
        features: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """[B, P]"""
        candidates = [self._tensor(array) for array in (example, product, features)]
        scores = torch.stack([member.scores(baskets, *candidates) for member in self._members])
        found: NDArray[np.float32] = scores.mean(0).cpu().numpy()
        return found

    def _shopper(self, past: Histories, session: Ints) -> Shopper:
        """The only user of ``past``, with the products of this visit."""
        _, product, features = self._candidates(past)
        visit = np.full(len(session), BASKETS)
        return Shopper(
            basket_product=np.concatenate([past.basket_product, session]),
            basket_slot=np.concatenate([past.basket_slot, visit]),
            basket_age=past.basket_age[0],
            product=product,
            features=features,
        )

    def _habits(self, past: Histories) -> NDArray[np.float32]:
        """[P]: what the user buys, the most often first, then what everybody buys."""
        popular = self._known.statistics.popular[: self._popular]
        scores = np.full(self._shop.catalogue.size, -np.inf, np.float32)
        scores[popular] = -np.arange(len(popular))
        scores[past.product.key] = 1 + past.product.decayed[:, MONTHS]
        return scores

    def _baskets(self, product: Ints, slot: Ints, age: NDArray[np.float32]) -> Baskets:
        return Baskets(self._tensor(product), self._tensor(slot), self._tensor(age))

    def _tensor(self, array: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(array).to(self._device)

    def _rows(self, products: Sequence[str] | frozenset[str]) -> Ints:
        row_of = self._shop.catalogue.row_of
        return np.array([row_of[p] for p in products if p in row_of], np.int64)

    def _session(self, query: Query) -> Ints:
        looked_at = [e.product_id for e in query.recent if e.event_type in _INTEREST]
        return self._rows(list(dict.fromkeys([*looked_at, *query.session])))
