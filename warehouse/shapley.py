"""Shapley values: what each of several things that changed together has to do with what came of it.

Of all orders in which they could have changed one after another, the mean of what each one's
change added (Shapley 1953, A value for n-person games). The parts add up to the whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from warehouse.intervals import Values

EXACT_UP_TO = 8  # players: 256 coalitions
ORDERS = 1000  # that are drawn where there are more, each also backwards

Coalitions = NDArray[np.bool_]  # [coalitions, players]: who has changed
Worth = Callable[[Coalitions], Values]  # what comes of each


@dataclass(frozen=True)
class Parts:
    """What is each player's, and how far off that is at most with 95%: 0 where it is exact."""

    values: Values  # [players]
    bounds: Values


def shapley(worth: Worth, players: int, seed: int = 20241114) -> Parts:
    """Of ``worth``, exactly for up to `EXACT_UP_TO` players, otherwise from orders that are drawn.

    Each order is taken backwards as well (Mitchell et al. 2022, Sampling permutations for Shapley
    value estimation, 4.1). What the parts of one order add up to is the whole, so theirs do.
    """
    return _exact(worth, players) if players <= EXACT_UP_TO else _sampled(worth, players, seed)


def _exact(worth: Worth, players: int) -> Parts:
    numbers = np.arange(2**players)
    coalitions = (numbers[:, np.newaxis] >> np.arange(players)) % 2 == 1
    found, sizes = worth(coalitions), coalitions.sum(axis=1)
    orders = [factorial(k) * factorial(players - 1 - k) for k in range(players)]
    shares = np.array(orders) / factorial(players)
    values = np.empty(players)
    for player in range(players):
        without = ~coalitions[:, player]
        added = found[numbers[without] + 2**player] - found[without]
        values[player] = shares[sizes[without]] @ added
    return Parts(values, np.zeros(players))


def _sampled(worth: Worth, players: int, seed: int) -> Parts:
    rng = np.random.default_rng(seed)
    forwards = rng.permuted(np.tile(np.arange(players), (ORDERS, 1)), axis=1)
    of_orders = np.stack([_added(worth, orders) for orders in (forwards, forwards[:, ::-1])])
    pairs = of_orders.mean(axis=0)
    errors = pairs.std(axis=0, ddof=1) / np.sqrt(ORDERS)
    return Parts(pairs.mean(axis=0), float(t.ppf(0.975, ORDERS - 1)) * errors)


def _added(worth: Worth, orders: NDArray[np.int64]) -> Values:
    """[orders, players]: what each player's change adds to those before it in the order."""
    n, players = orders.shape
    added, rows = np.empty((n, players)), np.arange(n)
    changed = np.zeros((n, players), bool)
    before = worth(changed)
    for place in range(players):
        changed[rows, orders[:, place]] = True
        after = worth(changed)
        added[rows, orders[:, place]] = after - before
        before = after
    return added
