"""The token classifier as transformers has it: what is trained."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoModelForTokenClassification

from bentos.encoders.packed import PackedBert
from bentos.encoders.trainable import without_report
from bentos.encoders.weights import BertWeights
from bentos.search.understanding.classifier import Classifier, WordReader
from bentos.search.understanding.tags import LABELS

IGNORED = -100  # the label of what carries none: loss and score pass over it


class TrainableClassifier:
    """A reader of words, and a model with a row of logits for each token."""

    def __init__(self, folder: Path, layers: int) -> None:
        """The lower ``layers`` of the encoder in ``folder`` with a new head for the labels."""
        names = dict(enumerate(LABELS))
        codes = {label: code for code, label in names.items()}
        self._reader = WordReader(folder)
        with without_report():
            self.model: Any = AutoModelForTokenClassification.from_pretrained(
                folder,
                dtype=torch.float32,
                num_hidden_layers=layers,
                id2label=names,
                label2id=codes,
            )

    def encode(
        self, sentences: Sequence[Sequence[str]]
    ) -> tuple[Mapping[str, Tensor], NDArray[np.int64]]:
        """Sentences as the model takes them, and the word of each first sub-word, else -1."""
        read = self._reader.read(sentences)
        shape = len(read), max(len(sentence.ids) for sentence in read)
        ids, present = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
        places = np.full(shape, -1)
        for row, sentence in enumerate(read):
            length = len(sentence.ids)
            ids[row, :length], present[row, :length] = torch.tensor(sentence.ids), 1
            places[row, :length] = sentence.words
        device = self.model.device
        return {"input_ids": ids.to(device), "attention_mask": present.to(device)}, places

    def classifier(self) -> Classifier:
        """What has been learnt so far, in service: it shares the weights."""
        head = self.model.classifier
        encoder = PackedBert(BertWeights.of(self.model.bert), torch.float32)
        return Classifier(self._reader, encoder, head.weight.detach(), head.bias.detach())

    def save(self, folder: Path) -> None:
        """Writes safetensors in half precision, the labels (in config.json) and the tokenizer."""
        dtype = self.model.dtype
        with without_report():
            self.model.half().save_pretrained(folder)
        self._reader.tokenizer.save(folder)
        self.model.to(dtype)


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
