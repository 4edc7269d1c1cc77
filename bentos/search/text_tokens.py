"""The tokens of a catalogue's texts: worked out once, not for every query they are read beside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1024  # texts that are tokenised together

Tokenised = Callable[[list[str]], list[list[int]]]


@dataclass(frozen=True)
class TextTokens:
    """Texts' token ids, end to end; a text that several products have is held once."""

    ids: NDArray[np.unsignedinteger[Any]]  # of two bytes, where the vocabulary allows it
    starts: NDArray[np.int64]  # [texts + 1] where each text begins, and the last one ends
    text_of: NDArray[np.int32]  # [products]

    @classmethod
    def of(cls, texts: Sequence[str], tokenised: Tokenised) -> "TextTokens":
        """Of the products' ``texts``, in their order."""
        place = {text: n for n, text in enumerate(dict.fromkeys(texts))}
        distinct = list(place)
        parts, lengths = [np.zeros(0, np.uint32)], [0]
        for start in range(0, len(distinct), _AT_ONCE):
            found = tokenised(distinct[start : start + _AT_ONCE])
            parts.append(np.fromiter(chain.from_iterable(found), np.uint32))
            lengths += map(len, found)
        ids = np.concatenate(parts)
        compact = ids.astype(np.min_scalar_type(ids.max(initial=0)))
        return cls(compact, np.cumsum(lengths), np.array([place[text] for text in texts], np.int32))

    def of_rows(self, rows: NDArray[np.int64]) -> list[list[int]]:
        """The tokens of some products' texts."""
        places = self.text_of[rows]
        spans = zip(self.starts[places].tolist(), self.starts[places + 1].tolist(), strict=True)
        return [self.ids[start:end].tolist() for start, end in spans]
