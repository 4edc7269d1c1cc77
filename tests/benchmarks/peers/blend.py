"""A model's scores blended with a user's own decayed purchases.

Models of likeness between users or products say what belongs into a basket; next week's basket is
mostly what the user bought before. ALS, EASE and SASRec therefore get the same help: the score is
`own + weight * model`, with the weight tuned on the held-out week, and nothing is filtered.
"""

from collections.abc import Callable, Sequence

import numpy as np
from contract import Ints, Purchases, Scores, best_of
from numpy.typing import NDArray

ALONE = 1e4  # a weight at which the model is alone
PAST_PLACES = 2  # candidates of each side, as a multiple of the places to fill


def own_scores(purchases: Purchases, day: float, half_life_days: float, users: Ints) -> Scores:
    """Decayed purchases of some users over all products; popularity orders the rest."""
    own = purchases.decayed(day, half_life_days)[users].toarray()
    return own + np.float32(1e-6) * purchases.popularity()


def blends(
    own: NDArray[np.float32], model: NDArray[np.float32], weights: Sequence[float], places: int
) -> dict[float, Ints]:
    """The best products of each row by weight: of the best of either side, not of all products."""
    wide = PAST_PLACES * places
    found = np.concatenate([best_of(own, wide), best_of(model, wide)], axis=1)
    found.sort(axis=1)
    twice = np.zeros(found.shape, bool)
    twice[:, 1:] = found[:, 1:] == found[:, :-1]
    ours = np.take_along_axis(own, found, axis=1).astype(np.float64)
    ours[twice] = -np.inf
    theirs = np.take_along_axis(model, found, axis=1)
    return {
        weight: np.take_along_axis(found, best_of(ours + weight * theirs, places), axis=1)
        for weight in weights
    }


def blended(
    own: Callable[[Ints], Scores],
    model: Callable[[Ints], Scores],
    users: Ints,
    weights: Sequence[float],
    places: int,
) -> dict[float, Ints]:
    """``blends`` for many users, whose rows over all products are made a few at a time."""
    parts = [
        blends(own(some), model(some), weights, places)
        for some in np.array_split(users, max(1, len(users) // 256))
    ]
    return {weight: np.concatenate([part[weight] for part in parts]) for weight in weights}
