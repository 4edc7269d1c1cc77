"""EASE through its users: "Embarrassingly Shallow Autoencoders for Sparse Data" (Steck 2019).

EASE is the item-item matrix B with a zero diagonal that minimises |X - XB|^2 + lambda |B|^2; with
P = (X'X + lambda I)^-1 it is B_ij = -P_ij / P_jj. There are far more items than users here, so
the inverse is taken over users (Woodbury): with K = (XX' + lambda I)^-1,

    XP = K X,    P_jj = (1 - x_j' K x_j) / lambda,    XB = X - K X / P_jj (per column),

which is exact and needs no item-item matrix. XB says what the other purchases of a user suggest;
a zero diagonal means that a purchase can't speak for its own repetition, which next-week grocery
lists consist of. So the user's own decayed purchases are added: score = X + weight XB, with the
weight tuned (see `blend`). What was bought before is never filtered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from blend import ALONE, blended, own_scores
from contract import PLACES, VALIDATION_DAYS, Ints, Job, Purchases, Scores, Truth
from numpy.typing import NDArray
from scipy import linalg, sparse
from tuning import argmax, coordinate_search

GRID = {
    "power": (0.5,),
    "half_life_days": (45, 60, 120),
    "regularization": (100.0, 1000.0, 3000.0),
}
WEIGHTS = (0.0, 0.2, 0.4, 0.8, 1.2, 1.6, 2.4, 3.2, 6.4, ALONE)


@dataclass(frozen=True)
class Choice:
    """What is tuned."""

    half_life_days: int = 90
    power: float = 1.0  # of the decayed purchases that EASE is fitted to
    regularization: float = 300.0


class Ease:
    """A fitted EASE: what it suggests to the users it was fitted on."""

    def __init__(self, purchases: Purchases, day: float, choice: Choice) -> None:
        """Fits; takes one inverse of users by users and one product with the purchases."""
        self._fitted = purchases.decayed(day, choice.half_life_days).power(choice.power).tocsr()
        gram = (self._fitted @ self._fitted.T).toarray().astype(np.float64)
        gram[np.diag_indices_from(gram)] += choice.regularization
        inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
        self._inverse = np.ascontiguousarray(inverse, np.float32)
        self._diagonal = _diagonal(self._fitted, self._inverse) / choice.regularization

    def suggestions(self, users: Ints) -> Scores:
        """XB for some users, [users, products]."""
        projected = (self._fitted.T @ self._inverse[users].T).T
        projected /= -self._diagonal
        projected += self._fitted[users].toarray()
        return projected


def _diagonal(x: sparse.csr_matrix, inverse: NDArray[np.float32]) -> Scores:
    """1 - x_j' K x_j for each product, a few at a time."""
    columns = x.tocsc()
    found = np.empty(x.shape[1], np.float32)
    for start in range(0, x.shape[1], 8192):
        part = columns[:, start : start + 8192]
        projected = (part.T @ inverse).T
        found[start : start + 8192] = 1 - np.asarray(part.multiply(projected).sum(axis=0)).ravel()
    return found


def rank(
    purchases: Purchases,
    day: float,
    choice: Choice,
    users: Ints,
    weights: Sequence[float],
    places: int,
) -> dict[float, Ints]:
    """Fits, and returns the best products of each user by weight of the suggestions."""
    model = Ease(purchases, day, choice)

    def own(some: Ints) -> Scores:
        return own_scores(purchases, day, choice.half_life_days, some)

    return blended(own, model.suggestions, users, weights, places)


def tune(known: Purchases, truth: Truth, day: float) -> dict[tuple[Choice, float], float]:
    """Everything tried on the held-out week, and its ndcg@10."""

    def measure(choice: Choice) -> Mapping[float, float]:
        ranked = rank(known, day, choice, truth.queries, WEIGHTS, 10)
        return {weight: truth.ndcg(products) for weight, products in ranked.items()}

    return coordinate_search(Choice(), GRID, measure)


def main() -> None:
    """Tunes on the last week, fits on everything, ranks."""
    job = Job("EASE over decayed purchases, blended with the user's own.")
    shop = job.shop
    with job.timed("tune"):
        known, truth = shop.held_out()
        found = tune(known, truth, shop.cut - VALIDATION_DAYS)
        choice, weight = argmax(found)
    with job.timed("rank"):  # a fit is one inverse: it isn't worth a time of its own
        ranked = rank(shop.purchases, shop.cut, choice, shop.queries, (weight,), PLACES)
    alone = max(value for (_, tried), value in found.items() if tried == ALONE)
    values = {"validation_ndcg@10": found[choice, weight], "validation_alone": alone}
    job.write(ranked[weight], asdict(choice) | {"weight": weight} | values)


if __name__ == "__main__":
    main()
