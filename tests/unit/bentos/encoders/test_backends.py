"""The fastest way of computing is taken, if it says what fp32 says."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from transformers import BertConfig, BertModel

from bentos.encoders import backends
from bentos.encoders.backends import choose, computed, some
from bentos.encoders.choice import EXACT, Backend
from bentos.encoders.packed import BATCH_TOKENS, Packed, PackedBert, Row, pooled
from bentos.encoders.products import OneDnnProduct, TorchProduct
from bentos.encoders.trainable import without_dropout
from bentos.encoders.weights import BertWeights

ROUGH = Backend("torch", "bf16")


@pytest.fixture(scope="module")
def bert() -> BertWeights:
    torch.manual_seed(5)
    shape = BertConfig(
        vocab_size=200,
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
    )
    return BertWeights.of(without_dropout(BertModel(shape, add_pooling_layer=False)))


def rows(n: int) -> list[Row]:
    rng = np.random.default_rng(7)
    texts = [rng.integers(1, 200, size=rng.integers(3, 12)).tolist() for _ in range(n)]
    return [(text, len(text)) for text in texts]


def first_number(bert: PackedBert, rows: Sequence[Row]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = pooled(bert, rows)[:, 0].numpy()
    return found


@pytest.fixture
def as_fast_as(monkeypatch: pytest.MonkeyPatch, bert: BertWeights) -> object:
    """Says how fast the backends are, the fastest first."""

    def say(*order: Backend) -> None:
        monkeypatch.setattr(backends, "_by_speed", lambda _: list(order))

    return say


def test_products_are_the_same_fused_and_one_by_one() -> None:
    torch.manual_seed(1)
    weight, bias, states, others = (torch.randn(*of) for of in ((6, 4), (6,), (9, 4), (9, 6)))
    plain, fused = TorchProduct(weight, bias), OneDnnProduct(weight, bias)
    with torch.inference_mode():
        assert_allclose(fused(states), states @ weight.T + bias, atol=1e-5)
        assert_allclose(fused(states), plain(states), atol=1e-5)
        assert_allclose(fused.gelu(states), plain.gelu(states), atol=1e-5)
        assert_allclose(fused.plus(states, others), plain.plus(states, others), atol=1e-5)


@pytest.mark.parametrize("name", ["torch", "onednn"])
def test_every_way_gives_what_fp32_gives_within_its_digits(bert: BertWeights, name: str) -> None:
    exact = first_number(computed(bert, EXACT), rows(40))
    assert_allclose(first_number(computed(bert, Backend(name, "fp32")), rows(40)), exact, atol=1e-5)
    assert_allclose(first_number(computed(bert, Backend(name, "bf16")), rows(40)), exact, atol=0.05)


def test_the_fastest_that_agrees_is_taken_and_its_distance_said(
    bert: BertWeights, as_fast_as: object
) -> None:
    as_fast_as(ROUGH, EXACT)  # type: ignore[operator]
    taken, choice = choose(bert, rows(64), first_number)
    assert choice.backend == ROUGH
    assert taken.dtype is torch.bfloat16
    assert 0.999 <= choice.agreement < 1
    exact = first_number(computed(bert, EXACT), rows(64))
    found = first_number(computed(bert, ROUGH), rows(64))
    assert choice.tolerance == pytest.approx(np.abs(exact - found).max())


def test_one_that_orders_otherwise_is_not_taken_however_fast(
    bert: BertWeights, as_fast_as: object
) -> None:
    as_fast_as(ROUGH, EXACT)  # type: ignore[operator]

    def contrary(bert: PackedBert, rows: Sequence[Row]) -> NDArray[np.float32]:
        found = first_number(bert, rows)
        return -found if bert.dtype is torch.bfloat16 else found

    _, choice = choose(bert, rows(64), contrary)
    assert choice.backend == EXACT
    assert choice.agreement == pytest.approx(1)
    assert choice.tolerance == 0


def test_of_few_rows_only_fp32_can_be_sure(bert: BertWeights, as_fast_as: object) -> None:
    as_fast_as(ROUGH, EXACT)  # type: ignore[operator]
    for n in (1, 5):
        assert choose(bert, rows(n), first_number)[1].backend == EXACT


def test_the_ways_are_measured_once_for_a_shape(bert: BertWeights) -> None:
    first = choose(bert, rows(64), first_number)[1]
    assert first.backend.name in ("torch", "onednn")
    assert choose(bert, rows(64), first_number)[1] == first


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_computes_in_each_precision_what_the_cpu_does(bert: BertModel) -> None:
    exact = first_number(computed(bert, EXACT), rows(40))
    there = deepcopy(bert).to("cuda:0")
    for precision, digits in (("fp32", 1e-4), ("fp16", 0.01), ("bf16", 0.05)):
        packed = computed(there, Backend("torch", precision))
        assert packed.device == torch.device("cuda:0")
        assert_allclose(pooled(packed, rows(40))[:, 0].cpu(), exact, atol=digits)


def test_a_gpu_is_tried_in_three_precisions_and_a_cpu_in_two_with_two_libraries(
    monkeypatch: pytest.MonkeyPatch, bert: BertModel
) -> None:
    tried: list[Backend] = []
    monkeypatch.setattr(backends, "_FASTEST", {})
    monkeypatch.setattr(
        backends, "_seconds", lambda ways: tried.extend(ways) or dict.fromkeys(ways, 0.0)
    )
    backends._by_speed(bert)
    assert tried == [Backend(n, p) for n in ("torch", "onednn") for p in ("fp32", "bf16")]
    assert [way.precision for way in backends._OF_GPU] == ["fp32", "bf16", "fp16"]


def test_what_they_are_tried_on_comes_from_everywhere() -> None:
    texts = [str(n) for n in range(1000)]
    assert len(some(texts)) == 64
    assert int(some(texts)[-1]) > 900
    assert some(texts[:5]) == texts[:5]


def test_different_numbers_of_tokens_are_filled_up_to_few() -> None:
    filled = [OneDnnProduct.filled(n) for n in (1, 16, 17, 128, 129, 500, 513, 1024)]
    assert filled == [16, 16, 32, 128, 160, 512, 576, 1024]
    assert len({OneDnnProduct.filled(n) for n in range(1, BATCH_TOKENS + 1)}) == 8 + 12 + 8


def test_what_is_filled_up_is_not_seen(bert: BertWeights) -> None:
    packed = Packed.of(rows(3))
    states = computed(bert, Backend("onednn", "fp32")).states(packed)
    assert len(states) == packed.lengths.sum() < OneDnnProduct.filled(len(states))
    assert_allclose(states, computed(bert, EXACT).states(packed), atol=1e-5)


def test_of_ways_that_are_about_as_fast_a_busy_moment_decides_nothing() -> None:
    ways = [Backend(name, digits) for name in ("torch", "onednn") for digits in ("fp32", "bf16")]
    torch_fp32, torch_bf16, onednn_fp32, onednn_bf16 = ways
    about = dict(zip(ways, (1.0, 1.0, 1.1, 1.0), strict=True))
    assert backends.in_order(about)[0] == onednn_fp32
    assert backends.in_order(about | {onednn_fp32: 1.2})[0] == onednn_fp32
    assert backends.in_order(about | {torch_fp32: 0.8})[0] == torch_fp32
    assert backends.in_order(about | {onednn_bf16: 0.8})[0] == onednn_bf16
    assert backends.in_order(about | {torch_bf16: 0.5})[0] == torch_bf16
