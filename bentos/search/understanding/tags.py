"""Words, their BIO labels, and the tags that these make of a query."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("BRAND", "TYPE", "COLOUR", "SIZE", "MATERIAL", "MODEL", "VALUE")
OUTSIDE = "O"
LABELS = (OUTSIDE, *(f"{place}-{kind}" for kind in KINDS for place in "BI"))

# More than that is no query; what comes after is not read, so that time stays bounded.
LONGEST_QUERY = 512  # characters
MOST_WORDS = 48

# Letters and digits with signs between them ("wi-fi", "5.5", "startech.com"), and an inch sign.
_WORD = re.compile(r"[^\W_]+(?:[-./'’+&,][^\W_]+)*[\"”]?")


@dataclass(frozen=True)
class Word:
    """A word and where it stands in the query, in characters, ``end`` excluded."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Span:
    """Words ``first`` to ``last`` (excluded) that name something of a kind."""

    kind: str
    first: int
    last: int


@dataclass(frozen=True)
class Tag:
    """What a part of a query names.

    ``value`` is the catalogue's own ('HP' for 'hp'), None where the catalogue has no such value;
    ``start`` and ``end`` are characters of the query; ``confidence`` lies between 0 and 1.
    """

    kind: str
    text: str
    start: int
    end: int
    value: str | None
    confidence: float


def words_of(text: str) -> list[Word]:
    """The words of a text; of a long one, those that lie wholly in its beginning."""
    words = (Word(m[0], m.start(), m.end()) for m in _WORD.finditer(text, 0, LONGEST_QUERY + 1))
    return [word for word in words if word.end <= LONGEST_QUERY][:MOST_WORDS]


def labels_of(n_words: int, spans: Sequence[Span]) -> list[str]:
    """The BIO label of each word."""
    labels = [OUTSIDE] * n_words
    for span in spans:
        labels[span.first : span.last] = [f"I-{span.kind}"] * (span.last - span.first)
        labels[span.first] = f"B-{span.kind}"
    return labels


def spans_of(labels: Sequence[str]) -> list[Span]:
    """The spans that labels make; an I that continues nothing begins one, as conlleval reads it."""
    spans: list[Span] = []
    for place, label in enumerate(labels):
        if label == OUTSIDE:
            continue
        begins, kind = label[0] == "B", label[2:]
        if not begins and spans and spans[-1].last == place and spans[-1].kind == kind:
            spans[-1] = Span(kind, spans[-1].first, place + 1)
        else:
            spans.append(Span(kind, place, place + 1))
    return spans
