"""The two models in plain torch, for the peers that convert them, and batches by length."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from mean_head import MeanForSequenceClassification, mean
from reading import Floats, Score, Task
from torch import Tensor, nn
from transformers import AutoTokenizer, BertModel

TEXT_TOKENS = 256  # of a text, as sentence-transformers reads MiniLM
NAMES = ("input_ids", "attention_mask", "token_type_ids")

Ids = list[list[int]]
Tokens = tuple[Ids, Ids]  # the ids of each item, and which of its parts each token is of
Batch = dict[str, np.ndarray[Any, Any]]  # int64 [B, T], by the names of NAMES


class Pairs(nn.Module):
    """Ids and masks [B, T] -> scores [B]."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.model = MeanForSequenceClassification.from_pretrained(folder)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        logits = self.model(input_ids, attention_mask, token_type_ids).logits
        return cast(Tensor, logits).squeeze(-1)


class Texts(nn.Module):
    """Ids and masks [B, T] -> unit vectors [B, D]."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(folder, add_pooling_layer=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        states = self.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)[
            0
        ]
        return nn.functional.normalize(mean(states, attention_mask), dim=-1)


def module(task: Task) -> nn.Module:
    """The model of a job, in fp32."""
    return (Pairs if task.job == "pairs" else Texts)(task.model).eval()


class Reader:
    """Tokenises the items of a job."""

    def __init__(self, task: Task) -> None:
        """Loads the tokenizer."""
        self._tokenizer = AutoTokenizer.from_pretrained(task.model)
        self._pairs = task.job == "pairs"
        longest: int = self._tokenizer.model_max_length
        self._most = longest if self._pairs else min(longest, TEXT_TOKENS)

    def __call__(self, items: Sequence[Any]) -> Tokens:
        """The tokens of each item."""
        parts = list(zip(*items, strict=True)) if self._pairs else [items]
        read = self._tokenizer(
            *(list(part) for part in parts), truncation=True, max_length=self._most
        )
        return read["input_ids"], read["token_type_ids"]


def example() -> dict[str, Tensor]:
    """Inputs of the right names and types, to trace with."""
    return {name: torch.ones(2, 8, dtype=torch.int64) for name in NAMES}


def in_batches(task: Task, infer: Callable[[Batch], Floats]) -> Score:
    """Scores items, ordered by their number of tokens, so that little of a batch is padding."""
    reader = Reader(task)

    def score(items: Sequence[Any], size: int) -> Floats:
        ids, kinds = reader(items)
        order = sorted(range(len(ids)), key=lambda place: -len(ids[place]))
        found = [infer(batch) for batch in _batches(ids, kinds, order, size)]
        together = np.concatenate(found)
        scores = np.empty_like(together)
        scores[order] = together
        return scores

    return score


def _batches(ids: Ids, kinds: Ids, order: Sequence[int], size: int) -> Iterator[Batch]:
    for start in range(0, len(order), size):
        places = order[start : start + size]
        shape = (len(places), len(ids[places[0]]))  # the longest comes first
        batch = {name: np.zeros(shape, np.int64) for name in NAMES}
        for row, place in enumerate(places):
            n = len(ids[place])
            batch["input_ids"][row, :n] = ids[place]
            batch["token_type_ids"][row, :n] = kinds[place]
            batch["attention_mask"][row, :n] = 1
        yield batch
