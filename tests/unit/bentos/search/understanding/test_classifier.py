"""One label a word: sub-words aligned, padding ignored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

from bentos.encoders.weights import minilm_folder
from bentos.search.understanding.classifier import Classifier
from bentos.search.understanding.tags import LABELS
from bentos.search.understanding.trainable import IGNORED, TrainableClassifier, token_labels

CODES = {label: code for code, label in enumerate(LABELS)}
LONG, SHORT = ["startech.com", "hdmi", "cable"], ["hp"]


@pytest.fixture(scope="module")
def trainable() -> TrainableClassifier:
    torch.manual_seed(1)
    new = TrainableClassifier(minilm_folder(), layers=1)
    new.model.eval()
    return new


@pytest.fixture(scope="module")
def classifier(trainable: TrainableClassifier) -> Classifier:
    return trainable.classifier()


def test_the_first_sub_word_carries_the_label_and_nothing_else_does(
    trainable: TrainableClassifier,
) -> None:
    encoded, places = trainable.encode([LONG, SHORT])
    targets = token_labels(places, [["B-BRAND", "B-VALUE", "B-TYPE"], ["B-BRAND"]], CODES)
    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    tokens = [tokenizer.convert_ids_to_tokens(row) for row in encoded["input_ids"]]
    assert targets.shape == encoded["input_ids"].shape
    labelled = [
        [(token, LABELS[code]) for token, code in zip(*row, strict=True) if code != IGNORED]
        for row in zip(tokens, targets.tolist(), strict=True)
    ]
    assert labelled[0][0] == ("start", "B-BRAND")  # start ##ech . com
    assert [label for _, label in labelled[0]] == ["B-BRAND", "B-VALUE", "B-TYPE"]
    assert labelled[1] == [("hp", "B-BRAND")]
    assert tokens[1][-1] == "[PAD]"


def test_a_word_without_a_label_is_ignored(trainable: TrainableClassifier) -> None:
    _, places = trainable.encode([["quick", "hp"]])
    targets = token_labels(places, [[None, "B-BRAND"]], CODES)
    assert sorted(set(targets.flatten().tolist())) == [IGNORED, CODES["B-BRAND"]]


def test_what_serves_says_what_was_trained_and_padding_changes_nothing(
    trainable: TrainableClassifier, classifier: Classifier
) -> None:
    encoded, places = trainable.encode([LONG, SHORT])
    with torch.inference_mode():
        chances = trainable.model(**encoded).logits.softmax(-1).numpy()
    found = classifier.probabilities([LONG, SHORT, []])
    assert [len(of_words) for of_words in found] == [3, 1, 0]
    for row in range(2):
        np.testing.assert_allclose(found[row], chances[row][places[row] >= 0], atol=1e-5)
        np.testing.assert_allclose(found[row].sum(1), 1, atol=1e-5)


def test_words_past_the_longest_sentence_name_nothing(classifier: Classifier) -> None:
    (chances,) = classifier.probabilities([["hp"] * 400])
    assert len(chances) == 400
    assert (chances[-1] == np.eye(len(LABELS))[0]).all()


def test_a_sign_without_a_token_of_its_own_names_nothing(classifier: Classifier) -> None:
    (chances,) = classifier.probabilities([["\u200d", "hp"]])
    assert len(chances) == 2


def test_what_is_saved_is_what_is_loaded_up_to_half_precision(
    trainable: TrainableClassifier, tmp_path: Path
) -> None:
    before = trainable.classifier().probabilities([LONG])[0]
    trainable.save(tmp_path)
    np.testing.assert_allclose(trainable.classifier().probabilities([LONG])[0], before, atol=1e-3)
    loaded = Classifier.load(tmp_path).probabilities([LONG])[0]
    np.testing.assert_allclose(loaded, before, atol=5e-3)
    assert (tmp_path / "model.safetensors").stat().st_size < 40e6


def test_a_tagger_of_other_labels_is_refused(
    trainable: TrainableClassifier, tmp_path: Path
) -> None:
    trainable.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"]["1"] = "B-SMELL"
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match="B-SMELL"):
        Classifier.load(tmp_path)


def test_a_folder_without_a_tagger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Classifier.load(tmp_path)
