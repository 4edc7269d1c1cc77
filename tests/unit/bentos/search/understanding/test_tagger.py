"""Tagging queries: the classifier and the dictionary together, and whatever people type."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from bentos.encoders.weights import minilm_folder
from bentos.search.understanding.classifier import Classifier, Probabilities
from bentos.search.understanding.tagger import Tagger, save_trust, weigh
from bentos.search.understanding.tags import LABELS, LONGEST_QUERY, Tag
from bentos.search.understanding.trainable import TrainableClassifier
from bentos.search.understanding.vocabulary import Vocabulary
from tests.unit.bentos.search.understanding.electronics import CATALOGUE


class Undecided(Classifier):
    """Holds all labels for equally likely, but for the words it is told of."""

    def __init__(self, **labels: str) -> None:
        self._labels = labels

    def probabilities(self, sentences: Sequence[Sequence[str]]) -> list[Probabilities]:
        found = []
        for words in sentences:
            chances = np.full((len(words), len(LABELS)), 1 / len(LABELS), np.float32)
            for place, word in enumerate(words):
                if word in self._labels:
                    chances[place] = 0.2 / (len(LABELS) - 1)
                    chances[place, LABELS.index(self._labels[word])] = 0.8
            found.append(chances)
        return found


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.of(CATALOGUE)


def test_where_the_classifier_is_undecided_the_dictionary_decides(vocabulary: Vocabulary) -> None:
    tags = Tagger(Undecided(), vocabulary, trust=3).tags("Samsung mobile phone cases")
    assert [(tag.kind, tag.text, tag.value) for tag in tags] == [
        ("BRAND", "Samsung", "Samsung"),
        ("TYPE", "mobile phone cases", "mobile phone case"),
    ]
    assert all(0.5 < tag.confidence < 1 for tag in tags)


def test_what_only_the_classifier_knows_is_tagged_without_a_value(vocabulary: Vocabulary) -> None:
    tagger = Tagger(Undecided(gaming="B-VALUE", laptop="B-TYPE"), vocabulary, trust=3)
    tags = tagger.tags("gaming  laptop")
    assert tags == [
        Tag("VALUE", "gaming", 0, 6, None, pytest.approx(0.8)),
        Tag("TYPE", "laptop", 8, 14, None, pytest.approx(0.8)),
    ]


def test_a_sure_classifier_overrules_a_dictionary_of_little_trust(vocabulary: Vocabulary) -> None:
    classifier = Undecided(samsung="B-VALUE")
    assert Tagger(classifier, vocabulary, trust=1).tags("samsung")[0].kind == "VALUE"
    assert Tagger(classifier, vocabulary, trust=9).tags("samsung")[0].kind == "BRAND"


def test_trust_is_in_nats() -> None:
    chances = np.full((1, len(LABELS)), 1 / len(LABELS), np.float32)
    weighed = weigh(chances, ["B-BRAND"], trust=float(np.log(14)))
    assert weighed[0, LABELS.index("B-BRAND")] == pytest.approx(0.5)
    np.testing.assert_allclose(weigh(chances, ["O"], trust=3.0), chances, rtol=1e-6)


@pytest.fixture(scope="module")
def real(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    folder = tmp_path_factory.mktemp("tagger")
    torch.manual_seed(1)
    TrainableClassifier(minilm_folder(), layers=2).save(folder)
    save_trust(folder, 4.0)
    return Tagger.load(folder, vocabulary)


HARD = {
    "nothing": "",
    "blanks": " \t\n ",
    "signs": "!?.,;:-_()[]{}\"'%&/\\*+~#<>|",
    "emoji": "🎧 👩‍👩‍👧‍👦 🇫🇮",
    "mixed scripts": "кабель samsung 耳机 σκληρός 케이블 كابل हेडसेट",
    "sql": "'; drop table products; -- samsung",
    "html": "<script>alert('samsung')</script>&nbsp;<b>cable</b>",
    "nulls": "\x00\x01samsung\ud800",
    "one long word": "a" * 10_000,
    "many words": "samsung cable 3 m " * 600,
    "many signs": "-" * 10_000,
    "many numbers": "1" * 10_000,
    "measures": "1x" * 5_000,
    "accents": "e" + "\u0301" * 9_999,
}


@pytest.mark.parametrize("query", HARD.values(), ids=HARD.keys())
def test_whatever_is_typed_tags_lie_in_the_query_and_come_soon(real: Tagger, query: str) -> None:
    start = time.process_time()
    tags = real.tags(query)
    assert time.process_time() - start < 2  # on a slow machine; some milliseconds as a rule
    ends = 0
    for tag in tags:
        assert ends <= tag.start < tag.end <= min(len(query), LONGEST_QUERY)
        assert query[tag.start : tag.end] == tag.text
        assert 0 < tag.confidence <= 1
        ends = tag.end


@pytest.mark.parametrize("name", ["nothing", "blanks", "signs", "one long word", "many signs"])
def test_what_has_no_words_has_no_tags(real: Tagger, name: str) -> None:
    assert real.tags(HARD[name]) == []


@pytest.mark.parametrize("name", ["mixed scripts", "sql", "html", "nulls"])
def test_a_brand_is_found_among_rubbish(vocabulary: Vocabulary, name: str) -> None:
    tags = Tagger(Undecided(), vocabulary, trust=3).tags(HARD[name])
    assert ("BRAND", "samsung", "Samsung") in [(tag.kind, tag.text, tag.value) for tag in tags]


def test_a_tagger_without_its_trust_is_refused(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Tagger.load(tmp_path, vocabulary)
