"""SASRec: "Self-Attentive Sequential Recommendation" (Kang and McAuley 2018), as RecTools has it.

RecTools trains on the last `LENGTH` purchases of a user; a year of groceries is much longer, so a
history is cut into several sequences for training, each as if of a user of its own. The order of
lines within a basket means nothing and is shuffled. Products bought before are not filtered, and
the user's own decayed purchases are blended in (see `blend`): the weight of the model is one of
its softmax over its best `REACH` products, times the purchases that the user's own add up to.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import torch
from blend import ALONE, blended, own_scores
from contract import PLACES, VALIDATION_DAYS, Ints, Job, Purchases, Scores, Truth
from pytorch_lightning import Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from tuning import argmax

LENGTH = 100
REACH = 300
PARTS = 3  # sequences of a user: the last 300 purchases
PRODUCTS = 3000  # the most bought get an embedding: more than half of all purchases
EPOCHS = (1, 2, 3)
OWN_HALF_LIVES_DAYS = (60, 90)
WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, ALONE)
THREADS = 2


@dataclass(frozen=True)
class Choice:
    """What is tuned."""

    epochs: int
    own_half_life_days: int
    weight: float


def model(epochs: int) -> SASRecModel:
    """A model that has learnt nothing."""
    return SASRecModel(
        n_blocks=2,
        n_heads=2,
        n_factors=64,
        dropout_rate=0.2,
        session_max_len=LENGTH,
        loss="softmax",
        lr=3e-3,
        batch_size=32,
        epochs=epochs,
        deterministic=True,
        get_trainer_func=_trainer,
        recommend_torch_device="cpu",
    )


def _trainer() -> Trainer:
    return Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        max_epochs=1,
    )


def sequences(purchases: Purchases, seed: int, length: int | None) -> Dataset:
    """Purchases as RecTools wants them; with a length, histories are cut into several users'."""
    count = np.bincount(purchases.product, minlength=len(purchases.products))
    often = np.isin(purchases.product, np.argsort(-count, kind="stable")[:PRODUCTS])
    kept = purchases.where(often)
    jitter = np.random.default_rng(seed).random(len(kept.user))
    kept = kept.where(np.lexsort((jitter, kept.session, kept.day, kept.user)))
    ends = np.searchsorted(kept.user, kept.user, side="right")
    from_end = ends - 1 - np.arange(len(ends))
    part = from_end // length if length else np.zeros(len(ends), np.int64)
    recent = part < PARTS
    table = pd.DataFrame(
        {
            Columns.User: kept.user * 1000 + part,
            Columns.Item: kept.product,
            Columns.Weight: 1.0,
            # a second apart, so that no sort undoes the shuffling
            Columns.Datetime: pd.to_datetime(np.arange(len(kept.user)), unit="s"),
        }
    )[recent]
    return Dataset.construct(table)


def predicted(fitted: SASRecModel, histories: Dataset, users: Ints, size: int) -> Scores:
    """The softmax of each user's best products, [users, products], 0 elsewhere."""
    known = np.isin(users * 1000, histories.user_id_map.external_ids)
    found = fitted.recommend(users[known] * 1000, histories, REACH, filter_viewed=False)
    row = np.searchsorted(users, found[Columns.User].to_numpy() // 1000)
    logits = np.full((len(users), size), -np.inf, np.float32)
    logits[row, found[Columns.Item].to_numpy()] = found[Columns.Score].to_numpy()
    best = logits.max(axis=1, keepdims=True)
    exponentials = np.exp(logits - np.where(np.isfinite(best), best, 0))
    return exponentials / np.maximum(exponentials.sum(axis=1, keepdims=True), 1e-9)


def trained(purchases: Purchases, seed: int, epochs: Sequence[int]) -> Iterator[SASRecModel]:
    """The same model after each of ``epochs``."""
    seed_everything(seed, verbose=False)
    growing = model(max(epochs))
    data = sequences(purchases, seed, LENGTH)
    done = 0
    for until in epochs:
        growing.fit_partial(data, min_epochs=until - done, max_epochs=until - done)
        done = until
        yield growing


def rank(
    fitted: SASRecModel,
    purchases: Purchases,
    day: float,
    half_life_days: float,
    users: Ints,
    weights: Sequence[float],
    places: int,
) -> dict[float, Ints]:
    """The best products of each user by weight of the model."""
    histories = sequences(purchases, seed=0, length=None)

    def own(some: Ints) -> Scores:
        return own_scores(purchases, day, half_life_days, some)

    def model_scores(some: Ints) -> Scores:
        chances = predicted(fitted, histories, some, len(purchases.products))
        return chances * own(some).sum(axis=1, keepdims=True)

    return blended(own, model_scores, users, weights, places)


def tune(known: Purchases, truth: Truth, day: float, seed: int) -> dict[Choice, float]:
    """Everything tried on the held-out week, and its ndcg@10."""
    found = {}
    for epochs, fitted in zip(EPOCHS, trained(known, seed, EPOCHS), strict=True):
        for half_life in OWN_HALF_LIVES_DAYS:
            ranked = rank(fitted, known, day, half_life, truth.queries, WEIGHTS, 10)
            for weight, products in ranked.items():
                found[Choice(epochs, half_life, weight)] = truth.ndcg(products)
    return found


def main() -> None:
    """Tunes on the last week, fits on everything, ranks."""
    _quiet()
    job = Job("RecTools' SASRec, blended with the user's own purchases.")
    shop = job.shop
    with job.timed("tune"):
        known, truth = shop.held_out()
        found = tune(known, truth, shop.cut - VALIDATION_DAYS, job.seed)
        choice = argmax(found)
    with job.timed("fit"):
        (fitted,) = trained(shop.purchases, job.seed, (choice.epochs,))
    with job.timed("rank"):
        half_life, weights = choice.own_half_life_days, (choice.weight,)
        ranked = rank(fitted, shop.purchases, shop.cut, half_life, shop.queries, weights, PLACES)
    alone = max(value for tried, value in found.items() if tried.weight == ALONE)
    values = {"validation_ndcg@10": found[choice], "validation_alone": alone}
    job.write(ranked[choice.weight], asdict(choice) | values)


def _quiet() -> None:
    """Lightning says much that nobody acts on."""
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(THREADS)


if __name__ == "__main__":
    main()
