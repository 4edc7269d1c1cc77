"""Gradient-boosted trees on repeat features, with LightGBM (Ke et al. 2017).

The candidates of a user are what they bought before and what is popular (`features`); the label of
a past week is whether they bought it. Objective, number of weeks and rounds are tuned on the last
week before the cut, the trees then grown again with that week among the examples.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product

import lightgbm as lgb
import numpy as np
from contract import PLACES, Floats, Ints, Job, Truth
from features import Examples, Features
from tuning import argmax

WEEKS = (6, 10)  # before the one tuned on: more examples against older habits
ROUNDS = (40, 60, 80, 110)
OBJECTIVES = (("binary",), ("lambdarank",), ("binary", "lambdarank"))  # a pair is averaged
THREADS = 2
SHARED = {
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.3,
    "force_col_wise": True,
    "lambda_l2": 50,
    "lambdarank_truncation_level": 20,
    "learning_rate": 0.1,
    "max_bin": 127,
    "min_data_in_leaf": 1000,
    "num_leaves": 31,
    "num_threads": THREADS,
    "verbose": -1,
}


@dataclass(frozen=True)
class Choice:
    """What is tuned."""

    objectives: tuple[str, ...]
    weeks: int
    rounds: int


@dataclass(frozen=True)
class Week:
    """The candidates of the users who bought in the week after a moment, and what they bought."""

    examples: Examples
    label: Floats


def week(features: Features, moment: float) -> Week:
    """A week of users who bought, each with something among their candidates to learn from."""
    examples = features.at(moment, features.buyers(moment))
    label = features.labels(moment, examples)
    kept = np.isin(examples.user, examples.user[label])
    return Week(
        Examples(examples.user[kept], examples.product[kept], examples.features[kept]),
        label[kept].astype(np.float64),
    )


def dataset(weeks: Sequence[Week], seed: int) -> lgb.Dataset:
    """Examples of several weeks, a group a user and week."""
    groups = [np.unique(some.examples.user, return_counts=True)[1] for some in weeks]
    return lgb.Dataset(
        np.concatenate([some.examples.features for some in weeks]),
        np.concatenate([some.label for some in weeks]),
        group=np.concatenate(groups),
        params=SHARED | {"seed": seed},
        free_raw_data=True,
    ).construct()


def fit(data: lgb.Dataset, objective: str, rounds: int, seed: int) -> lgb.Booster:
    """Grows the trees."""
    return lgb.train(SHARED | {"objective": objective, "seed": seed}, data, rounds)


def scores(trees: Sequence[lgb.Booster], examples: Examples, rounds: int) -> Floats:
    """The mean of the models' scores, brought to one scale."""
    raw = [
        some.predict(examples.features, num_iteration=rounds, raw_score=True, num_threads=THREADS)
        for some in trees
    ]
    return np.mean([score / score.std() for score in raw], axis=0)


def ranked(examples: Examples, score: Floats, users: Ints, places: int) -> Ints:
    """[users, places] products, best first; -1 where a user has fewer candidates."""
    order = np.lexsort((examples.product, -score, examples.user))
    row = np.searchsorted(users, examples.user[order])
    place = np.arange(len(order)) - np.searchsorted(row, row)
    kept = place < places
    found = np.full((len(users), places), -1)
    found[row[kept], place[kept]] = examples.product[order[kept]]
    return found


def tune(weeks: Sequence[Week], held_out: Examples, truth: Truth, seed: int) -> dict[Choice, float]:
    """Everything tried on the held-out week, and its ndcg@10."""
    found = {}
    for count in WEEKS:
        data = dataset(weeks[:count], seed)
        trees = {(name,): [fit(data, name, max(ROUNDS), seed)] for (name,) in OBJECTIVES[:2]}
        trees |= {OBJECTIVES[2]: [*trees[OBJECTIVES[0]], *trees[OBJECTIVES[1]]]}
        for objectives, rounds in product(OBJECTIVES, ROUNDS):
            score = scores(trees[objectives], held_out, rounds)
            best = ranked(held_out, score, truth.queries, 10)
            found[Choice(objectives, count, rounds)] = truth.ndcg(best)
    return found


def main() -> None:
    """Tunes on the last week, fits on everything, ranks."""
    job = Job("LightGBM on repeat features.")
    shop = job.shop
    with job.timed("tune"):
        features = Features(shop)
        weeks = [week(features, -7.0 * back) for back in range(2, max(WEEKS) + 2)]
        _, truth = shop.held_out()
        found = tune(weeks, features.at(-7, truth.queries), truth, job.seed)
        choice = argmax(found)
    with job.timed("fit"):
        data = dataset([week(features, -7), *weeks[: choice.weeks - 1]], job.seed)
        trees = [fit(data, name, choice.rounds, job.seed) for name in choice.objectives]
    with job.timed("rank"):
        users = np.unique(shop.queries)
        examples = features.at(0, users)
        best = ranked(examples, scores(trees, examples, choice.rounds), users, PLACES)
    settings = asdict(choice) | {"validation_ndcg@10": found[choice]}
    job.write(best[np.searchsorted(users, shop.queries)], settings)


if __name__ == "__main__":
    main()
