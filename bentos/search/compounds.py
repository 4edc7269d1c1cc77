"""What a title names, and what it only names to say of what kind the thing is.

In 'laptop sleeve' and 'sleeve for a laptop' the thing is a sleeve: of an English compound the last
noun, its head, says what it is (Downing, 1977; for queries, Barr, Jones and Regelson, 2008). Words
and vectors of an accessory match a query as well as those of what it belongs to; this tells them
apart, with no more than titles and the types that the catalogue has.
"""

import re
from collections.abc import Iterable
from itertools import zip_longest

from bentos.search.text import fold, singular, terms
from bentos.search.understanding.vocabulary import Vocabulary

_WORD = re.compile(r"[^\W_]+")
_PREPOSITIONS = frozenset(["for", "in", "of", "to", "with"])
_OF_ANOTHER = 3  # words before: 'for', 'for a', 'for the new'
# Of the same thing, whatever comes before: a speaker system is speakers, a notebook PC a notebook.
_OF_THE_SAME = frozenset(
    ["combo", "computer", "device", "machine", "pack", "pc", "set", "system", "unit"]
)
_FEWEST = 1e-3  # of the products: rarer types, mined from titles, are often none


class Compounds:
    """The head nouns of a catalogue's types."""

    def __init__(self, heads: Iterable[str]) -> None:
        """``heads`` in the singular."""
        self._heads = frozenset(heads)

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "Compounds":
        """The last words of the types that at least one product in a thousand has."""
        kinds, values, products = (
            vocabulary.table[name].to_pylist() for name in ("kind", "value", "products")
        )
        ends = (
            terms(value)[-1:]
            for kind, value, rows in zip(kinds, values, products, strict=True)
            if kind == "TYPE" and len(rows) >= _FEWEST * vocabulary.size
        )
        return cls(word for end in ends for word in end if word.isalpha())

    def head(self, query: str) -> str | None:
        """The noun that says what a query looks for; None where no type ends in it.

        'case' of 'red phone case' and of 'case for iphone 11'.
        """
        words = terms(query)
        ends = (place for place, word in enumerate(words) if place and word in _PREPOSITIONS)
        named = [word for word in words[: next(ends, None)] if word.isalpha()]
        return named[-1] if named and named[-1] in self._heads else None

    def modifiers(self, title: str | None, description: str | None = None) -> frozenset[str]:
        """The heads that a product has only before another, or after 'for': not the thing itself.

        What the title says decides; of words that it has not, what the description says.
        """
        told, modifying = self._read(title or "")
        more_told, more_modifying = self._read(description or "")
        return frozenset((modifying - told) | (more_modifying - more_told - told - modifying))

    def _read(self, text: str) -> tuple[set[str], set[str]]:
        """The heads that name a thing in a text, and those that modify another."""
        folded = fold(text)
        found = list(_WORD.finditer(folded))
        words = [singular(match[0]) for match in found]
        told: set[str] = set()
        modifying: set[str] = set()
        for place, (match, after) in enumerate(zip_longest(found, found[1:])):
            word = words[place]
            if word not in self._heads:
                continue
            joined = after is not None and not folded[match.end() : after.start()].strip()
            following = words[place + 1] if joined else ""
            before = words[max(0, place - _OF_ANOTHER) : place]
            is_another = self._names_another(word, following) or "for" in before
            (modifying if is_another else told).add(word)
        return told, modifying

    def _names_another(self, word: str, following: str) -> bool:
        return following in self._heads and following not in _OF_THE_SAME | {word}
