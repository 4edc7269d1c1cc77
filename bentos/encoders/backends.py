"""Which way of computing serves: the fastest here of those that say what fp32 says."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from bentos.encoders.choice import EXACT, Backend, Choice
from bentos.encoders.packed import Packed, PackedBert, Row
from bentos.encoders.products import OneDnnProduct, Product, TorchProduct
from bentos.encoders.weights import BertWeights

AGREEMENT = 0.999  # Spearman's rank correlation with fp32, at least

_TRIED = 64  # rows
_FEWEST = 30  # on which an order can be told from another
_ROUNDS = 5
_TOKENS = 512  # of the batch that is timed
_CLEARLY = 1.25  # times as fast
_PRODUCTS: Mapping[str, type[Product]] = {"torch": TorchProduct, "onednn": OneDnnProduct}
_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_OF_CPU = [Backend(name, precision) for name in _PRODUCTS for precision in ("fp32", "bf16")]
_OF_GPU = [Backend("torch", precision) for precision in _TYPES]

Scores = Callable[[PackedBert, Sequence[Row]], NDArray[np.float32]]
_FASTEST: dict[tuple[int, int, str], list[Backend]] = {}  # first, by a model's shape


def computed(weights: BertWeights, backend: Backend) -> PackedBert:
    """The encoder, computed this way."""
    return PackedBert(weights, _TYPES[backend.precision], _PRODUCTS[backend.name])


def choose(weights: BertWeights, rows: Sequence[Row], scores: Scores) -> tuple[PackedBert, Choice]:
    """The fastest backend whose ``scores`` of real rows agree with those of fp32.

    They are asked the fastest first; fp32 agrees with itself, and with few rows it is the choice.
    """
    exact = scores(computed(weights, EXACT), rows)
    for backend in _by_speed(weights):
        bert = computed(weights, backend)
        found = scores(bert, rows)
        agreement = _agreement(found, exact)
        sure = len(rows) >= _FEWEST and agreement >= AGREEMENT
        if sure or backend.precision == EXACT.precision:
            tolerance = float(np.abs(found - exact).max(initial=0.0))
            return bert, Choice(backend, agreement, tolerance)
    raise AssertionError("fp32 is among the backends")


def some(texts: Sequence[str]) -> list[str]:
    """A few of many, from all over them."""
    return list(texts[:: max(len(texts) // _TRIED, 1)][:_TRIED])


def _agreement(found: NDArray[np.float32], exact: NDArray[np.float32]) -> float:
    """Spearman's rank correlation."""
    if len(exact) < 2:
        return 1.0
    return float(np.corrcoef(_ranks(found), _ranks(exact))[0, 1])


def _ranks(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Equal values share the mean of their ranks; what is no number has none."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return np.where(np.isnan(values), np.nan, ranks)


def _by_speed(weights: BertWeights) -> list[Backend]:
    """The backends, the fastest first; measured once a process."""
    kinds = weights.tensor("embeddings.token_type_embeddings.weight")
    shape = (weights.layers, kinds.shape[1], str(kinds.device))
    if shape not in _FASTEST:
        backends = _OF_CPU if kinds.device.type == "cpu" else _OF_GPU
        seconds = _seconds({backend: computed(weights, backend) for backend in backends})
        _FASTEST[shape] = in_order(seconds)
    return _FASTEST[shape]


def in_order(seconds: Mapping[Backend, float]) -> list[Backend]:
    """The fastest first; of two that are about as fast always the same one.

    A busy moment must not decide: vectors that are made twice are to be the same to the last digit,
    and so is what learns from them. Fused products come before plain ones, fp32 before the others,
    unless those are clearly faster.
    """

    def handicapped(backend: Backend) -> float:
        plain, rounded = backend.name == EXACT.name, backend.precision != EXACT.precision
        return seconds[backend] * _CLEARLY**plain * _CLEARLY**rounded

    return sorted(seconds, key=handicapped)


def _seconds(ways: Mapping[Backend, PackedBert]) -> dict[Backend, float]:
    """Seconds a batch of each, the best of some rounds: others may be at work here, too."""
    length = 32
    row: Row = (list(range(1, length + 1)), length)
    packed = {
        way: Packed.of([row] * (_TOKENS // length), bert.device) for way, bert in ways.items()
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(_ROUNDS):  # taking turns, so that a busy moment meets all
        for way, bert in ways.items():
            began = time.perf_counter()
            bert.states(packed[way]).sum().item()  # a GPU is waited for
            best[way] = min(best[way], time.perf_counter() - began)
    return best
