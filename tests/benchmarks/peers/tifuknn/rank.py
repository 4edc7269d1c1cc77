"""TIFU-KNN: "Modeling Personalized Item Frequency Information for Next-basket Recommendation"
(Hu, He, Gao, Zhang; SIGIR 2020).

A user's baskets, oldest first, are cut into groups of `group_size`, counted from the newest. A
basket weighs `within_decay` to the power of its place from its group's end, and a group
`group_decay` to the power of its place from the end; a group's vector is the mean of its weighed
baskets, a user's vector the mean of the weighed groups (equation 3). The prediction is
`alpha u + (1 - alpha) mean(vectors of the k users nearest to u, Euclidean)` (equations 4 and 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from blend import blended
from contract import PLACES, Floats, Ints, Job, Purchases, Scores, Truth
from numpy.typing import NDArray
from scipy import sparse
from tuning import argmax, coordinate_search

GRID = {
    "group_decay": (0.6, 0.7, 0.9),
    "group_size": (3, 12, 20),
    "within_decay": (0.9, 0.98, 1.0),
    "neighbours": (100, 900),
}
ALPHAS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Choice:
    """What is tuned; ``alpha`` is tuned for each of these."""

    group_size: int = 7
    within_decay: float = 0.95
    group_decay: float = 0.8
    neighbours: int = 300


def vectors(purchases: Purchases, choice: Choice) -> sparse.csr_matrix:
    """Every user's personalised item frequency: users by products."""
    lines = _one_a_basket_and_product(purchases)
    basket, count = _baskets(lines)
    place = (count[lines.user] - 1) - basket  # from the newest
    group = place // choice.group_size
    oldest = (count[lines.user] - 1) // choice.group_size
    leftover = count[lines.user] - oldest * choice.group_size
    size = np.where(group == oldest, leftover, choice.group_size)
    weight = choice.within_decay ** (place % choice.group_size) / size
    return lines.matrix(weight * choice.group_decay**group / (oldest + 1))


def _one_a_basket_and_product(purchases: Purchases) -> Purchases:
    keys = purchases.session * len(purchases.products) + purchases.product
    return purchases.where(np.sort(np.unique(keys, return_index=True)[1]))


def _baskets(lines: Purchases) -> tuple[Ints, Ints]:
    """The place of each line's basket among its user's, by time; and how many each user has."""
    _, session = np.unique(lines.session, return_inverse=True)
    began = np.full(session.max() + 1, np.inf)
    np.minimum.at(began, session, lines.day)
    owner = np.zeros(len(began), np.int64)
    owner[session] = lines.user
    order = np.lexsort((began, owner))
    count = np.bincount(owner, minlength=len(lines.users))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    return place[session], count


def nearest(of: sparse.csr_matrix, users: Ints, neighbours: int) -> sparse.csr_matrix:
    """Users by all users: one over ``neighbours`` for each of the nearest, oneself left out."""
    products = (of[users] @ of.T).toarray()
    squares: Floats = np.asarray(of.multiply(of).sum(axis=1)).ravel()
    distances: NDArray[np.float64] = squares[np.newaxis] - 2 * products  # |u|^2 orders nothing
    distances[np.arange(len(users)), users] = np.inf
    found = np.argpartition(distances, neighbours, axis=1)[:, :neighbours]
    rows = np.repeat(np.arange(len(users)), neighbours)
    shares = np.full(found.size, 1 / neighbours, np.float32)
    return sparse.csr_matrix((shares, (rows, found.ravel())), shape=products.shape)


def rank(
    purchases: Purchases, choice: Choice, users: Ints, alphas: Sequence[float], places: int
) -> dict[float, Ints]:
    """The best products of each user by alpha."""
    of = vectors(purchases, choice)
    popularity = np.float32(1e-9) * purchases.popularity()

    def own(some: Ints) -> Scores:
        return of[some].toarray() + popularity

    def neighbourhood(some: Ints) -> Scores:
        return (nearest(of, some, choice.neighbours) @ of).toarray()

    weights = [(1 - alpha) / alpha for alpha in alphas]
    ranked = blended(own, neighbourhood, users, weights, places)
    return {alpha: ranked[weight] for alpha, weight in zip(alphas, weights, strict=True)}


def tune(known: Purchases, truth: Truth) -> dict[tuple[Choice, float], float]:
    """Everything tried on the held-out week, and its ndcg@10."""

    def measure(choice: Choice) -> Mapping[float, float]:
        ranked = rank(known, choice, truth.queries, ALPHAS, 10)
        return {alpha: truth.ndcg(products) for alpha, products in ranked.items()}

    return coordinate_search(Choice(), GRID, measure)


def main() -> None:
    """Tunes on the last week, then ranks by everything."""
    job = Job("TIFU-KNN: personalised item frequencies and those of the nearest users.")
    shop = job.shop
    with job.timed("tune"):
        found = tune(*shop.held_out())
        choice, alpha = argmax(found)
    with job.timed("rank"):  # there is nothing to fit
        ranked = rank(shop.purchases, choice, shop.queries, (alpha,), PLACES)
    best = {"alpha": alpha, "validation_ndcg@10": found[choice, alpha]}
    job.write(ranked[alpha], asdict(choice) | best)


if __name__ == "__main__":
    main()
