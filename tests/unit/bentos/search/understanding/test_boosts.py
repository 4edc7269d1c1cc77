"""What tags do to a ranking."""

from __future__ import annotations

import numpy as np
import pytest

from bentos.search.understanding.boosts import boosts
from bentos.search.understanding.tags import Tag
from bentos.search.understanding.vocabulary import Vocabulary
from tests.unit.bentos.search.understanding.electronics import (
    CABLE,
    CASE,
    CATALOGUE,
    LONG_CABLE,
    PHONE,
    TONER,
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.of(CATALOGUE)


def _tag(vocabulary: Vocabulary, kind: str, text: str, confidence: float = 1.0) -> Tag:
    return Tag(kind, text, 0, len(text), vocabulary.value(text), confidence)


def test_a_query_that_is_not_understood_loses_nothing(vocabulary: Vocabulary) -> None:
    found = boosts([], vocabulary)
    assert len(found.rows) == len(found.weights) == 0
    scores = np.array([3.0, 1, 2, 5, 4, 9, 7, 8], np.float32)
    assert (scores + found.of_all(8) == scores).all()


def test_a_value_that_the_catalogue_lacks_asks_for_nothing(vocabulary: Vocabulary) -> None:
    known = _tag(vocabulary, "TYPE", "cables")
    unknown = _tag(vocabulary, "BRAND", "nobody")
    assert len(boosts([unknown], vocabulary).rows) == 0
    assert boosts([known, unknown], vocabulary).weights.tolist() == [1, 1]


def test_products_gain_the_share_of_what_is_asked_that_they_have(vocabulary: Vocabulary) -> None:
    asked = [_tag(vocabulary, "COLOUR", "black"), _tag(vocabulary, "TYPE", "cable")]
    found = boosts(asked, vocabulary)
    assert found.rows.tolist() == [CABLE, LONG_CABLE, CASE, PHONE, TONER]
    assert found.weights == pytest.approx([1, 1 / 1.4, 0.4 / 1.4, 0.4 / 1.4, 0.4 / 1.4])


def test_a_tag_counts_by_its_confidence(vocabulary: Vocabulary) -> None:
    found = boosts([_tag(vocabulary, "BRAND", "samsung", 0.6)], vocabulary)
    assert found.rows.tolist() == [CASE, PHONE]
    assert found.weights == pytest.approx([0.6, 0.6])


def test_words_that_are_a_value_only_each_for_itself_are_asked_for_all(
    vocabulary: Vocabulary,
) -> None:
    tag = _tag(vocabulary, "TYPE", "samsung leather")
    assert tag.value is None
    assert boosts([tag], vocabulary).rows.tolist() == [CASE]
    assert len(boosts([_tag(vocabulary, "TYPE", "leather nothing")], vocabulary).rows) == 0


def test_nothing_is_filtered(vocabulary: Vocabulary) -> None:
    sure = boosts([_tag(vocabulary, "MODEL", "h390")], vocabulary).of_all(vocabulary.size)
    assert (sure >= 0).all()
    assert len(sure) == vocabulary.size
