"""Postings: of each word the products that have it, in arrays instead of a set a product."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bentos.search.found import Mask, Rows


class Numbers(dict[str, int]):
    """Numbers words in the order in which they are met; fields may share them."""

    def __missing__(self, word: str) -> int:
        """The next number."""
        return self.setdefault(word, len(self))


@dataclass(frozen=True)
class Postings:
    """The rows that have each word, word after word."""

    numbers: Mapping[str, int]
    starts: NDArray[np.int64]  # [words + 1]
    rows: NDArray[np.int32]  # [entries], a word's in order

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]], numbers: Numbers) -> "Postings":
        """Reads the words of each row's text; ``numbers`` learn those that they lack."""
        had, lengths = array("i"), array("i")
        for words in texts:
            distinct = {numbers[word] for word in words}
            had.extend(distinct)
            lengths.append(len(distinct))
        number = np.asarray(had, np.int32)
        rows = np.repeat(np.arange(len(lengths), dtype=np.int32), np.asarray(lengths))
        starts = np.zeros(len(numbers) + 1, np.int64)
        np.cumsum(np.bincount(number, minlength=len(numbers)), out=starts[1:])
        return cls(numbers, starts, rows[np.argsort(number, kind="stable")])

    def having(self, word: str) -> NDArray[np.int32]:
        """The rows that have a word, in order."""
        number = self.numbers.get(word)
        if number is None or number + 1 >= len(self.starts):  # another field's
            return self.rows[:0]
        return self.rows[self.starts[number] : self.starts[number + 1]]

    def have(self, word: str, rows: Rows) -> Mask:
        """Whether some rows have a word, [rows]."""
        return np.isin(rows, self.having(word))
