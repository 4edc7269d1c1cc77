"""Tags queries: the token classifier and the dictionary together.

The classifier reads words it has never seen by their company and their likeness to others; the
dictionary knows the catalogue's values by heart, those of today too. Where the dictionary knows a
word, its label gains ``trust`` (in nats) over what the classifier thinks of the word.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bentos.search.understanding.classifier import Classifier, Probabilities
from bentos.search.understanding.lexicon import Lexicon
from bentos.search.understanding.tags import (
    LABELS,
    OUTSIDE,
    Span,
    Tag,
    Word,
    labels_of,
    spans_of,
    words_of,
)
from bentos.search.understanding.vocabulary import Vocabulary

_CODES = {label: code for code, label in enumerate(LABELS)}
_TRUST = "trust.json"


class Tagger:
    """Knows a catalogue's values, and a classifier trained on them or on older ones."""

    def __init__(self, classifier: Classifier, vocabulary: Vocabulary, trust: float) -> None:
        """Takes the nats that the dictionary's word adds to the classifier's."""
        self._classifier = classifier
        self._vocabulary = vocabulary
        self._trust = trust

    @classmethod
    def load(cls, folder: Path, vocabulary: Vocabulary, device: str = "cpu") -> "Tagger":
        """What training left in a folder, with the vocabulary of the catalogue as it is now.

        Raises:
            OSError: the folder lacks a file.
            ValueError: it was trained for other labels.
        """
        trust = json.loads((folder / _TRUST).read_text())["trust"]
        return cls(Classifier.load(folder, device), vocabulary, trust)

    def tags(self, query: str) -> list[Tag]:
        """The tags of a query, in order and without overlap; none where nothing is understood."""
        words = words_of(query)
        if not words:
            return []
        (chances,) = self._classifier.probabilities([[word.text for word in words]])
        weighed = weigh(chances, dictionary_labels(self._vocabulary.lexicon, words), self._trust)
        labels = [LABELS[code] for code in weighed.argmax(1)]
        return [self._tag(query, words, span, weighed) for span in spans_of(labels)]

    def _tag(self, query: str, words: Sequence[Word], span: Span, weighed: Probabilities) -> Tag:
        start, end = words[span.first].start, words[span.last - 1].end
        kind, text = span.kind, query[start:end]
        known = self._vocabulary.value(text)
        # Of its words the least sure decides: a span is right only as a whole.
        confidence = float(weighed[span.first : span.last].max(1).min())
        return Tag(kind, text, start, end, known, confidence)


def save_trust(folder: Path, trust: float) -> None:
    """Writes it where `Tagger.load` looks."""
    (folder / _TRUST).write_text(json.dumps({"trust": trust}))


def dictionary_labels(lexicon: Lexicon, words: Sequence[Word]) -> list[str]:
    """What the dictionary alone says of each word."""
    return labels_of(len(words), [match.span for match in lexicon.matches(words)])


def weigh(chances: Probabilities, known: Sequence[str], trust: float) -> Probabilities:
    """Probabilities [words, labels], the dictionary's label of each word (if any) favoured."""
    favoured = np.zeros_like(chances)
    for place, label in enumerate(known):
        favoured[place, _CODES[label]] = trust if label != OUTSIDE else 0.0
    raised = chances * np.exp(favoured)
    weighed: Probabilities = raised / raised.sum(1, keepdims=True)
    return weighed
