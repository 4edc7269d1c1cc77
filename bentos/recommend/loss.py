"""The loss of a batch: one softmax an example over its candidates and products drawn for all.

The listwise softmax cross-entropy with several positives (Cao et al., ListNet, 2007), an example
weighted by the square root of their number; drawn products carry the log-Q correction (Yi et al.
2019), so that popular ones are not punished for being drawn often. A share of the examples show
part of their next basket as a session, most of these without their history: strangers.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bentos.recommend.examples import ABSENT, Examples
from bentos.recommend.features import STATISTICS
from bentos.recommend.histories import BASKETS
from bentos.recommend.model import BasketModel, Baskets, Codes
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
class Pairs:
    """Products of the batch's examples, one a row."""

    place: Ints  # of the example in the batch
    product: Ints

    def where(self, kept: Flags) -> "Pairs":
        """Only some rows."""
        return Pairs(self.place[kept], self.product[kept])

    def __add__(self, other: "Pairs") -> "Pairs":
        return Pairs(
            np.concatenate([self.place, other.place]),
            np.concatenate([self.product, other.product]),
        )


@dataclass(frozen=True)
class _Sessions:
    """Which examples of the batch are asked within a visit, and what of it they have seen."""

    any: Tensor  # [B]
    stranger: Tensor  # [B] a session without history
    shown: Pairs
    wanted: Pairs  # the rest of the basket


def batch_loss(
    model: BasketModel,
    material: Material,
    pick: Ints,
    parameters: Parameters,
    rng: np.random.Generator,
) -> Tensor:
    """The mean loss of the examples ``pick`` [B]."""
    examples, share, index = material.examples, material.label_share, torch.from_numpy(pick)
    sessions = _draw_sessions(examples, pick, parameters, rng)
    labels = _labels_elsewhere(examples, pick, sessions)
    drawn = np.union1d(labels.product, rng.choice(len(share), parameters.negatives, p=share))
    candidates = examples.product[index].long()  # [B, K]
    bought, slot = _bought(examples, pick, sessions)
    rows = _Rows(len(share), bought.product, drawn, candidates.numpy().ravel())
    vectors = model.vectors(material.texts, material.codes[rows.products])
    age = torch.where(sessions.stranger[:, None], -1.0, examples.basket_age[index])
    user = model.users(Baskets(rows.of(bought.product), slot, age), vectors)

    there = examples.correction[index] > ABSENT / 10
    features = examples.features_of(index)
    candidate = vectors[rows.table[candidates]]  # [B, K, D]
    own = (user[:, None] * candidate).sum(-1) / model.temperature + model.biases(
        material.codes.product[candidates], features[..., STATISTICS]
    )
    own = own + model.heads(user, candidate, features).float() + examples.correction[index]

    chance = -np.expm1(-share[drawn] * (parameters.negatives + len(labels.product)))
    rest = model.match(user, vectors[rows.of(drawn)]).float() - torch.from_numpy(np.log(chance))
    rest = rest.float() + _drawn_biases(model, material, index, torch.from_numpy(drawn))

    is_candidate = rows.marks(_pairs(candidates, there & ~sessions.stranger[:, None]), len(pick))
    is_shown = rows.marks(sessions.shown, len(pick))
    is_wanted = rows.marks(sessions.wanted, len(pick))
    at = rows.table[candidates]
    positive = torch.where(sessions.any[:, None], is_wanted.gather(1, at), examples.positive[index])
    positive = positive & there & ~sessions.stranger[:, None]
    own = own.masked_fill(sessions.stranger[:, None] | is_shown.gather(1, at), ABSENT)
    elsewhere = (is_shown | is_candidate)[:, rows.of(drawn)]
    rest = rest.masked_fill(elsewhere, ABSENT)
    label = rows.marks(labels, len(pick))[:, rows.of(drawn)] & ~elsewhere
    return _softmax_loss(own, positive, rest, label)


def _softmax_loss(own: Tensor, positive: Tensor, rest: Tensor, label: Tensor) -> Tensor:
    """Scores [M, B, K] and [B, S] and which of them are positive -> the mean over B and M."""
    everything = torch.cat([own, rest.expand(len(own), -1, -1)], 2)
    norm = torch.logsumexp(everything, 2, keepdim=True)  # [M, B, 1]
    likelihood = ((own - norm) * positive).sum(2) + ((rest - norm) * label).sum(2)
    n = (positive.sum(1) + label.sum(1)).clamp(min=1)
    return -(likelihood / n.sqrt()).mean()


class _Rows:
    """The products that a batch mentions, as rows of its vectors."""

    def __init__(self, size: int, *mentioned: Ints) -> None:
        self.products = torch.from_numpy(np.unique(np.concatenate(mentioned)))
        self.table = torch.full((size,), -1)
        self.table[self.products] = torch.arange(len(self.products))

    def of(self, products: Ints) -> Tensor:
        return self.table[torch.from_numpy(products)]

    def marks(self, pairs: Pairs, n: int) -> Tensor:
        """[n, rows]: true at the pairs."""
        marks = torch.zeros(n, len(self.products), dtype=torch.bool)
        marks[torch.from_numpy(pairs.place), self.of(pairs.product)] = True
        return marks


def _pairs(products: Tensor, kept: Tensor) -> Pairs:
    place, column = kept.nonzero(as_tuple=True)
    return Pairs(place.numpy(), products[place, column].numpy())


def _draw_sessions(
    examples: Examples, pick: Ints, parameters: Parameters, rng: np.random.Generator
) -> _Sessions:
    any_ = rng.random(len(pick)) < parameters.session_share
    stranger = any_ & (rng.random(len(pick)) < parameters.stranger_share)
    rows, place = examples.first_basket.rows(pick)
    basket = Pairs(place, examples.first_basket.values[rows]).where(any_[place])
    size = np.maximum(np.bincount(place, minlength=len(pick)), 1)
    share = rng.random(len(pick)) * np.minimum(1, _SESSION_PRODUCTS / size)
    shown = rng.random(len(basket.place)) < share[basket.place]
    return _Sessions(
        torch.from_numpy(any_),
        torch.from_numpy(stranger),
        basket.where(shown),
        basket.where(~shown),
    )


def _labels_elsewhere(examples: Examples, pick: Ints, sessions: _Sessions) -> Pairs:
    """Labels that need not be candidates: what a session wants; else the rest of the week."""
    rows, place = examples.others.rows(pick)
    others = Pairs(place, examples.others.values[rows])
    return others.where(~sessions.any.numpy()[place]) + sessions.wanted


def _bought(examples: Examples, pick: Ints, sessions: _Sessions) -> tuple[Pairs, Tensor]:
    """What users have bought and seen, and the slot of each in the baskets of the batch."""
    rows, place = examples.baskets.rows(pick)
    kept = ~sessions.stranger.numpy()[place]
    past = Pairs(place, examples.baskets.values[rows]).where(kept)
    steps = BASKETS + 1
    slot = np.concatenate(
        [
            past.place * steps + examples.basket_slot[rows][kept],
            sessions.shown.place * steps + BASKETS,
        ]
    )
    return past + sessions.shown, torch.from_numpy(slot)


def _drawn_biases(model: BasketModel, material: Material, index: Tensor, drawn: Tensor) -> Tensor:
    """[B, S] how much everybody bought the drawn products in each example's week."""
    weeks, which = torch.unique(material.examples.week[index], return_inverse=True)
    statistics = material.examples.statistics[weeks[:, None], drawn].float()
    return model.biases(material.codes.product[drawn], statistics)[which]
