"""BERT over texts laid end to end: what would be padding in a rectangle is never computed.

Products and norms run over all tokens of a batch at once; only attention, a small part of the
work, looks at one text at a time, all texts of a length together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor, nn

from bentos.encoders.products import Product, TorchProduct
from bentos.encoders.sharing import shared
from bentos.encoders.weights import BertWeights

BATCH_TOKENS = 1024  # that are computed together: more cost no less each

Row = tuple[Sequence[int], int]  # the tokens of a text or pair, and how many are its first part's


@dataclass(frozen=True)
class Packed:
    """The tokens [N] of several texts, one text after another."""

    ids: Tensor
    positions: Tensor
    kinds: Tensor  # 0 in the first part of a pair, 1 in the second
    lengths: Tensor  # [texts]

    @classmethod
    def of(cls, rows: Sequence[Row], device: str | torch.device = "cpu") -> "Packed":
        """Fastest where texts of the same length follow each other."""
        lengths = torch.tensor([len(ids) for ids, _ in rows])
        firsts = torch.tensor([first for _, first in rows])
        ids = torch.tensor([token for ids, _ in rows for token in ids])
        starts = lengths.cumsum(0) - lengths
        positions = torch.arange(len(ids)) - starts.repeat_interleave(lengths)
        kinds = (positions >= firsts.repeat_interleave(lengths)).long()
        return cls(ids.to(device), positions.to(device), kinds.to(device), lengths)

    @property
    def runs(self) -> list[tuple[int, int]]:
        """How many texts, and of how many tokens each, wherever the length stays the same."""
        return [(len(list(same)), length) for length, same in groupby(self.lengths.tolist())]


def batches(lengths: Sequence[int], most: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Places in order of length, in batches of at most ``most`` tokens, or of one text."""
    batch: list[int] = []
    tokens = 0
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and tokens + lengths[place] > most:
            yield batch
            batch, tokens = [], 0
        batch.append(place)
        tokens += lengths[place]
    if batch:
        yield batch


class PackedBert:
    """A BERT encoder's weights as this way of computing takes them."""

    def __init__(
        self, weights: BertWeights, dtype: torch.dtype, product: type[Product] = TorchProduct
    ) -> None:
        """What an encoder has that is held already is not held twice."""
        kinds = weights.tensor("embeddings.token_type_embeddings.weight")
        self.dtype = dtype
        self.dimensions = kinds.shape[1]
        self.device = kinds.device
        words = "embeddings.word_embeddings.weight"  # taken as they lie in the file
        self._words = shared(weights.contents(words), lambda: weights.tensor(words))
        places = weights.tensor("embeddings.position_embeddings.weight").float()
        self._places = (places + kinds.float()[:, None]).to(dtype)  # [kinds, positions, D]
        self._norm = _Norm(weights, "embeddings.LayerNorm", dtype)
        self._filled = product.filled
        self._layers = [
            _layer(weights, f"encoder.layer.{place}", dtype, product)
            for place in range(weights.layers)
        ]

    @torch.inference_mode()
    def states(self, packed: Packed) -> Tensor:
        """[N, D] after the last layer."""
        words, places = self._words[packed.ids], self._places[packed.kinds, packed.positions]
        states, runs, n = self._norm(words.to(self.dtype) + places), packed.runs, len(words)
        states = nn.functional.pad(states, (0, 0, 0, self._filled(n) - n))
        for layer in self._layers:
            states = layer(states, runs)
        return states[:n]


class _Norm:
    def __init__(self, weights: BertWeights, name: str, dtype: torch.dtype) -> None:
        self._weight, self._bias = (
            weights.tensor(f"{name}.{n}").to(dtype) for n in ("weight", "bias")
        )
        self._epsilon = weights.epsilon

    def __call__(self, states: Tensor) -> Tensor:
        return nn.functional.layer_norm(
            states, self._weight.shape, self._weight, self._bias, self._epsilon
        )


class _Layer:
    def __init__(
        self, weights: BertWeights, name: str, dtype: torch.dtype, product: type[Product]
    ) -> None:
        def linear(*names: str) -> Product:
            return product(*_together(weights, [f"{name}.{n}" for n in names], dtype))

        self._heads = weights.heads
        self._asked = linear(*(f"attention.self.{n}" for n in ("query", "key", "value")))
        self._attended = linear("attention.output.dense")
        self._attended_norm = _Norm(weights, f"{name}.attention.output.LayerNorm", dtype)
        self._wide = linear("intermediate.dense")
        self._narrow = linear("output.dense")
        self._norm = _Norm(weights, f"{name}.output.LayerNorm", dtype)

    def __call__(self, states: Tensor, runs: Sequence[tuple[int, int]]) -> Tensor:
        attended = self._attention(self._asked(states), runs)
        states = self._attended_norm(self._attended.plus(attended, states))
        return self._norm(self._narrow.plus(self._wide.gelu(states), states))

    def _attention(self, asked: Tensor, runs: Sequence[tuple[int, int]]) -> Tensor:
        """Queries, keys and values [N, 3D] -> [N, D], each text by itself."""
        size = asked.shape[1] // 3
        attended = asked.new_empty(len(asked), size)
        start = 0
        for n, length in runs:
            stop = start + n * length
            parts = asked[start:stop].view(n, length, 3, self._heads, -1)
            query, key, value = parts.permute(2, 0, 3, 1, 4)
            found = nn.functional.scaled_dot_product_attention(query, key, value)
            attended[start:stop].view(n, length, self._heads, -1).copy_(found.transpose(1, 2))
            start = stop
        attended[start:] = 0  # beside the texts: what nobody reads, but is computed with
        return attended


def _layer(weights: BertWeights, name: str, dtype: torch.dtype, product: type[Product]) -> _Layer:
    way = (weights.heads, weights.epsilon, dtype, product)
    contents = weights.contents(f"{name}.")
    return shared((contents, way), lambda: _Layer(weights, name, dtype, product))


def _together(
    weights: BertWeights, names: Sequence[str], dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Weight and bias of linear layers over the same states as one."""
    weight, bias = (
        [weights.tensor(f"{name}.{part}") for name in names] for part in ("weight", "bias")
    )
    if len(names) == 1:
        return weight[0].to(dtype), bias[0].to(dtype)
    return torch.cat(weight).to(dtype), torch.cat(bias).to(dtype)


def means(states: Tensor, lengths: Tensor) -> Tensor:
    """States [N, D] -> their mean in each text [texts, D], in fp32."""
    return torch.segment_reduce(states.float(), "mean", lengths=lengths.to(states.device), axis=0)


def pooled(bert: PackedBert, rows: Sequence[Row]) -> Tensor:
    """The mean states [rows, D] of texts or pairs, in fp32."""
    found = torch.empty(len(rows), bert.dimensions, device=bert.device)
    for places in batches([len(ids) for ids, _ in rows]):
        packed = Packed.of([rows[place] for place in places], bert.device)
        found[places] = means(bert.states(packed), packed.lengths)
    return found
