"""BERT over texts laid end to end, against the same model over a padded rectangle."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from numpy.testing import assert_allclose
from transformers import AutoTokenizer, BertModel

from bentos.encoders.packed import Packed, PackedBert, Row, batches, means
from bentos.encoders.trainable import minilm
from bentos.encoders.weights import BertWeights, minilm_folder
from tests.unit.bentos.conftest import DEVICES

PAIRS = [("pen", "a red ballpoint pen"), ("mug", "cup"), ("lamp", "the lamp on a desk of oak")]


@pytest.fixture(scope="module")
def bert() -> BertModel:
    return minilm(minilm_folder())


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    read = [tokenizer(*pair) for pair in PAIRS]
    return [(pair["input_ids"], pair["token_type_ids"].count(0)) for pair in read]


@pytest.mark.parametrize("device", DEVICES)
def test_every_token_has_the_state_that_transformers_gives_it(
    bert: BertModel, rows: list[Row], device: str
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    padded = tokenizer([q for q, _ in PAIRS], [t for _, t in PAIRS], padding=True)
    with torch.inference_mode():
        theirs = bert(**padded.convert_to_tensors("pt")).last_hidden_state
    packed = Packed.of(rows, device)
    ours = PackedBert(BertWeights.of(bert.to(device)), torch.float32).states(packed)
    for place, state in enumerate(ours.split(packed.lengths.tolist())):
        assert_allclose(state.cpu(), theirs[place, : len(state)], atol=1e-5)
    bert.to("cpu")


def test_in_bf16_the_states_point_the_same_way(bert: BertModel, rows: list[Row]) -> None:
    packed = Packed.of(rows)
    exact, rough = (
        means(PackedBert(BertWeights.of(bert), dtype).states(packed), packed.lengths)
        for dtype in (torch.float32, torch.bfloat16)
    )
    assert (torch.cosine_similarity(exact, rough) > 0.999).all()


def test_a_text_does_not_see_its_neighbours(bert: BertModel, rows: list[Row]) -> None:
    encoder = PackedBert(BertWeights.of(bert), torch.float32)
    together = encoder.states(Packed.of([*rows, rows[0]]))
    assert_allclose(together[: len(rows[0][0])], encoder.states(Packed.of(rows[:1])), atol=1e-5)
    assert_allclose(together[-len(rows[0][0]) :], together[: len(rows[0][0])], atol=1e-5)


def test_the_lower_layers_can_be_asked_alone(bert: BertModel, rows: list[Row]) -> None:
    one = Packed.of(rows[:1])
    with torch.inference_mode():
        theirs = bert(
            input_ids=one.ids[None], token_type_ids=one.kinds[None], output_hidden_states=True
        ).hidden_states
    for layers in (0, 4):
        lower = PackedBert(replace(BertWeights.of(bert), layers=layers), torch.float32)
        assert_allclose(lower.states(one), theirs[layers][0], atol=1e-5)


def test_batches_fill_up_in_order_of_length() -> None:
    assert list(batches([5, 1, 3, 2, 4], most=6)) == [[1, 3, 2], [4], [0]]
    assert list(batches([], most=6)) == []


def test_a_text_longer_than_a_batch_is_one_by_itself() -> None:
    assert list(batches([9, 2, 2], most=4)) == [[1, 2], [0]]


def test_a_mean_is_over_the_tokens_of_its_own_text() -> None:
    states = torch.tensor([[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]])
    assert means(states, torch.tensor([2, 1])).tolist() == [[2.0, 3.0], [9.0, 9.0]]
