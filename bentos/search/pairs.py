"""Pairs of queries and product texts as token ids: each distinct text is tokenised once."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from bentos.search.model import Pairs

_QUERY_TOKENS = 24  # of a query that goes on, the beginning says what is looked for


class PairReader:
    """Turns pairs into token ids: [CLS] query [SEP] text [SEP]."""

    def __init__(self, folder: Path, tokens: int) -> None:
        """Reads the tokenizer in ``folder``; a pair has at most ``tokens`` tokens."""
        self.tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder)
        self._tokens = tokens
        self._known: dict[str, list[int]] = {}

    def remember(self, texts: Sequence[str]) -> None:
        """Tokenises the texts that are not known yet, and keeps them."""
        new = sorted({text for text in texts if text not in self._known})
        self._known |= dict(zip(new, self._tokenised(new), strict=True))

    def forget(self) -> None:
        """Keeps nothing any longer."""
        self._known.clear()

    def read(self, queries: Sequence[str], texts: Sequence[str]) -> list[tuple[list[int], int]]:
        """The token ids of each pair, and how many of them are the query's."""
        asked = sorted(set(queries))
        query_ids = dict(zip(asked, self._tokenised(asked), strict=True))
        new = sorted({text for text in texts if text not in self._known})
        text_ids = self._known | dict(zip(new, self._tokenised(new), strict=True))
        return [
            self._pair(query_ids[query], text_ids[text])
            for query, text in zip(queries, texts, strict=True)
        ]

    def _pair(self, query: list[int], text: list[int]) -> tuple[list[int], int]:
        start, end = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        said = query[: min(_QUERY_TOKENS, self._tokens - 4)]
        left = self._tokens - len(said) - 3
        return [start, *said, end, *text[:left], end], len(said) + 2

    def _tokenised(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        found: list[list[int]] = self.tokenizer(
            texts, add_special_tokens=False, truncation=True, max_length=self._tokens
        )["input_ids"]
        return found


def padded(rows: Sequence[tuple[list[int], int]]) -> Pairs:
    """Pairs of ``PairReader.read`` as one batch."""
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    kinds, present = torch.zeros_like(ids), torch.zeros(len(rows), longest, dtype=torch.bool)
    for place, (tokens, n_query) in enumerate(rows):
        ids[place, : len(tokens)] = torch.tensor(tokens)
        kinds[place, n_query : len(tokens)] = 1
        present[place, : len(tokens)] = True
    return Pairs(ids, kinds, present)


def by_length(rows: Sequence[tuple[list[int], int]], size: int) -> Iterator[list[int]]:
    """Places of pairs in batches of like length, so that little of a batch is padding."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place][0]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def stacked(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """States [T_p, D] of P pairs -> states [P, T, D] and which places hold a token [P, T]."""
    longest = max(len(state) for state in states)
    whole = states[0].new_zeros(len(states), longest, states[0].shape[1])
    present = torch.zeros(len(states), longest, dtype=torch.bool, device=whole.device)
    for place, state in enumerate(states):
        whole[place, : len(state)] = state
        present[place, : len(state)] = True
    return whole, present
