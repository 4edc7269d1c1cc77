"""Queries with labels that nobody wrote: made of the catalogue's own values.

Two kinds. Queries are put together from what the catalogue says of one product, in the ways that
shoppers write: a type alone, a brand and a type, 'cable 3 m', 'case for galaxy s10'. Pieces of
titles are labelled by the dictionary; a word there that it doesn't know may well name something, so
that it is not labelled at all (None) rather than as naming nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.search.understanding.keys import key_of, plural, singular
from bentos.search.understanding.lexicon import STOP_WORDS, Lexicon, suffixes
from bentos.search.understanding.tags import KINDS, OUTSIDE, Span, Word, labels_of, words_of
from bentos.search.understanding.vocabulary import Vocabulary

# How often shoppers write in each way: words in capitals stand for a value of that kind. A modifier
# is another value that titles, too, write before a type: 'wireless mouse', but not 'dual-core PC'.
_WAYS = {
    "TYPE": 26,
    "BRAND": 6,
    "MODEL": 6,
    "SIZE": 2,
    "VALUE": 1,
    "BRAND TYPE": 8,
    "TYPE BRAND": 1,
    "COLOUR TYPE": 5,
    "TYPE COLOUR": 2,
    "MODIFIER TYPE": 14,
    "TYPE VALUE": 2,
    "TYPE with VALUE": 1,
    "SIZE TYPE": 5,
    "TYPE SIZE": 4,
    "MATERIAL TYPE": 4,
    "MATERIAL COLOUR TYPE": 1,
    "BRAND MODEL": 7,
    "BRAND MODEL TYPE": 4,
    "MODEL TYPE": 5,
    "TYPE MODEL": 1,
    "TYPE for MODEL": 2,
    "TYPE for BRAND MODEL": 1,
    "BRAND MODIFIER TYPE": 4,
    "BRAND COLOUR TYPE": 3,
    "COLOUR SIZE TYPE": 1,
    "BRAND TYPE SIZE": 2,
    "MODIFIER MODIFIER TYPE": 2,
    "best TYPE": 1,
    "cheap BRAND TYPE": 1,
    "new MODEL": 1,
}
_MODIFIER = "MODIFIER"
_LEAST_MODIFYING = 0.1  # of a modifier's occurrences in titles stand before a type
_TITLES = 0.15  # of the examples are pieces of titles
_TITLE_WORDS = 8
_SHORT = 0.25  # of the types of several words are written as what they end in
_OTHER_NUMBER = 0.25  # of the types are written in the plural, or the singular if they are plurals
_TYPO = 0.02  # of the longer words
_LONG_WORD = 5  # characters
_NAMED = 0.5  # of the values are words where there are words
_MOST_WORDS_OF_A_VALUE = 3


@dataclass(frozen=True)
class Example:
    """Words and their labels; None where nobody knows."""

    words: tuple[str, ...]
    labels: tuple[str | None, ...]


def families(products: pa.Table, vocabulary: Vocabulary) -> list[str]:
    """The family of each product: its most common type ('cable' of a 'networking cable'), or its
    brand where no type is known.

    Held-out examples come from families that training never sees.
    """
    kinds, keys = (vocabulary.table[name].to_pylist() for name in ("kind", "key"))
    n_products = vocabulary.table["products"].to_pylist()
    brands = products["brand"].to_pylist()
    chosen = []
    for row, entries in enumerate(vocabulary.entries_of_products):
        types = [(len(n_products[e]), keys[e]) for e in entries if kinds[e] == "TYPE"]
        chosen.append(max(types)[1] if types else f"brand {brands[row]}")
    return chosen


def is_held_out(family: str, share: float, salt: str) -> bool:
    """Whether a family belongs to the ``share`` that is held out under a name."""
    digest = sha256(f"{salt} {family}".encode()).digest()
    return int.from_bytes(digest[:4]) < share * 2**32


class Examples:
    """Makes examples from products."""

    def __init__(self, products: pa.Table, vocabulary: Vocabulary) -> None:
        """Reads what the catalogue says of each product, by kind, as far as shoppers write it."""
        self._titles = [title or "" for title in products["title"].to_pylist()]
        self._lexicon = vocabulary.lexicon
        modifiers = _modifiers(self._titles, self._lexicon)
        self._values = [_by_kind(said, modifiers) for said in _usable(vocabulary)]

    def make(self, rows: Sequence[int], n: int, seed: int, titles: bool) -> list[Example]:
        """``n`` examples of the products in ``rows``, those of rare types as often as of common.

        Without ``titles`` every word has a label.
        """
        rows = [row for row in rows if self._values[row]]
        if not rows:
            return []
        rng = np.random.default_rng(seed)
        picks = rng.choice(rows, n, p=self._weights(rows))
        ways = list(_WAYS)
        chances = np.array(list(_WAYS.values())) / sum(_WAYS.values())
        chosen = rng.choice(len(ways), n, p=chances)
        made: list[Example] = []
        for row, way in zip(picks.tolist(), chosen.tolist(), strict=True):
            piece = titles and self._titles[row] and rng.random() < _TITLES
            example = self._piece(row, rng) if piece else self._query(row, ways[way], rng)
            if example.words:
                made.append(example)
        return made

    def _weights(self, rows: Sequence[int]) -> NDArray[np.float64]:
        firsts = [next(iter(self._values[row].get("TYPE", [""]))) for row in rows]
        counts = Counter(firsts)
        weights = np.array([counts[first] ** -0.5 for first in firsts])
        chances: NDArray[np.float64] = weights / weights.sum()
        return chances

    def _query(self, row: int, way: str, rng: np.random.Generator) -> Example:
        words: list[str] = []
        spans: list[Span] = []
        for part in way.split():
            written = [part]
            if part in (*KINDS, _MODIFIER):
                values = self._values[row].get(part)
                if not values:
                    continue
                kind = "VALUE" if part == _MODIFIER else part
                written = self._written(kind, _one_of(values, rng), rng)
                last = len(words) + len(written)
                if (
                    kind == "TYPE"
                    and spans
                    and self._is_type([*words[spans[-1].first :], *written])
                ):
                    spans[-1] = Span("TYPE", spans[-1].first, last)  # 'hdmi' 'cable' are one
                else:
                    spans.append(Span(kind, len(words), last))
            words += written
        if not spans:
            return Example((), ())
        end = spans[-1].last  # a 'for' after which the product had nothing to say is left out
        return Example(tuple(words[:end]), tuple(labels_of(end, spans)))

    def _is_type(self, words: Sequence[str]) -> bool:
        return self._lexicon.kind(key_of(" ".join(words))) == "TYPE"

    def _written(self, kind: str, value: str, rng: np.random.Generator) -> list[str]:
        if kind == "TYPE":
            ends = [end for end in suffixes(value) if self._is_type([end])]
            if ends and rng.random() < _SHORT:
                value = ends[rng.integers(len(ends))]
            if rng.random() < _OTHER_NUMBER and value[-1].isalpha():
                start, _, last = value.rpartition(" ")
                one = singular(last)
                value = f"{start} {one if one != last else plural(last)}"
        return [_mistyped(word.text.casefold(), rng) for word in words_of(value)]

    def _piece(self, row: int, rng: np.random.Generator) -> Example:
        words = words_of(self._titles[row])
        if not words:
            return Example((), ())
        spans = [match.span for match in self._lexicon.matches(words)]
        labels = [
            None if label == OUTSIDE and not _says_nothing(word) else label
            for word, label in zip(words, labels_of(len(words), spans), strict=True)
        ]
        starts = [0, *(span.first for span in spans)]
        first = starts[rng.integers(len(starts))]
        last = first + int(rng.integers(1, _TITLE_WORDS + 1))
        if last < len(words) and (labels[last] or "O")[0] == "I":
            last = next(span.last for span in spans if span.first < last < span.last)
        return Example(
            tuple(word.text.casefold() for word in words[first:last]), tuple(labels[first:last])
        )


def _says_nothing(word: Word) -> bool:
    return word.text.casefold() in STOP_WORDS


def _usable(vocabulary: Vocabulary) -> Iterator[list[tuple[str, str]]]:
    """What shoppers write of each product, kind and value: short, and as the dictionary has it."""
    kinds, keys, values = (vocabulary.table[c].to_pylist() for c in ("kind", "key", "value"))
    usable = [
        len(words_of(value)) in range(1, _MOST_WORDS_OF_A_VALUE + 1)
        and (kind in ("SIZE", "MODEL") or vocabulary.lexicon.kind(key) == kind)
        for kind, key, value in zip(kinds, keys, values, strict=True)
    ]
    for entries in vocabulary.entries_of_products:
        yield [(kinds[entry], values[entry]) for entry in entries if usable[entry]]


def _by_kind(said: list[tuple[str, str]], modifiers: set[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for kind, value in said:
        values.setdefault(kind, []).append(value)
        if kind == "VALUE" and key_of(value) in modifiers:
            values.setdefault(_MODIFIER, []).append(value)
    return values


def _modifiers(titles: Sequence[str], lexicon: Lexicon) -> set[str]:
    """The keys of the values that titles write before a type."""
    anywhere: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for title in titles:
        matches = lexicon.matches(words_of(title))
        anywhere.update(key_of(match.text) for match in matches)
        before.update(
            key_of(match.text)
            for match, after in pairwise(matches)
            if after.span.kind == "TYPE" and after.span.first == match.span.last
        )
    return {key for key, n in before.items() if n > 1 and n >= _LEAST_MODIFYING * anywhere[key]}


def _one_of(values: Sequence[str], rng: np.random.Generator) -> str:
    """A value by chance; words as often as numbers: 'galaxy' says more often what is meant."""
    named = [value for value in values if not any(c.isdigit() for c in value)]
    among = named if named and rng.random() < _NAMED else values
    return among[int(rng.integers(len(among)))]


def _mistyped(word: str, rng: np.random.Generator) -> str:
    """Rarely, two letters change places."""
    if len(word) < _LONG_WORD or not word.isalpha() or rng.random() >= _TYPO:
        return word
    place = int(rng.integers(1, len(word) - 2))
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
