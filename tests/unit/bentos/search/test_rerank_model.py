"""The cross-encoder, its pairs, and which of its weights learn."""

from __future__ import annotations

import pytest
import torch
from numpy.testing import assert_allclose
from transformers import AutoTokenizer

from bentos.encoders.packed import Packed
from bentos.encoders.weights import minilm_folder
from bentos.search.model import CrossEncoder
from bentos.search.pairs import PairReader, stacked
from tests.unit.bentos.search.small_reranker import small_model, small_parameters


@pytest.fixture(scope="module")
def reader() -> PairReader:
    return PairReader(minilm_folder(), 24)


def test_a_pair_is_query_and_text_between_the_tokenizers_marks(reader: PairReader) -> None:
    ((ids, n_query),) = reader.read(["red pen"], ["a red ballpoint pen"])
    theirs = AutoTokenizer.from_pretrained(minilm_folder())("red pen", "a red ballpoint pen")
    assert ids == theirs["input_ids"]
    assert n_query == theirs["token_type_ids"].count(0)
    assert Packed.of([(ids, n_query)]).kinds.tolist() == theirs["token_type_ids"]


def test_a_long_text_is_cut_and_a_long_query_leaves_room_for_some_of_it(reader: PairReader) -> None:
    rows = reader.read(["pen", "pen " * 500], ["lamp " * 500, "lamp " * 500])
    assert [len(ids) for ids, _ in rows] == [24, 24]
    ((lamp,),) = reader.tokenizer.ids(["lamp"])
    assert all(lamp in ids for ids, _ in rows)


def test_empty_strings_are_pairs_too(reader: PairReader) -> None:
    ((ids, n_query),) = reader.read([""], [""])
    assert (len(ids), n_query) == (3, 2)


def test_states_are_put_together_padded() -> None:
    short, long = torch.randn(2, 4), torch.randn(3, 4)
    whole, present = stacked([short, long])
    assert present.tolist() == [[True, True, False], [True, True, True]]
    assert torch.equal(whole[0, :2], short)
    assert torch.equal(whole[1], long)


def test_before_training_the_score_is_the_weighted_features() -> None:
    model = small_model(small_parameters())
    features = torch.tensor([[1.0, 2.0], [0.0, 4.0]])
    states, present = torch.randn(2, 3, 32), torch.ones(2, 3, dtype=torch.bool)
    expected = torch.tensor([2.0 * 1 + 0.5 * 2, 0.5 * 4])
    with torch.inference_mode():
        raw = model(states, present, features)
        assert_allclose(raw, expected, atol=1e-5)
        model.standardise(features)
        scores = model(states, present, features)
    assert_allclose(scores - scores.mean(), expected - expected.mean(), atol=1e-4)


def test_a_head_that_has_learnt_nothing_costs_no_reading_and_changes_no_score() -> None:
    model = small_model(small_parameters())
    features = torch.tensor([[1.0, 2.0], [0.0, 4.0]])
    states, present = torch.randn(2, 3, 32), torch.ones(2, 3, dtype=torch.bool)
    assert model.whole_head.reads_nothing
    read = model(states, present, features)  # for a gradient it has to
    with torch.inference_mode():
        assert torch.equal(model(states, present, features), read)
    assert not _warm(model).whole_head.reads_nothing


def test_standardising_twice_keeps_what_the_weights_mean() -> None:
    model = small_model(small_parameters())
    model.standardise(torch.tensor([[1.0, 2.0], [3.0, 8.0]]))
    model.features.data += 0.5
    raw = (model.features / model.scale).detach()
    distance = (model.features / model.scale - model.prior / model.scale).detach()
    model.standardise(torch.tensor([[0.0, 5.0], [9.0, 6.0]]))
    assert_allclose((model.features / model.scale).detach(), raw, rtol=1e-4)
    assert_allclose(
        (model.features / model.scale - model.prior / model.scale).detach(), distance, rtol=1e-4
    )


def test_full_fine_tuning_opens_the_upper_layers_only() -> None:
    model = small_model(small_parameters(trained_layers=2))
    learning = {name for name, weights in model.named_parameters() if weights.requires_grad}
    assert learning >= {"head.weight", "head.bias", "features"}
    layers = {name.split(".")[3] for name in learning if name.startswith("encoder.")}
    assert layers == {"1", "2"}


def test_lora_opens_only_adapters_of_the_upper_layers() -> None:
    model = small_model(small_parameters(adapter="lora", trained_layers=1))
    learning = {name for name, weights in model.named_parameters() if weights.requires_grad}
    encoder = {name for name in learning if name.startswith("encoder.")}
    assert encoder
    assert all("lora_" in name and ".layer.2." in name for name in encoder)
    assert model.layer_weights() == []
    assert len(model.new_weights()) == 2 + len(encoder)


def test_without_trained_layers_only_the_head_learns() -> None:
    model = small_model(small_parameters(trained_layers=0))
    learning = {name for name, weights in model.named_parameters() if weights.requires_grad}
    assert learning == {"head.weight", "head.bias", "features"}


def test_merged_adapters_score_the_same() -> None:
    model = _warm(small_model(small_parameters(adapter="lora")))
    for weights in model.new_weights():
        torch.nn.init.normal_(weights, std=0.3)
    states, present = torch.randn(2, 3, 32), torch.ones(2, 3, dtype=torch.bool)
    features = torch.zeros(2, 2)
    with torch.inference_mode():
        before = model(states, present, features)
        model.merge()
        after = model(states, present, features)
    assert not any("lora" in name for name, _ in model.named_parameters())
    assert_allclose(before, after, atol=1e-4)


def _warm(model: CrossEncoder) -> CrossEncoder:
    """One whose head reads the states."""
    torch.nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(3))
    return model
