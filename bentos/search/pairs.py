"""Pairs of queries and product texts as token ids: each distinct text is tokenised once."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from bentos.encoders.packed import Row
from bentos.encoders.tokenizer import Tokenizer

_QUERY_TOKENS = 24  # of a query that goes on, the beginning says what is looked for


class PairReader:
    """Turns pairs into token ids: [CLS] query [SEP] text [SEP]."""

    def __init__(self, folder: Path, tokens: int) -> None:
        """Reads the tokenizer in ``folder``; a pair has at most ``tokens`` tokens."""
        self.tokenizer = Tokenizer(folder)
        self._tokens = tokens

    def read(self, queries: Sequence[str], texts: Sequence[str]) -> list[Row]:
        """The token ids of each pair, and how many of them are the query's."""
        asked, read = sorted(set(queries)), sorted(set(texts))
        query_ids = dict(zip(asked, self.tokenised(asked), strict=True))
        text_ids = dict(zip(read, self.tokenised(read), strict=True))
        return [
            self._pair(query_ids[query], text_ids[text])
            for query, text in zip(queries, texts, strict=True)
        ]

    def joined(self, query: str, texts: Sequence[list[int]]) -> list[Row]:
        """What `read` makes of the query and each text, of texts that were `tokenised` before."""
        (query_ids,) = self.tokenised([query])
        return [self._pair(query_ids, ids) for ids in texts]

    def tokenised(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text, as many as a pair may have."""
        return [ids[: self._tokens] for ids in self.tokenizer.ids(texts)]

    def _pair(self, query: list[int], text: list[int]) -> Row:
        start, end = self.tokenizer.start, self.tokenizer.end
        said = query[: min(_QUERY_TOKENS, self._tokens - 4)]
        left = self._tokens - len(said) - 3
        return [start, *said, end, *text[:left], end], len(said) + 2


def stacked(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """States [T_p, D] of P pairs -> states [P, T, D] and which places hold a token [P, T]."""
    longest = max(len(state) for state in states)
    whole = states[0].new_zeros(len(states), longest, states[0].shape[1])
    present = torch.zeros(len(states), longest, dtype=torch.bool, device=whole.device)
    for place, state in enumerate(states):
        whole[place, : len(state)] = state
        present[place, : len(state)] = True
    return whole, present
