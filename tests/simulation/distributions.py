"""Days whose distributions are drawn: each weekday has its own, and each day is off it by chance.

What nights find of them is told twice: as the warehouse does, and by numpy alone, which takes a
fraction of the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon

from warehouse.connection import Connection, declare_tables
from warehouse.drift import measure_drift
from warehouse.drift_tests import Distances, beyond, drifted, p_values, q_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Counts = Mapping[str, NDArray[np.int64]]

Floats = NDArray[np.float64]

SCENARIO = "search"
START = date(2024, 1, 1)
_ORDERED = ("query_words", "hour", "price", "paid_price", "quantity")
_WINDOW, _WEEKS = 56, 4


def normal(rng: np.random.Generator, n: int) -> Floats:
    return rng.standard_normal(n)


def heavy_tailed(rng: np.random.Generator, n: int) -> Floats:
    """One day in fifty is four times as far off as others."""
    return rng.standard_normal(n) * (4 if rng.random() < 0.02 else 1)


@dataclass(frozen=True)
class History:
    """Subjects of all models, whose shares of a day are a softmax of logits.

    Logits are the subject's own (spread 1), plus the weekday's (``weekday``), plus the day's
    (``daily``, drawn by ``noise``; ``memory`` is the correlation with the day before).
    """

    seed: int = 0
    n_bins: Mapping[str, int] = field(
        default_factory=lambda: {
            **{"query_frequency": 3, "query_words": 8, "query_script": 5, "store": 40},
            **{"country": 12, "device": 3, "hour": 24, "price": 300, "brand": 200},
            **{"category": 25, "place": 4, "event_type": 4, "paid_price": 120, "quantity": 6},
        }
    )
    requests: int = 20_000
    weekday: float = 0.2
    daily: float = 0.05
    memory: float = 0.0
    volume: float = 0.1  # spread of the logarithm of a day's requests
    noise: Callable[[np.random.Generator, int], Floats] = normal
    change: Callable[[int, str], Floats | float] = lambda *_: 0.0  # of a day's logits

    @cached_property
    def worth(self) -> Mapping[str, Floats]:
        """What a bin's requests are worth."""
        rng = np.random.default_rng([self.seed, 2])
        return {name: np.exp(0.5 * rng.standard_normal(n)) for name, n in self.n_bins.items()}

    def days(self, n: int) -> Iterator[Counts]:
        """What is counted of so many days."""
        rng = np.random.default_rng([self.seed, 1])
        own = {name: rng.standard_normal(k) for name, k in self.n_bins.items()}
        weekdays = {
            name: self.weekday * rng.standard_normal((7, k)) for name, k in self.n_bins.items()
        }
        off = {name: self.noise(rng, k) for name, k in self.n_bins.items()}
        for number in range(n):
            requests = round(self.requests * np.exp(self.volume * rng.standard_normal()))
            counts = {}
            for name, k in self.n_bins.items():
                kept = self.memory * off[name]
                off[name] = kept + np.sqrt(1 - self.memory**2) * self.noise(rng, k)
                logits = own[name] + weekdays[name][number % 7] + self.daily * off[name]
                shares = np.exp(logits + self.change(number, name))
                counts[name] = rng.multinomial(requests, shares / shares.sum())
            yield counts


def measure(connection: Connection, history: History, n: int) -> None:
    """So many nights in the warehouse."""
    for number, counts in enumerate(history.days(n)):
        for subject, n_of in counts.items():
            connection.register("drawn", _table(number, subject, n_of, history.worth[subject]))
            connection.execute("insert into drift_partials by name from drawn where n > 0")
            connection.unregister("drawn")
        measure_drift(connection, SCENARIO, START + timedelta(days=number))


def warehouse() -> Connection:
    """An empty one, in memory."""
    connection = duckdb.connect(config={"threads": 1})
    declare_tables(connection)
    return connection


def _table(number: int, subject: str, n: NDArray[np.int64], worth: Floats) -> pa.Table:
    ordered = subject in _ORDERED
    bins = [8128 + each if ordered else None for each in range(len(n))]
    values = [None if ordered else f"v{each}" for each in range(len(n))]
    alike = {
        "scenario": SCENARIO,
        "served_date": START + timedelta(days=number),
        "model_tag": "",
        "subject": subject,
    }
    return pa.table(
        {name: pa.repeat(of, len(n)) for name, of in alike.items()}
        | {"bin": pa.array(bins, pa.int16()), "value": pa.array(values, pa.string())}
        | {"n": n, "gain": n * worth}
    )


@dataclass
class Nights:
    """What numpy finds, night by night: a column a subject."""

    history: History
    p_values: list[Floats] = field(default_factory=list)
    q_values: list[Floats] = field(default_factory=list)
    drifted: list[NDArray[np.bool_]] = field(default_factory=list)
    _found: list[Floats] = field(default_factory=list)

    def go_through(self, n: int) -> Nights:
        """So many nights."""
        days: list[Counts] = []
        for number, counts in enumerate(self.history.days(n)):
            self._night(number, counts, days)
            days = [*days, counts][-7 * _WEEKS :]
        return self

    def _night(self, number: int, counts: Counts, days: list[Counts]) -> None:
        found = np.array(
            [
                self._distance(number, subject, name, counts[name], days)
                for subject, name in enumerate(counts)
            ]
        )
        distances = Distances(np.arange(len(counts)), *found.T)
        earlier = self._earlier(number)
        p = p_values(distances, earlier)
        self.p_values.append(p)
        self.q_values.append(q_values(p))
        none = np.zeros(len(p))
        has = drifted(self.q_values[-1], beyond(distances, earlier), none)
        self.drifted.append(has)
        self._found.append(found)

    def _distance(
        self, number: int, subject: int, name: str, n: NDArray[np.int64], days: list[Counts]
    ) -> tuple[float, ...]:
        ago = [7 * week for week in range(1, _WEEKS + 1) if 7 * week <= len(days)]
        kept = _kept(np.array([self.drifted[number - each][subject] for each in ago], bool))
        ago = [each for each, keeps in zip(ago, kept, strict=True) if keeps]
        if not ago:
            return np.nan, np.nan, n.sum(), np.nan, number % 7
        then = np.sum([days[-each][name] for each in ago], axis=0)
        p, q = n / n.sum(), then / then.sum()
        ks = np.abs(np.cumsum(p - q)).max() if name in _ORDERED else np.nan
        return jensenshannon(p, q, base=2), ks, n.sum(), len(ago), number % 7

    def _earlier(self, number: int) -> Distances:
        window = slice(max(number - _WINDOW, 0), number)
        if not number:
            return Distances(np.zeros(0, np.int64), *np.zeros((5, 0)))
        found = np.stack(self._found[window])  # [W, N, 5]
        known = ~np.isnan(found[:, :, 0])
        has = np.stack(self.drifted[window]) & known
        kept = known & ~has
        for weekday in range(7):
            of = found[:, 0, 4] == weekday
            kept[of] |= known[of] & (4 * has[of].sum(axis=0) >= known[of].sum(axis=0))
        return Distances(np.nonzero(kept)[1], *found[kept].T)


def _kept(has_drifted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All, where at least half of the days drifted."""
    if 2 * has_drifted.sum() >= len(has_drifted):
        return np.ones(len(has_drifted), bool)
    return ~has_drifted
