"""Fine-tuning: lists of judged products, a few epochs, the best one chosen on held-out queries."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from os import cpu_count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from bentos.encoders.packed import Packed, PackedBert, batches
from bentos.encoders.weights import BertWeights
from bentos.fitting import autocast, rate_share
from bentos.scenario import Progress
from bentos.search.judged import Ints, JudgedQuery, comparable_ndcg, query_folds
from bentos.search.loss import LOSSES
from bentos.search.model import CrossEncoder
from bentos.search.pairs import PairReader, stacked
from bentos.search.parameters import Parameters

_GRADIENT_NORM = 1.0
_FEWEST = 2  # queries that a standard error needs

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Lists:
    """Judged queries with the states of their pairs below the layers that learn."""

    queries: Sequence[JudgedQuery]
    states: Sequence[Sequence[Tensor]]  # of each query and product [T, D]
    greatest_gain: float

    def __getitem__(self, places: Ints) -> "Lists":
        return Lists(
            [self.queries[place] for place in places],
            [self.states[place] for place in places],
            self.greatest_gain,
        )


def read_lists(model: CrossEncoder, reader: PairReader, queries: Sequence[JudgedQuery]) -> Lists:
    """Works out the lower layers' states of all pairs, once."""
    below = replace(BertWeights.of(model.encoder), layers=model.lower_layers)
    bert = PackedBert(below, torch.float32)
    rows = reader.read(
        [query.query for query in queries for _ in query.texts],
        [text for query in queries for text in query.texts],
    )
    states: list[Tensor] = [torch.empty(0)] * len(rows)
    for places in batches([len(ids) for ids, _ in rows]):
        packed = Packed.of([rows[place] for place in places], bert.device)
        read = bert.states(packed)
        for place, state in zip(places, torch.split(read, packed.lengths.tolist()), strict=True):
            states[place] = state
    ends = np.cumsum([len(query.texts) for query in queries])
    parts = [states[end - len(query.texts) : end] for query, end in zip(queries, ends, strict=True)]
    greatest = max((float(query.gains.max()) for query in queries), default=0.0)
    return Lists(queries, parts, max(greatest, 1e-9))


@torch.inference_mode()
def score_lists(model: CrossEncoder, lists: Lists) -> list[Scores]:
    """The scores [n] of each query's products, in fp32."""
    found = []
    for query, states in zip(lists.queries, lists.states, strict=True):
        features = torch.from_numpy(query.features).to(states[0].device)
        found.append(model(*stacked(states), features).cpu().numpy())
    return found


def fit(
    model: CrossEncoder,
    lists: Lists,
    parameters: Parameters,
    after_epoch: Callable[[], None],
    epochs: int | None = None,
) -> float:
    """Trains for ``epochs`` (else the parameters') of the parameters' schedule; the last loss."""
    steps = _Steps(model, lists, parameters)
    loss = 0.0
    for epoch in range(parameters.epochs if epochs is None else epochs):
        model.train()
        loss = steps.epoch(np.random.default_rng([parameters.seed, epoch]))
        model.eval()
        after_epoch()
    return loss


