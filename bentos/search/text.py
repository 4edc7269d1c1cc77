"""How texts become the terms that the lexical index holds and that queries ask for.

A text's words are folded (compatibility forms, case, accents) and put into the singular. Beside
them the index holds further spellings: ``hp-21`` is also ``hp21``, ``cat5e`` also ``cat``, ``10 m``
also ``10m``. A query asks for what it says; for the parts of a word that the index does not hold;
and for two words in one where the index holds that (``head set``).
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from itertools import pairwise

MAX_QUERY_TERMS = 64  # of a query that goes on, the beginning says what is looked for
_MAX_WORD = 64  # characters; what is longer is no word

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W\d_]{2,}|\d+")
_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:[-'’/.+_][^\W_]++){1,3}")
_DECIMAL = re.compile(r"\d[.]\d")
_LETTERS_IN_A_UNIT = 3


def fold(text: str) -> str:
    """A text in compatibility forms, without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word for word in _WORD.findall(fold(text)) if len(word) <= _MAX_WORD]


def singular(word: str) -> str:
    """A folded word without its plural ending; what has a digit stays as it is.

    Recall on the Chorus queries is as with Porter's stemmer, and the terms remain words.
    """
    if len(word) < 4 or not word.endswith("s") or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


def terms(text: str) -> list[str]:
    """The words of a text without their plural endings, in order."""
    return [singular(word) for word in words(text)]


class IndexTerms:
    """The terms of many texts; what was worked out for a word once is remembered."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._known: dict[str, tuple[list[str], list[str]]] = {}

    def of(self, text: str) -> tuple[list[str], list[str]]:
        """The words of a text, which make its length, and their further spellings."""
        terms: list[str] = []
        spellings: list[str] = []
        for chunk in fold(text).split():
            known = self._known.get(chunk)
            if known is None:
                known = self._known[chunk] = _terms_of(chunk)
            terms += known[0]
            spellings += known[1]
        spellings += [
            number + unit
            for number, unit in pairwise(terms)
            if number.isdigit() and unit.isalpha() and len(unit) <= _LETTERS_IN_A_UNIT
        ]
        return terms, spellings


def _terms_of(chunk: str) -> tuple[list[str], list[str]]:
    found = words(chunk)
    spellings = [part for word in found for part in _parts(word)]
    spellings += [singular(compound) for compound in _compounds(chunk)]
    return [singular(word) for word in found], spellings


def _parts(word: str) -> list[str]:
    """The runs of letters (two at least) and of digits of a word that has both."""
    if word.isalpha() or word.isdigit():
        return []
    return [singular(part) for part in _PART.findall(word)]


def _compounds(text: str) -> Iterator[str]:
    """Hyphenated words, and model numbers with any separator, written as one."""
    for match in _COMPOUND.finditer(text):
        compound = match[0]
        model_number = any(letter.isdigit() for letter in compound)
        if model_number and _DECIMAL.search(compound):
            continue
        joined = "".join(_WORD.findall(compound))
        if len(joined) <= _MAX_WORD and (model_number or not set(compound) & set("/.+_")):
            yield joined


def query_terms(text: str, held: Container[str]) -> list[str]:
    """The distinct terms that a query asks an index for that holds the terms ``held``."""
    terms: dict[str, None] = {}
    said = words(text)[:MAX_QUERY_TERMS]
    for word in said:
        term = singular(word)
        terms |= dict.fromkeys([term] if term in held else _parts(word))
    joined = [*("".join(pair) for pair in pairwise(said)), *_compounds(fold(text))]
    terms |= dict.fromkeys(map(singular, joined))
    return [term for term in terms if term in held][:MAX_QUERY_TERMS]
