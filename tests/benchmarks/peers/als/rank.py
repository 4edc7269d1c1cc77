"""ALS on implicit feedback: "Collaborative Filtering for Implicit Feedback Datasets" (Hu, Koren,
Volinsky 2008), as `implicit` solves it.

Confidence is `alpha` times a user's decayed purchases of a product, so recency counts. Products
bought before are not filtered, and the user's own decayed purchases are blended in (see `blend`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from blend import ALONE, blended, own_scores
from contract import PLACES, VALIDATION_DAYS, Ints, Job, Purchases, Scores, Truth
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits
from tuning import argmax, coordinate_search

GRID = {
    "alpha": (0.1, 1.0),
    "factors": (32, 128),
    "regularization": (0.3, 30.0),
    "half_life_days": (45, 150),
}
ITERATIONS = 10
OWN_HALF_LIVES_DAYS = (60, 90)
WEIGHTS = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0, 5.0, ALONE)
THREADS = 2

Blend = tuple[int, float]  # the half-life of the user's own purchases, the weight of the model


@dataclass(frozen=True)
class Choice:
    """What is tuned of the factorisation."""

    factors: int = 64
    regularization: float = 3.0
    alpha: float = 0.3
    half_life_days: int = 90


def fit(purchases: Purchases, day: float, choice: Choice, seed: int) -> AlternatingLeastSquares:
    """Factors of users and products."""
    with threadpool_limits(1, "blas"):  # the threads of BLAS and those of implicit get in the way
        model = AlternatingLeastSquares(
            factors=choice.factors,
            regularization=choice.regularization,
            alpha=choice.alpha,
            iterations=ITERATIONS,
            num_threads=THREADS,
            random_state=seed,
        )
        model.fit(purchases.decayed(day, choice.half_life_days), show_progress=False)
    return model


def rank(
    model: AlternatingLeastSquares,
    purchases: Purchases,
    day: float,
    half_life_days: float,
    users: Ints,
    weights: Sequence[float],
    places: int,
) -> dict[float, Ints]:
    """The best products of each user by weight of the model."""

    def predicted(some: Ints) -> Scores:
        return model.user_factors[some] @ model.item_factors.T

    def own(some: Ints) -> Scores:
        return own_scores(purchases, day, half_life_days, some)

    return blended(own, predicted, users, weights, places)


def tune(
    known: Purchases, truth: Truth, day: float, seed: int
) -> dict[tuple[Choice, Blend], float]:
    """Everything tried on the held-out week, and its ndcg@10."""

    def measure(choice: Choice) -> Mapping[Blend, float]:
        model = fit(known, day, choice, seed)
        return {
            (half_life, weight): truth.ndcg(products)
            for half_life in OWN_HALF_LIVES_DAYS
            for weight, products in rank(
                model, known, day, half_life, truth.queries, WEIGHTS, 10
            ).items()
        }

    return coordinate_search(Choice(), GRID, measure)


def main() -> None:
    """Tunes on the last week, fits on everything, ranks."""
    job = Job("implicit's ALS over decayed purchases, blended with the user's own.")
    shop = job.shop
    with job.timed("tune"):
        known, truth = shop.held_out()
        found = tune(known, truth, shop.cut - VALIDATION_DAYS, job.seed)
        choice, (half_life, weight) = argmax(found)
    with job.timed("fit"):
        model = fit(shop.purchases, shop.cut, choice, job.seed)
    with job.timed("rank"):
        ranked = rank(model, shop.purchases, shop.cut, half_life, shop.queries, (weight,), PLACES)
    alone = max(value for (_, (_, tried)), value in found.items() if tried == ALONE)
    values = {
        "own_half_life_days": half_life,
        "weight": weight,
        "validation_ndcg@10": found[choice, (half_life, weight)],
        "validation_alone": alone,
    }
    job.write(ranked[weight], asdict(choice) | values)


if __name__ == "__main__":
    main()
