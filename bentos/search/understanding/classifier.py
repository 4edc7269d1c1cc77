"""The token classifier: words in, the probabilities of their labels out.

One label a word: its first sub-word carries it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor, nn

from bentos.encoders.packed import Packed, PackedBert, batches
from bentos.encoders.tokenizer import Tokenizer
from bentos.encoders.weights import CONFIG, WEIGHTS, BertWeights
from bentos.search.understanding.tags import LABELS

ENCODER = "bert."  # what the names of the encoder's weights begin with
_HEAD = "classifier"
_MOST_TOKENS = 128
_NO_FIRST = -1

Probabilities = NDArray[np.float32]  # [words, labels]


@dataclass(frozen=True)
class Sentence:
    """Words as token ids, and of each token the word that it is the first of, else -1."""

    ids: list[int]
    words: list[int]


class WordReader:
    """Turns sentences of words into token ids: [CLS] words [SEP]."""

    def __init__(self, folder: Path) -> None:
        """Reads the tokenizer in ``folder``."""
        self.tokenizer = Tokenizer(folder)

    def read(self, sentences: Sequence[Sequence[str]]) -> list[Sentence]:
        """Of a long sentence the first 128 tokens."""
        return [self._sentence(*of) for of in self.tokenizer.ids_of_words(sentences)]

    def _sentence(self, ids: Sequence[int], words: Sequence[int | None]) -> Sentence:
        start, end = self.tokenizer.start, self.tokenizer.end
        ids, words = ids[: _MOST_TOKENS - 2], words[: _MOST_TOKENS - 2]
        firsts = [
            word if word is not None and word != before else _NO_FIRST
            for before, word in pairwise((None, *words))
        ]
        return Sentence([start, *ids, end], [_NO_FIRST, *firsts, _NO_FIRST])


class Classifier:
    """An encoder with a row of chances for each of its tokens."""

    def __init__(self, reader: WordReader, encoder: PackedBert, weight: Tensor, bias: Tensor):
        """Takes the head's ``weight`` [labels, D] and ``bias`` [labels]."""
        self._reader = reader
        self._encoder = encoder
        self._weight, self._bias = weight, bias

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> "Classifier":
        """What training saved.

        Raises:
            FileNotFoundError: there is no tagger in the folder.
            ValueError: it was trained for other labels.
        """
        if not (folder / CONFIG).exists():
            raise FileNotFoundError(f"no tagger of queries was found in {folder}")
        named = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["id2label"]
        found = tuple(named[code] for code in sorted(named, key=int))
        if found != LABELS:
            raise ValueError(f"the tagger in {folder} knows the labels {found}, not {LABELS}")
        weights = BertWeights.load(folder / WEIGHTS, folder / CONFIG, ENCODER, device)
        with safe_open(folder / WEIGHTS, "pt", device) as file:
            weight, bias = (file.get_tensor(f"{_HEAD}.{n}").float() for n in ("weight", "bias"))
        return cls(WordReader(folder), PackedBert(weights, torch.float32), weight, bias)

    def probabilities(self, sentences: Sequence[Sequence[str]]) -> list[Probabilities]:
        """Label probabilities of each sentence's words; of words without a token those of 'O'."""
        read = self._reader.read(sentences)
        found: list[Probabilities] = [np.empty((0, len(LABELS)), np.float32)] * len(sentences)
        for places in batches([len(sentence.ids) for sentence in read]):
            packed = Packed.of([(read[place].ids, len(read[place].ids)) for place in places])
            chances = np.split(self._chances(packed), packed.lengths.cumsum(0)[:-1])
            for place, chance in zip(places, chances, strict=True):
                words = np.array(read[place].words)
                of_words = np.zeros((len(sentences[place]), len(LABELS)), np.float32)
                of_words[:, 0] = 1
                of_words[words[words >= 0]] = chance[words >= 0]
                found[place] = of_words
        return found

    @torch.inference_mode()
    def _chances(self, packed: Packed) -> Probabilities:
        """[N, labels]."""
        logits = nn.functional.linear(self._encoder.states(packed), self._weight, self._bias)
        chances: Probabilities = logits.softmax(-1).cpu().numpy()
        return chances
