"""Batches: some examples, and products drawn for all of them, as the tensors of one step.

A share of the examples show part of their next basket as a session, most of these without their
history: strangers. Whatever is drawn is drawn here, on the host; the step itself only computes.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bentos.recommend.examples import ABSENT, Examples
from bentos.recommend.histories import BASKETS
from bentos.recommend.model import Baskets, Codes
from bentos.recommend.parameters import Parameters
from bentos.recommend.shop import Flags, Ints

_SESSION_PRODUCTS = 8  # about how many products of the next basket a session shows at most


@dataclass(frozen=True)
class Material:
    """What a model is fitted to."""

    examples: Examples
    texts: Tensor  # [texts, text]
    codes: Codes  # [P]
    label_share: NDArray[np.float64]  # [P] how likely each is to be drawn; sums to 1


@dataclass(frozen=True)
class Batch:
    """B examples with K candidates each; V products that they mention, S of them drawn for all."""

    codes: Codes  # [V]
    baskets: Baskets  # of rows among the V
    candidate: Tensor  # [B, K] rows among the V
    features: Tensor  # [B, K, F]
    correction: Tensor  # [B, K] log of how many products it stands for; ABSENT where there is none
    positive: Tensor  # [B, K]
    drawn: Tensor  # [S] rows among the V
    drawn_statistics: Tensor  # [W, S, statistics] in each week of the batch …
    week: Tensor  # [B] … and which of these weeks an example is of
    drawn_correction: Tensor  # [B, S] minus the log of its chance; ABSENT where it is no rival
    label: Tensor  # [B, S]

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


@dataclass(frozen=True)
class _Pairs:
    """Products of the batch's examples, one a row."""

    place: Ints  # of the example in the batch
    product: Ints

    def where(self, kept: Flags) -> "_Pairs":
        """Only some rows."""
        return _Pairs(self.place[kept], self.product[kept])

    def __add__(self, other: "_Pairs") -> "_Pairs":
        return _Pairs(
            np.concatenate([self.place, other.place]),
            np.concatenate([self.product, other.product]),
        )


@dataclass(frozen=True)
class _Sessions:
    """Which examples of the batch are asked within a visit, and what of it they have seen."""

    any: Tensor  # [B]
    stranger: Tensor  # [B] a session without history
    shown: _Pairs
    wanted: _Pairs  # the rest of the basket


def make_batch(
    material: Material, pick: Ints, parameters: Parameters, rng: np.random.Generator
) -> Batch:
    """The examples ``pick`` [B]; sessions and negatives are drawn with ``rng``."""
    examples, share, index = material.examples, material.label_share, torch.from_numpy(pick)
    sessions = _draw_sessions(examples, pick, parameters, rng)
    labels = _labels_elsewhere(examples, pick, sessions)
    drawn = np.union1d(labels.product, rng.choice(len(share), parameters.negatives, p=share))
    candidates = examples.product[index].long()  # [B, K]
    bought, slot = _bought(examples, pick, sessions)
    rows = _Rows(len(share), bought.product, drawn, candidates.numpy().ravel())
    at, stranger = rows.table[candidates], sessions.stranger[:, None]

    there = (examples.correction[index] > ABSENT / 10) & ~stranger
    is_candidate = rows.marks(_pairs(candidates, there), len(pick))
    is_shown = rows.marks(sessions.shown, len(pick))
    is_wanted = rows.marks(sessions.wanted, len(pick)).gather(1, at)
    elsewhere = (is_shown | is_candidate)[:, rows.of(drawn)]
    chance = -np.expm1(-share[drawn] * (parameters.negatives + len(labels.product)))
    rarity = torch.from_numpy(-np.log(chance)).float()
    weeks, week = torch.unique(examples.week[index], return_inverse=True)
    return Batch(
        codes=material.codes[rows.products],
        baskets=Baskets(
            product=rows.of(bought.product),
            slot=slot,
            age=torch.where(stranger, -1.0, examples.basket_age[index]),
        ),
        candidate=at,
        features=examples.features_of(index),
        correction=examples.correction[index].masked_fill(~there | is_shown.gather(1, at), ABSENT),
        positive=torch.where(sessions.any[:, None], is_wanted, examples.positive[index]) & there,
        drawn=rows.of(drawn),
        drawn_statistics=examples.statistics[weeks[:, None], torch.from_numpy(drawn)].float(),
        week=week,
        drawn_correction=rarity.expand(len(pick), -1).masked_fill(elsewhere, ABSENT),
        label=rows.marks(labels, len(pick))[:, rows.of(drawn)] & ~elsewhere,
    )


class _Rows:
    """The products that a batch mentions, as rows of its vectors."""

    def __init__(self, size: int, *mentioned: NDArray[Any]) -> None:
        self.products = torch.from_numpy(np.unique(np.concatenate(mentioned)))
        self.table = torch.full((size,), -1)
        self.table[self.products] = torch.arange(len(self.products))

    def of(self, products: Ints) -> Tensor:
        return self.table[torch.from_numpy(products)]

    def marks(self, pairs: _Pairs, n: int) -> Tensor:
        """[n, rows]: true at the pairs."""
        marks = torch.zeros(n, len(self.products), dtype=torch.bool)
        marks[torch.from_numpy(pairs.place), self.of(pairs.product)] = True
        return marks


def _pairs(products: Tensor, kept: Tensor) -> _Pairs:
    place, column = kept.nonzero(as_tuple=True)
    return _Pairs(place.numpy(), products[place, column].numpy())


def _draw_sessions(
    examples: Examples, pick: Ints, parameters: Parameters, rng: np.random.Generator
) -> _Sessions:
    any_ = rng.random(len(pick)) < parameters.session_share
    stranger = any_ & (rng.random(len(pick)) < parameters.stranger_share)
    rows, place = examples.first_basket.rows(pick)
    basket = _Pairs(place, examples.first_basket.values[rows]).where(any_[place])
    size = np.maximum(np.bincount(place, minlength=len(pick)), 1)
    share = rng.random(len(pick)) * np.minimum(1, _SESSION_PRODUCTS / size)
    shown = rng.random(len(basket.place)) < share[basket.place]
    return _Sessions(
        torch.from_numpy(any_),
        torch.from_numpy(stranger),
        basket.where(shown),
        basket.where(~shown),
    )


def _labels_elsewhere(examples: Examples, pick: Ints, sessions: _Sessions) -> _Pairs:
    """Labels that need not be candidates: what a session wants; else the rest of the week."""
    rows, place = examples.others.rows(pick)
    others = _Pairs(place, examples.others.values[rows])
    return others.where(~sessions.any.numpy()[place]) + sessions.wanted


def _bought(examples: Examples, pick: Ints, sessions: _Sessions) -> tuple[_Pairs, Tensor]:
    """What users have bought and seen, and the slot of each in the baskets of the batch."""
    rows, place = examples.baskets.rows(pick)
    kept = ~sessions.stranger.numpy()[place]
    past = _Pairs(place, examples.baskets.values[rows]).where(kept)
    steps = BASKETS + 1
    slot = np.concatenate(
        [
            past.place * steps + examples.basket_slot[rows][kept],
            sessions.shown.place * steps + BASKETS,
        ]
    )
    return past + sessions.shown, torch.from_numpy(slot)
