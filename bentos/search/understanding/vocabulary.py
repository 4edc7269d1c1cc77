"""The catalogue's own values, and which product says which."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bentos.search.understanding.fields import Fact, facts_of, retyped
from bentos.search.understanding.keys import key_of
from bentos.search.understanding.lexicon import (
    STOP_WORDS,
    Entry,
    Lexicon,
    entry_of,
    lexicon_of,
    suffixes,
    together,
)
from bentos.search.understanding.mining import (
    lines_of_models,
    model_numbers,
    names_in,
    types_in,
    without_brand,
)
from bentos.search.understanding.tags import words_of
from bentos.serving.arrow import map_table, write_table

Rows = NDArray[np.int32]
_FILE = "vocabulary.arrow"
_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("key", pa.string()),
        ("value", pa.string()),
        ("products", pa.list_(pa.int32())),  # rows of the catalogue, in order
    ]
)


class Vocabulary:
    """Values by key, each with its kind and its products, as rows of the catalogue's table."""

    def __init__(self, table: pa.Table, size: int) -> None:
        """Takes what `table` gave, and the number of products."""
        self.size = size
        self.table = table
        self._place = {key: place for place, key in enumerate(table["key"].to_pylist())}
        lists = table["products"].combine_chunks()
        self._starts = lists.offsets.to_numpy()
        self._rows: Rows = lists.values.to_numpy()

    @classmethod
    def of(cls, products: pa.Table) -> "Vocabulary":
        """Reads a catalogue: columns and attributes first, then titles with what these taught."""
        titles = [title or "" for title in products["title"].to_pylist()]
        filed = list(facts_of(products))
        said = retyped([*filed, *_types_of_titles(products, titles, filed)])
        said += _models_of_titles(products, titles, said)
        lexicon = lexicon_of(_counted(said))
        told = {title: list(_told(title, lexicon)) for title in set(titles)}
        projected = (
            (row, kind, text) for row, title in enumerate(titles) for kind, text in told[title]
        )
        # A value has one kind, whatever else an attribute took it for.
        facts = [
            (row, lexicon.kind(entry_of(kind, text)[1]) or kind, text)
            for row, kind, text in (*said, *projected)
        ]
        facts += [
            (row, kind, end)
            for row, kind, text in facts
            if kind == "TYPE"
            for end in suffixes(text)
            if lexicon.kind(key_of(end)) == "TYPE"
        ]
        return cls(_table(facts), products.num_rows)

    def save(self, folder: Path) -> None:
        """Writes its file."""
        write_table(folder / _FILE, self.table)

    @classmethod
    def load(cls, folder: Path, size: int) -> "Vocabulary":
        """Maps what `save` wrote for a catalogue of ``size`` products."""
        return cls(map_table(folder / _FILE), size)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The dictionary of all values."""
        n_products = np.diff(self._starts).tolist()
        columns = (self.table[name].to_pylist() for name in ("kind", "key", "value"))
        return lexicon_of(
            {
                (kind, key): Counter({value: n})
                for kind, key, value, n in zip(*columns, n_products, strict=True)
            }
        )

    def products(self, text: str) -> Rows:
        """The rows of the products with a value, however it is written.

        Of several words that are no value together: those that have each of them.
        """
        rows = self._products(text)
        words = [word.text for word in words_of(text)]
        if len(rows) or len(words) < 2:
            return rows
        return reduce(np.intersect1d, map(self._products, words))

    def _products(self, text: str) -> Rows:
        place = self._place.get(entry_of("VALUE", text)[1])
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

    def value(self, text: str) -> str | None:
        """A value as the catalogue writes it; None where it has no such value."""
        place = self._place.get(entry_of("VALUE", text)[1])
        return None if place is None else str(self.table["value"][place])


def _told(title: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """All that a title says: words by themselves, and whole models."""
    words = words_of(title)
    known = lexicon.known(words)
    for match in known:
        yield match.span.kind, match.value or match.text
    for match in together(known, words):
        if match.span.kind == "MODEL":
            yield "MODEL", match.text


def _types_of_titles(products: pa.Table, titles: list[str], filed: Sequence[Fact]) -> list[Fact]:
    """Types, where the catalogue files none, as products' titles say them."""
    brands, types_filed = (products[name].to_pylist() for name in ("brand", "product_type"))
    rest = {
        row: without_brand(title, brands[row])
        for row, title in enumerate(titles)
        if title and not types_filed[row]
    }
    if not rest:
        return []
    known = lexicon_of(_counted(retyped(filed))).kind
    types = types_in(rest.values(), known)
    lexicon = Lexicon({key_of(text): ("TYPE", text) for text in types})
    return [
        (row, "TYPE", match.value)
        for row, title in rest.items()
        for match in lexicon.matches(words_of(title))
        if match.value
    ]


def _models_of_titles(
    products: pa.Table, titles: list[str], said: Iterable[Fact]
) -> Iterator[Fact]:
    """Lines of models and numbers of models, where nothing else is known of the words."""
    known = lexicon_of(_counted(said)).kind
    brands = products["brand"].to_pylist()
    lines = lines_of_models(titles, brands, known) + names_in(titles, known)
    lexicon = Lexicon({key_of(text): ("MODEL", text) for text in lines})
    for row, title in enumerate(titles):
        title = without_brand(title, brands[row])
        named = (match.value for match in lexicon.matches(words_of(title)) if match.value)
        for text in (*named, *model_numbers(title)):
            yield row, "MODEL", text


def _counted(facts: Iterable[Fact]) -> dict[Entry, Counter[str]]:
    counts: dict[Entry, Counter[str]] = defaultdict(Counter)
    for _, kind, text in facts:
        counts[entry_of(kind, text)][text] += 1
    return counts


def _table(facts: Iterable[Fact]) -> pa.Table:
    rows: dict[str, set[int]] = defaultdict(set)
    ways: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row, kind, text in facts:
        key = entry_of(kind, text)[1]
        if key and key not in STOP_WORDS:
            rows[key].add(row)
            ways[key][kind, text] += 1
    keys = sorted(rows)
    said = [ways[key].most_common(1)[0][0] for key in keys]
    return pa.table(
        [
            [kind for kind, _ in said],
            keys,
            [text for _, text in said],
            [sorted(rows[key]) for key in keys],
        ],
        schema=_SCHEMA,
    )
