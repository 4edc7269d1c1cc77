"""Causal self-attention over a user's baskets, and a head that reads how products are bought again.

A product's vector is its text vector, projected, plus learnt vectors of the product, its type and
its maker: one that nobody has bought yet is placed by its text, type and maker. A user is the state
of a causal transformer after the last basket (Vaswani et al. 2017; Kang and McAuley, SASRec, 2018),
whose steps are baskets (sums of product vectors) with their age and gap. The score of a product is
the match of the two, plus what everybody buys now, plus, for products that the user has bought and
for the most popular ones, what a small head makes of the candidate's features.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own convention)
from torch import Tensor, nn

from bentos.recommend.histories import BASKETS

_STEPS = BASKETS + 1  # the baskets, then the open one: the session
_AGE_BUMPS = 16
_TIME_FEATURES = _AGE_BUMPS + 4
_MIDDLE, _BIAS_HIDDEN = 48, 32
_CLIP = 6.0  # standard deviations
_TEMPERATURE = 8.0


@dataclass(frozen=True)
class Shape:
    """The sizes of a model."""

    features: int  # F: of a candidate
    statistics: int  # S: of a product
    text: int  # of a text vector
    products: int  # with a vector of their own; row 0 is for all the others
    types: int
    makers: int
    width: int = 64  # D
    layers: int = 2
    heads: int = 4
    hidden: int = 96  # of the head


@dataclass(frozen=True)
class Baskets:
    """The baskets of B users."""

    product: Tensor  # [E] rows of the vectors that are passed along
    slot: Tensor  # [E] user * (BASKETS + 1) + slot; the last slot is the session
    age: Tensor  # [B, BASKETS] days ago; -1 where there is no basket

    def to(self, device: str | torch.device) -> "Baskets":
        """The same on another device."""
        return Baskets(self.product.to(device), self.slot.to(device), self.age.to(device))


@dataclass(frozen=True)
class Codes:
    """What products are to the model: [N] each."""

    text: Tensor  # row of the text's vector
    product: Tensor
    type: Tensor
    maker: Tensor

    def __getitem__(self, rows: Tensor) -> "Codes":
        return Codes(self.text[rows], self.product[rows], self.type[rows], self.maker[rows])

    def to(self, device: str | torch.device) -> "Codes":
        """The same on another device."""
        return Codes(*(t.to(device) for t in (self.text, self.product, self.type, self.maker)))


class BasketModel(nn.Module):
    """Scores every product of a catalogue for a user."""

    feature_mean: Tensor
    feature_scale: Tensor
    statistic_mean: Tensor
    statistic_scale: Tensor

    def __init__(self, shape: Shape) -> None:
        """Learnt tables start at zero: before training, a product is what its text says."""
        super().__init__()
        self.shape = shape
        self.temperature = _TEMPERATURE
        d = shape.width
        for name, size in (("feature", shape.features), ("statistic", shape.statistics)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_scale", torch.ones(size))
        self.project = nn.Linear(shape.text, d, bias=False)
        nn.init.normal_(self.project.weight, std=0.1)
        self.own, self.own_bias = nn.Embedding(shape.products, d), nn.Embedding(shape.products, 1)
        self.kind, self.maker = nn.Embedding(shape.types, d), nn.Embedding(shape.makers, d)
        for table in self.tables:
            nn.init.zeros_(table.weight)
        self.norm, self.time = nn.LayerNorm(d), nn.Linear(_TIME_FEATURES, d)
        self.open = nn.Parameter(torch.zeros(d))
        layer = nn.TransformerEncoderLayer(
            d, shape.heads, 2 * d, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.attend = nn.TransformerEncoder(layer, shape.layers, enable_nested_tensor=False)
        self.read = nn.Linear(3 * d, d)
        self.bias = nn.Sequential(
            nn.Linear(shape.statistics, _BIAS_HIDDEN), nn.SiLU(), nn.Linear(_BIAS_HIDDEN, 1)
        )
        self.head = nn.Sequential(
            nn.Linear(shape.features + d + 1, shape.hidden),
            nn.SiLU(),
            nn.Linear(shape.hidden, _MIDDLE),
            nn.SiLU(),
            nn.Linear(_MIDDLE, 1),
        )

    @property
    def tables(self) -> tuple[nn.Embedding, ...]:
        """The learnt vectors, which have a learning rate of their own."""
        return (self.own, self.own_bias, self.kind, self.maker)

    def vectors(self, texts: Tensor, codes: Codes) -> Tensor:
        """Text vectors [texts, text] and N products -> [N, D]."""
        words: Tensor = self.project(texts)[codes.text]
        vector: Tensor = (
            words + self.own(codes.product) + self.kind(codes.type) + self.maker(codes.maker)
        )
        return vector

    def biases(self, product: Tensor, statistics: Tensor) -> Tensor:
        """Codes [...] and statistics [..., S] -> [...]: how much everybody buys them now."""
        x = ((statistics - self.statistic_mean) / self.statistic_scale).clamp(-_CLIP, _CLIP)
        bias: Tensor = (self.bias(x) + self.own_bias(product)).squeeze(-1)
        return bias

    def users(self, baskets: Baskets, vectors: Tensor) -> Tensor:
        """-> [B, D], the state after the session; ``vectors`` [V, D] are of its products."""
        n_users, d = len(baskets.age), self.shape.width
        count = vectors.new_zeros(n_users * _STEPS)
        count = count.index_add(0, baskets.slot, count.new_ones(len(baskets.slot)))
        basket = vectors.new_zeros(n_users * _STEPS, d)
        basket = basket.index_add(0, baskets.slot, vectors[baskets.product])
        basket = (basket / count.clamp(min=1).sqrt()[:, None]).view(n_users, _STEPS, d)
        age = F.pad(baskets.age, (0, 1))  # the session is now
        absent, age = age < 0, age.clamp(min=0)
        x = self.norm(basket) + self.time(_time_features(age, count.view(n_users, _STEPS)))
        x = torch.cat([x[:, :-1], x[:, -1:] + self.open], 1)
        later = torch.ones(_STEPS, _STEPS, dtype=torch.bool, device=x.device).triu(1)
        itself = torch.eye(_STEPS, dtype=torch.bool, device=x.device)  # so that no row is empty
        hidden = (later | absent[:, None]) & ~itself  # [B, steps, steps]
        with torch.autocast(x.device.type, enabled=False):  # attention this small is slow in bf16
            mask = hidden.repeat_interleave(self.shape.heads, 0)
            x = self.attend(x.float(), mask=mask)
        weight = (torch.exp2(-age / 30) * ~absent)[:, :-1]
        profile = (basket[:, :-1] * weight[..., None]).sum(1) / (weight.sum(1, keepdim=True) + 0.1)
        user: Tensor = self.read(torch.cat([x[:, -1], profile, basket[:, -1]], 1))
        return user

    def match(self, user: Tensor, vectors: Tensor) -> Tensor:
        """[B, D] and [P, D] -> [B, P]."""
        return user @ vectors.T / _TEMPERATURE

    def refinement(self, user: Tensor, vectors: Tensor, features: Tensor) -> Tensor:
        """[B, D], [B, K, D], [B, K, F] -> [B, K]: what the head adds to a candidate's score."""
        x = ((features - self.feature_mean) / self.feature_scale).clamp(-_CLIP, _CLIP)
        each = user[:, None] * vectors
        x = torch.cat([x, each, each.sum(-1, keepdim=True) / _TEMPERATURE], -1)
        added: Tensor = self.head(x).squeeze(-1)
        return added


def _time_features(age: Tensor, count: Tensor) -> Tensor:
    """Ages in days and numbers of products, both [B, steps] -> [B, steps, 20]."""
    gap = F.pad(age[:, :-1] - age[:, 1:], (1, 0)).clamp(min=0)
    log_age = torch.log1p(age)
    centres = torch.linspace(0, 5.5, _AGE_BUMPS, device=age.device)
    bumps = torch.exp(-(((log_age[..., None] - centres) / 0.4) ** 2))
    week = 2 * torch.pi / 7 * age
    rest = torch.stack([torch.log1p(gap), torch.log1p(count), week.sin(), week.cos()], -1)
    return torch.cat([bumps, rest], -1)
