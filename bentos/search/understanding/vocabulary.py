"""The catalogue's own values, and which product says which."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.search.understanding.fields import Fact, facts_of
from bentos.search.understanding.keys import key_of
from bentos.search.understanding.lexicon import (
    STOP_WORDS,
    Entry,
    Lexicon,
    entry_of,
    lexicon_of,
    suffixes,
)
from bentos.search.understanding.mining import (
    lines_of_models,
    model_numbers,
    types_in,
    without_brand,
)
from bentos.search.understanding.tags import words_of

Rows = NDArray[np.int32]
_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("key", pa.string()),
        ("value", pa.string()),
        ("products", pa.list_(pa.int32())),  # rows of the catalogue, in order
    ]
)


class Vocabulary:
    """Values by kind and key, each with its products; rows are those of the catalogue's table."""

    def __init__(self, table: pa.Table, size: int) -> None:
        """Takes what `table` gave, and the number of products."""
        self.size = size
        self.table = table
        entries = zip(table["kind"].to_pylist(), table["key"].to_pylist(), strict=True)
        self._place: dict[Entry, int] = {entry: place for place, entry in enumerate(entries)}
        lists = table["products"].combine_chunks()
        self._starts = lists.offsets.to_numpy()
        self._rows: Rows = lists.values.to_numpy()

    @classmethod
    def of(cls, products: pa.Table) -> "Vocabulary":
        """Reads a catalogue: columns and attributes first, then titles with what these taught."""
        titles = [title or "" for title in products["title"].to_pylist()]
        said = list(facts_of(products))
        said += _mined(products, titles, said)
        known = _counted(said)
        lexicon = lexicon_of(known)
        projected = (
            (row, match.span.kind, match.value or match.text)
            for row, title in enumerate(titles)
            for match in lexicon.matches(words_of(title))
        )
        facts = [*said, *projected]
        facts += [
            (row, kind, end)
            for row, kind, text in facts
            if kind == "TYPE"
            for end in suffixes(text)
            if lexicon.kind(key_of(end)) == "TYPE"
        ]
        return cls(_table(facts), products.num_rows)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The dictionary of all values."""
        n_products = np.diff(self._starts)
        counts = {
            entry: Counter({value: int(n_products[place])})
            for (entry, place), value in zip(
                self._place.items(), self.table["value"].to_pylist(), strict=True
            )
        }
        return lexicon_of(counts)

    def products(self, kind: str, key: str) -> Rows:
        """The rows of the products with a value."""
        place = self._place.get((kind, key))
        if place is None:
            return np.empty(0, np.int32)
        return self._rows[self._starts[place] : self._starts[place + 1]]

    @cached_property
    def entries_of_products(self) -> list[list[int]]:
        """The rows of `table` by product: all that is said of each."""
        entries: list[list[int]] = [[] for _ in range(self.size)]
        for place, (start, end) in enumerate(pairwise(self._starts.tolist())):
            for product in self._rows[start:end].tolist():
                entries[product].append(place)
        return entries

    def value(self, kind: str, text: str) -> str | None:
        """A value as the catalogue writes it; None where it has no such value."""
        place = self._place.get(entry_of(kind, text))
        return None if place is None else str(self.table["value"][place])


def _mined(products: pa.Table, titles: list[str], said: Iterable[Fact]) -> list[Fact]:
    """Types where the catalogue files none, lines of models, and numbers of models."""
    kinds = {key: kind for (kind, key) in _counted(said) if kind != "VALUE"}
    brands = products["brand"].to_pylist()
    rest = [without_brand(title, brand) for title, brand in zip(titles, brands, strict=True)]
    unfiled = [row for row, kind in enumerate(products["product_type"].to_pylist()) if not kind]
    types = types_in((rest[row] for row in unfiled), kinds.get)
    kinds.update({key_of(text): "TYPE" for text in types})
    lines = lines_of_models(titles, brands, kinds.get)
    named = lexicon_of(
        _counted(
            [(row, "TYPE", text) for text in types for row in range(types[text])]
            + [(row, "MODEL", text) for text in lines for row in range(2)]
        )
    )
    facts = [
        (row, match.span.kind, match.value)
        for row, title in enumerate(rest)
        for match in named.matches(words_of(title))
        if match.value
    ]
    return facts + [(row, "MODEL", text) for row, t in enumerate(rest) for text in model_numbers(t)]


def _counted(facts: Iterable[Fact]) -> dict[Entry, Counter[str]]:
    counts: dict[Entry, Counter[str]] = defaultdict(Counter)
    for _, kind, text in facts:
        counts[entry_of(kind, text)][text] += 1
    return counts


def _table(facts: Iterable[Fact]) -> pa.Table:
    rows: dict[Entry, set[int]] = defaultdict(set)
    ways: dict[Entry, Counter[str]] = defaultdict(Counter)
    for row, kind, text in facts:
        entry = entry_of(kind, text)
        if entry[1] and entry[1] not in STOP_WORDS:
            rows[entry].add(row)
            ways[entry][text] += 1
    entries = sorted(rows)
    return pa.table(
        [
            [kind for kind, _ in entries],
            [key for _, key in entries],
            [ways[entry].most_common(1)[0][0] for entry in entries],
            [sorted(rows[entry]) for entry in entries],
        ],
        schema=_SCHEMA,
    )
