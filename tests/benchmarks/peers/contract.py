"""What every peer shares: its command line, the shop's purchases as arrays, and the run it writes.

`python rank.py --data DIR --cut 2017-10-02 --out run.parquet --seed 0` reads `purchases.parquet`,
`products.parquet` and `queries.parquet` in DIR (all of it known before the cut), writes the best
100 products of each query to `run.parquet`, and its times and chosen settings to `run.json`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

VALIDATION_DAYS = 7
PLACES = 100

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

_DISCOUNTS = 1 / np.log2(np.arange(2, 12))


@dataclass(frozen=True)
class Purchases:
    """Purchased lines, ordered by user and time: codes into ``users`` and ``products``."""

    users: NDArray[Any]  # identifiers
    products: NDArray[Any]  # identifiers, ascending: a smaller code wins a tie
    user: Ints
    product: Ints
    session: Ints
    store: Ints
    day: Floats  # since 1970-01-01
    quantity: Floats

    def where(self, kept: NDArray[Any]) -> "Purchases":
        """The lines that a mask or an index keeps."""
        columns = ("user", "product", "session", "store", "day", "quantity")
        return replace(self, **{name: getattr(self, name)[kept] for name in columns})

    @property
    def shape(self) -> tuple[int, int]:
        """How many users and products have a code."""
        return len(self.users), len(self.products)

    def matrix(self, weights: NDArray[Any]) -> sparse.csr_matrix:
        """Users by products: the sum of the lines' weights."""
        return sparse.csr_matrix(
            (weights.astype(np.float32), (self.user, self.product)), shape=self.shape
        )

    def decayed(self, day: float, half_life_days: float) -> sparse.csr_matrix:
        """Users by products: purchases, one counting half after ``half_life_days``."""
        return self.matrix(np.exp2((self.day - day) / half_life_days))

    def popularity(self) -> Scores:
        """The share of each product in all purchases."""
        counts = np.bincount(self.product, minlength=len(self.products))
        return (counts / max(len(self.product), 1)).astype(np.float32)


@dataclass(frozen=True)
class Truth:
    """What users with a history bought in the week after a day."""

    queries: Ints  # user codes
    bought: sparse.csr_matrix  # queries by products, 0 or 1

    def ndcg(self, best: Ints) -> float:
        """ndcg@10, linear in gain, of [queries, at least 10] product codes, best first."""
        rows = np.arange(len(best))[:, np.newaxis]
        gains = np.asarray(self.bought[rows, best[:, :10]].todense())
        ideal = np.cumsum(_DISCOUNTS)[np.minimum(self.bought.getnnz(axis=1), 10) - 1]
        return float((gains @ _DISCOUNTS / ideal).mean())


@dataclass(frozen=True)
class Shop:
    """What a peer may know, and whom it is asked for."""

    purchases: Purchases
    queries: Ints  # user codes
    cut: float  # the day ranked for
    data: Path

    def held_out(self) -> tuple[Purchases, Truth]:
        """The purchases before the last week, and that week as the truth to tune by."""
        old = self.purchases.day < self.cut - VALIDATION_DAYS
        known, week = self.purchases.where(old), self.purchases.where(~old)
        kept = week.where(np.isin(week.user, known.user))
        queries = np.unique(kept.user)
        bought = kept.matrix(np.ones(len(kept.user)))[queries]
        bought.data[:] = 1
        return known, Truth(queries, bought)


class Job:
    """One run of a peer: its arguments, its times, and where its answer goes."""

    def __init__(self, description: str) -> None:
        """Reads the command line."""
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
        parser.add_argument("--cut", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--out", type=Path, required=True, help="the run to write, .parquet")
        parser.add_argument("--seed", type=int, default=0)
        arguments = parser.parse_args()
        self.seed: int = arguments.seed
        self.shop = _shop(arguments.data, arguments.cut)
        self._out: Path = arguments.out
        self._seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the seconds that the block takes to a step: tune, fit or rank."""
        started = time.perf_counter()
        yield
        self._seconds[step] = self._seconds.get(step, 0) + time.perf_counter() - started

    def write(self, best: Ints, settings: Mapping[str, Any]) -> None:
        """Writes [queries, places] product codes, best first; a negative code is no product."""
        shop = self.shop
        places = best.shape[1]
        kept = best.ravel() >= 0
        queries = shop.purchases.users[np.repeat(shop.queries, places)[kept]]
        scores = np.tile(np.arange(places, 0, -1, dtype=np.float64), len(best))[kept]
        run = {
            "query_id": pa.array(queries, pa.string()),
            "product_id": pa.array(shop.purchases.products[best.ravel()[kept]], pa.string()),
            "score": pa.array(scores),
        }
        pq.write_table(pa.table(run), self._out)
        report = {"seconds": self._seconds, "settings": dict(settings)}
        self._out.with_suffix(".json").write_text(json.dumps(report), encoding="utf-8")


def best_of(scores: NDArray[Any], places: int = PLACES) -> Ints:
    """The columns with the greatest scores of each row, best first, ties to the smaller."""
    found = np.sort(np.argpartition(-scores, places, axis=1)[:, :places], axis=1)
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def _shop(data: Path, cut: date) -> Shop:
    lines = pq.read_table(data / "purchases.parquet")
    order = np.lexsort((_days(lines["occurred_at"]), _codes(lines["user_id"])[1]))
    users, user = _codes(lines["user_id"])
    products, product = _codes(lines["product_id"])
    purchases = Purchases(
        users=users,
        products=products,
        user=user,
        product=product,
        session=_codes(lines["session_id"])[1],
        store=_codes(lines["store_id"])[1],
        day=_days(lines["occurred_at"]),
        quantity=np.nan_to_num(lines["quantity"].to_numpy().astype(np.float64), nan=1),
    ).where(order)
    asked = pq.read_table(data / "queries.parquet")["query_id"].to_numpy().astype(str)
    queries = np.searchsorted(users, asked)
    return Shop(purchases, queries, float((cut - date(1970, 1, 1)).days), data)


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[Any], Ints]:
    """The distinct values, ascending, and the place of each row's among them."""
    encoded = column.fill_null("").combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_numpy(zero_copy_only=False).astype(str)
    order = np.argsort(values)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return values[order], rank[encoded.indices.to_numpy()]


def _days(column: pa.ChunkedArray) -> Floats:
    return column.cast(pa.int64()).to_numpy() / 86_400e6
