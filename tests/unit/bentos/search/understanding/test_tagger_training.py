"""Fine-tuning the tagger: repeatable, stopped in time, refused where there is nothing to learn."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from bentos.search.understanding import training
from bentos.search.understanding.parameters import TaggerParameters
from bentos.search.understanding.training import split_examples, train
from bentos.search.understanding.vocabulary import Vocabulary
from tests.unit.bentos.search.understanding.electronics import table

BRANDS = ("Acme", "Bolt", "Core")
TYPES = ("cable", "lamp", "printer", "mouse", "keyboard", "monitor", "speaker", "camera", "router")
COLOURS = ("Black", "White", "Red")
CATALOGUE = table(
    [
        {"brand": brand, "product_type": kind, "attributes": {"product_colour": colour}}
        for brand in BRANDS
        for kind in TYPES
        for colour in COLOURS
    ]
)
VOCABULARY = Vocabulary.of(CATALOGUE)


def _parameters(**changes: Any) -> TaggerParameters:
    """Enough to train within seconds."""
    small = {
        "examples": 256,
        "held_out": 0.3,
        "held_out_examples": 64,
        "epochs": 2,
        "batch": 32,
        "layers": 1,
    }
    return TaggerParameters(**(small | changes))


def _quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
    return items


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_the_families_of_training_validation_and_test_are_disjoint() -> None:
    split = split_examples(CATALOGUE, VOCABULARY, _parameters())
    named = [
        {word for example in part for word in example.words if word in TYPES}
        for part in (split.training, split.validation, split.test)
    ]
    assert all(named)
    assert not named[0] & named[1]
    assert not named[0] & named[2]
    assert not named[1] & named[2]


def test_the_same_seed_makes_the_same_tagger_and_another_one_another(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(CATALOGUE, VOCABULARY, tmp_path / name, _parameters(seed=seed, epochs=1), _quietly)
    a, b, c = (_weights(tmp_path / name) for name in "abc")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert not all(torch.equal(a[name], c[name]) for name in a)


def test_training_leaves_chance_and_settings_as_they_were(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    train(CATALOGUE, VOCABULARY, tmp_path, _parameters(epochs=1), _quietly)
    assert torch.rand(1) == expected
    assert not torch.are_deterministic_algorithms_enabled()


def test_training_stops_when_it_gets_worse_and_keeps_the_best_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter([0.5, 0.7, 0.6])
    monkeypatch.setattr(training, "score", lambda *_: next(said))
    figures = train(CATALOGUE, VOCABULARY, tmp_path, _parameters(epochs=9), _quietly)
    assert (figures["validation_f1"], figures["epochs"]) == (0.7, 2)


def test_the_words_of_the_encoder_stay_where_they_were(tmp_path: Path) -> None:
    train(CATALOGUE, VOCABULARY, tmp_path, _parameters(epochs=1), _quietly)
    name = "bert.embeddings.word_embeddings.weight"
    original = load_file(training.minilm_folder() / "model.safetensors")
    before = next(w for key, w in original.items() if key.endswith("word_embeddings.weight"))
    assert torch.equal(_weights(tmp_path)[name], before.half())


def test_what_repeats_is_learnt_from_once_an_epoch() -> None:
    made = split_examples(CATALOGUE, VOCABULARY, _parameters()).training
    assert len(made) == len(set(made)) == 64


def test_figures_tell_the_dictionary_the_classifier_and_both(tmp_path: Path) -> None:
    figures = train(CATALOGUE, VOCABULARY, tmp_path, _parameters(), _quietly)
    assert figures["examples"] == 64  # of so small a catalogue
    for name in ("dictionary", "classifier", "both"):
        assert 0 <= figures[f"test_f1_{name}"] <= 1


def test_a_catalogue_that_says_nothing_is_refused(tmp_path: Path) -> None:
    silent = table([{}, {"title": ""}])
    with pytest.raises(ValueError, match="say too little"):
        train(silent, Vocabulary.of(silent), tmp_path, _parameters(), _quietly)
    assert not list(tmp_path.iterdir())
