"""The frequencies of terms in the fields of a catalogue's products, as BM25F weighs them."""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from bentos.search.postings import Numbers
from bentos.search.text import IndexTerms

_SHORT = 20  # words; a field whose texts go on beyond says less a word
_LENGTH_NORM = 0.75  # b, of a text within its field

Texts = Iterable[str | None]  # of a field, one a product


def frequencies(
    fields: Iterable[tuple[Texts, float]],
) -> tuple[Sequence[str], sparse.csc_array]:
    """The terms, and [products, terms] how often each has each, by the fields' weights."""
    spelling, column = IndexTerms(), Numbers()
    parts = [_field(texts, spelling, column, weight) for texts, weight in fields]
    frequency = sum(_widened(part, len(column)) for part in parts).tocsc()
    frequency.sort_indices()
    return list(column), frequency


def _field(texts: Texts, spelling: IndexTerms, column: Numbers, weight: float) -> sparse.csr_array:
    """[products, terms]: a field's term frequencies, weighted, and less in a long field."""
    columns, ends, lengths = array("i"), array("q", [0]), array("i")
    for text in texts:
        words, spellings = spelling.of(text or "")
        columns.extend(column[term] for term in words)
        columns.extend(column[term] for term in spellings)
        ends.append(len(columns))
        lengths.append(len(words))
    length = np.asarray(lengths, np.float32)
    average = length[length > 0].mean() if length.any() else 1.0
    weight *= min(1, _SHORT / average)
    per_word = weight / (1 - _LENGTH_NORM + _LENGTH_NORM * length / average)
    values = np.repeat(per_word.astype(np.float32), np.diff(ends))
    field = sparse.csr_array(
        (values, np.asarray(columns), np.asarray(ends)), shape=(len(length), len(column))
    )
    field.sum_duplicates()
    return field


def _widened(field: sparse.csr_array, n_terms: int) -> sparse.csr_array:
    """The field over the terms of all fields."""
    field.resize((field.shape[0], n_terms))
    return field