class _Steps:
    """An optimizer, its schedule, and the lists that it learns from."""

    def __init__(self, model: CrossEncoder, lists: Lists, parameters: Parameters) -> None:
        pointwise = parameters.loss == "pointwise"
        self._model, self._parameters = model, parameters
        self._places = np.array(
            [n for n, query in enumerate(lists.queries) if pointwise or query.comparable], np.int64
        )
        self._lists = lists
        self._unit = lists.greatest_gain if pointwise else 1.0
        steps = ceil(len(self._places) / parameters.queries) * parameters.epochs
        groups = [
            {"params": model.layer_weights(), "lr": parameters.rate},
            {"params": model.new_weights(), "lr": parameters.head_rate},
            {"params": [model.features], "lr": parameters.feature_rate, "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(
            [group for group in groups if group["params"]], weight_decay=parameters.weight_decay
        )
        self._schedule = LambdaLR(self._optimizer, partial(rate_share, steps=steps))

    def epoch(self, rng: np.random.Generator) -> float:
        """One pass over the queries, of each a sample of its products; the mean loss."""
        order, size = rng.permutation(self._places), self._parameters.queries
        losses = [
            self._step(order[start : start + size], rng) for start in range(0, len(order), size)
        ]
        return float(np.mean(losses)) if losses else 0.0

    def _step(self, places: Ints, rng: np.random.Generator) -> float:
        scores, gains, present = self._scored(places, rng)
        loss = LOSSES[self._parameters.loss](scores, gains / self._unit, present)
        loss = loss + self._parameters.to_prior * self._model.distance_to_prior()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), _GRADIENT_NORM)
        self._optimizer.step()
        self._schedule.step()
        return loss.item()

    def _scored(self, places: Ints, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Scores, gains and presence [Q, K] of a sample of the queries' products."""
        queries = [self._lists.queries[place] for place in places]
        picks = [
            np.sort(rng.permutation(len(query.gains))[: self._parameters.list_size])
            for query in queries
        ]
        states, there = stacked(
            [
                self._lists.states[place][row]
                for place, pick in zip(places, picks, strict=True)
                for row in pick
            ]
        )
        features, gains = (
            torch.from_numpy(
                np.concatenate(
                    [getattr(query, name)[pick] for query, pick in zip(queries, picks, strict=True)]
                )
            ).to(states.device)
            for name in ("features", "gains")
        )
        with autocast(states.device, self._parameters.precision):
            scores = self._model(states, there, features)
        present = _rectangle([len(pick) for pick in picks]).to(states.device)
        empty = scores.new_zeros(present.shape)
        return (
            empty.masked_scatter(present, scores),
            empty.masked_scatter(present, gains),
            present,
        )


@dataclass(frozen=True)
class HeldOut:
    """What models that had not seen a query say of its products, after the best epoch."""

    epochs: int  # 0: what the model began as was best
    by_epoch: tuple[float, ...]  # ndcg@10 after each number of epochs
    scores: Sequence[Scores]  # of each query, in order


def held_out(
    start: Callable[[Lists], CrossEncoder],
    lists: Lists,
    parameters: Parameters,
    progress: Progress,
) -> HeldOut:
    """Trains ``parameters.folds`` models, each without some queries, side by side.

    ``start`` makes the model that training on some lists begins with.
    """

    def learn(fold: tuple[CrossEncoder, Ints, Ints]) -> tuple[Ints, list[list[Scores]]]:
        model, own, others = fold
        seen = lists[others]
        found = [score_lists(model, seen)]
        fit(model, lists[own], parameters, lambda: found.append(score_lists(model, seen)))
        return others, found

    folds = [
        (start(lists[own]), own, others)  # here: adapters begin with numbers of one generator
        for own, others in query_folds(len(lists.queries), parameters.folds, parameters.seed)
    ]
    epochs: list[list[Scores]] = [
        [np.empty(0, np.float32)] * len(lists.queries) for _ in range(parameters.epochs + 1)
    ]
    with ThreadPoolExecutor(min(len(folds), cpu_count() or 1)) as threads:
        for others, found in progress(threads.map(learn, folds), len(folds)):
            for epoch, scores in enumerate(found):
                for place, own in zip(others, scores, strict=True):
                    epochs[epoch][place] = own
    values = [comparable_ndcg(lists.queries, scores) for scores in epochs]
    best = best_epoch(values)
    means = tuple(float(value.mean()) if len(value) else 0.0 for value in values)
    return HeldOut(best, means, epochs[best])


def best_epoch(values: Sequence[NDArray[np.float64]]) -> int:
    """Of a metric [Q] after each number of epochs, the best; but none where that may be chance.

    Few judged queries make the best of several look better than it is. What the model began as is
    kept unless the gain over it is greater than its paired standard error (Breiman et al. 1984).
    """
    n = len(values[0])
    if n < _FEWEST:
        return 0
    best = int(np.argmax([value.mean() for value in values]))
    gain = values[best] - values[0]
    return best if gain.mean() > gain.std(ddof=1) / np.sqrt(n) else 0


def _rectangle(lengths: Sequence[int]) -> Tensor:
    """[Q, K]: whether a place lies within its row's length."""
    return torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
