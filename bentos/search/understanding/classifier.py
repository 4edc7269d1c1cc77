"""The token classifier: words in, the probabilities of their labels out.

One label a word: its first sub-word carries it; the others, the special ones and the padding have
the label -100, which loss and score ignore.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModelForTokenClassification, AutoTokenizer

from bentos.encoders.weights import without_report
from bentos.search.understanding.tags import LABELS

IGNORED = -100
_MOST_TOKENS = 128
_BATCH = 64

Probabilities = NDArray[np.float32]  # [words, labels]


class Classifier:
    """A tokenizer and a model with a row of logits for each of its tokens."""

    def __init__(self, tokenizer: Any, model: nn.Module) -> None:
        """Takes both as transformers loaded them."""
        self.tokenizer = tokenizer
        self.model = model

    @classmethod
    def from_encoder(cls, folder: Path, layers: int) -> "Classifier":
        """The lower ``layers`` of an encoder with a new head for the labels."""
        names = dict(enumerate(LABELS))
        shape = {"num_hidden_layers": layers, "id2label": names}
        shape["label2id"] = {label: code for code, label in names.items()}
        return cls(*_loaded(folder, **shape))

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> "Classifier":
        """What `save` wrote.

        Raises:
            FileNotFoundError: there is no tagger in the folder.
            ValueError: it was trained for other labels.
        """
        if not (folder / "config.json").exists():
            raise FileNotFoundError(f"no tagger of queries was found in {folder}")
        tokenizer, model = _loaded(folder)
        found = tuple(label for _, label in sorted(model.config.id2label.items()))
        if found != LABELS:
            raise ValueError(f"the tagger in {folder} knows the labels {found}, not {LABELS}")
        return cls(tokenizer, model.to(device).eval())

    def save(self, folder: Path) -> None:
        """Writes safetensors in half precision, the labels (in config.json) and the tokenizer."""
        model: Any = self.model
        dtype = model.dtype
        with without_report():
            model.half().save_pretrained(folder)
            self.tokenizer.save_pretrained(folder)
        model.to(dtype)

    def encode(self, sentences: Sequence[Sequence[str]]) -> tuple[Any, NDArray[np.int64]]:
        """Sentences as the model takes them, and the word of each first sub-word, else -1."""
        encoded = self.tokenizer(
            [list(words) for words in sentences],
            is_split_into_words=True,
            truncation=True,
            max_length=_MOST_TOKENS,
            padding=True,
            return_tensors="pt",
        )
        places = np.full(encoded["input_ids"].shape, -1)
        for row in range(len(sentences)):
            before = None
            for column, word in enumerate(encoded.word_ids(row)):
                if word is not None and word != before:
                    places[row, column] = word
                before = word
        return encoded, places

    def probabilities(self, sentences: Sequence[Sequence[str]]) -> list[Probabilities]:
        """Label probabilities of each sentence's words; of words without a token those of 'O'."""
        order = sorted(range(len(sentences)), key=lambda n: len(sentences[n]))
        found: list[Probabilities] = [np.empty((0, len(LABELS)), np.float32)] * len(sentences)
        for start in range(0, len(order), _BATCH):
            rows = [row for row in order[start : start + _BATCH] if sentences[row]]
            if not rows:
                continue
            batch = [sentences[row] for row in rows]
            encoded, places = self.encode(batch)
            with torch.inference_mode():
                logits = self.model(**encoded.to(self._device)).logits.float()
            chances = logits.softmax(-1).cpu().numpy()
            for row, words, place, chance in zip(rows, batch, places, chances, strict=True):
                of_words = np.zeros((len(words), len(LABELS)), np.float32)
                of_words[:, 0] = 1
                of_words[place[place >= 0]] = chance[place >= 0]
                found[row] = of_words
        return found

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device


def token_labels(
    places: NDArray[np.int64], labels: Sequence[Sequence[str | None]], codes: dict[str, int]
) -> Tensor:
    """The code of the label of each word, at its first sub-word; -100 everywhere else."""
    targets = np.full(places.shape, IGNORED)
    for row, of_words in enumerate(labels):
        for column, place in enumerate(places[row]):
            label = of_words[place] if place >= 0 else None
            if label is not None:
                targets[row, column] = codes[label]
    return torch.from_numpy(targets)


def _loaded(folder: Path, **shape: Any) -> tuple[Any, Any]:
    with without_report():
        return (
            AutoTokenizer.from_pretrained(folder),
            AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32, **shape),
        )
