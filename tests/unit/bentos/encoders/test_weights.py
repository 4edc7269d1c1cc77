"""Weights from a file: the same as transformers reads, and held once where they are the same."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from bentos.encoders.packed import Packed, PackedBert
from bentos.encoders.sharing import shared
from bentos.encoders.trainable import minilm
from bentos.encoders.weights import CONFIG, WEIGHTS, BertWeights, minilm_folder

WORDS = "embeddings.word_embeddings.weight"


def _minilm() -> BertWeights:
    return BertWeights.load(minilm_folder() / WEIGHTS, minilm_folder() / CONFIG)


@pytest.fixture
def tuned(tmp_path: Path) -> BertWeights:
    """MiniLM with another uppermost layer, among other weights."""
    weights = {f"encoder.{name}": t for name, t in load_file(minilm_folder() / WEIGHTS).items()}
    weights["encoder.encoder.layer.5.output.dense.bias"] += 1
    save_file({**weights, "head": torch.ones(1)}, tmp_path / WEIGHTS)
    return BertWeights.load(tmp_path / WEIGHTS, minilm_folder() / CONFIG, "encoder.")


def test_a_file_says_what_transformers_reads_from_it() -> None:
    ours, theirs = _minilm(), BertWeights.of(minilm(minilm_folder()))
    assert (ours.layers, ours.heads, ours.epsilon) == (theirs.layers, theirs.heads, theirs.epsilon)
    packed = Packed.of([([101, 7592, 102], 3)])
    states = [PackedBert(weights, torch.float32).states(packed) for weights in (ours, theirs)]
    assert torch.equal(*states)


def test_equal_layers_are_held_once_and_others_are_not(tuned: BertWeights) -> None:
    one, other = (PackedBert(weights, torch.float32) for weights in (_minilm(), tuned))
    same = [a is b for a, b in zip(one._layers, other._layers, strict=True)]
    assert same == [True] * 5 + [False]
    assert one._words is other._words
    rough = PackedBert(_minilm(), torch.bfloat16)
    assert not set(one._layers) & set(rough._layers)


def test_weights_in_memory_are_never_taken_for_others() -> None:
    model = minilm(minilm_folder())
    one = PackedBert(BertWeights.of(model), torch.float32)
    model.encoder.layer[0].output.dense.bias.data += 1
    assert one._layers[0] is not PackedBert(BertWeights.of(model), torch.float32)._layers[0]


def test_what_nobody_holds_is_made_again() -> None:
    held = shared("key", lambda: {1})
    assert shared("key", lambda: {2}) is held
    del held
    gc.collect()
    assert shared("key", lambda: {2}) == {2}
