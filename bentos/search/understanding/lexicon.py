"""The dictionary: which words are known to name what, and the plain tagger that looks them up."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bentos.search.understanding.keys import key_of, measure_of
from bentos.search.understanding.tags import KINDS, Span, Word

LONGEST_MATCH = 5  # words
_NAMES_NOTHING = (
    "a an the and or of for with without in on to from by at as is it this that other up under over"
    " my any all cheap cheapest best buy new sale price good"
)
STOP_WORDS = frozenset(_NAMES_NOTHING.split())
_SHORTEST = 2  # characters of a key: a letter alone means too many things
# What only looks like a number of a model is none if an attribute names it, and the least said
# about a value is that it is one.
_SURENESS = {"MODEL": 0, "VALUE": 1}
_NO_MODEL = re.compile(
    r"\d+(st|nd|rd|th)|\d+-[a-z]+(-.*)?|\d{1,2}[a-z]|\d+[.,]\d+[a-z]?|[\d.,]+([x/+-][\d.,]+)+[a-z]?"
)
_FEWEST = {"VALUE": 3, "MODEL": 2}  # products that say it; once is an accident

Entry = tuple[str, str]  # kind and key


@dataclass(frozen=True)
class Match:
    """Words that the dictionary knows, and the catalogue's value (None if known by form alone)."""

    span: Span
    key: str
    text: str
    value: str | None


class Lexicon:
    """Kinds and values by key."""

    def __init__(self, known: Mapping[str, tuple[str, str]]) -> None:
        """Takes kind and value of each key."""
        self._known = known
        self._longest = max(map(len, known), default=0)

    def __len__(self) -> int:
        return len(self._known)

    def kind(self, key: str) -> str | None:
        """What a key names; None where it is not known."""
        known = self._known.get(key)
        return known and known[0]

    def matches(self, words: Sequence[Word]) -> list[Match]:
        """From left to right the longest words known; then models and measures by their form."""
        plain = [key_of(word.text) for word in words]
        whole = [_whole(word.text) for word in words]
        found: list[Match] = []
        place = 0
        while place < len(words):
            match = self._at(place, words, plain, whole)
            if match is None:
                place += 1
            else:
                found.append(match)
                place = match.span.last
        return _joined_models(found, words)

    def _at(
        self, place: int, words: Sequence[Word], plain: Sequence[str], whole: Sequence[str]
    ) -> Match | None:
        for last in range(min(place + LONGEST_MATCH, len(words)), place, -1):
            if whole[place] in STOP_WORDS or whole[last - 1] in STOP_WORDS:
                continue
            text = " ".join(word.text for word in words[place:last])
            measure = measure_of(text) if text[0].isdigit() else None
            if measure is not None:
                kind, key = measure
                value = self._known.get(key, (kind, None))[1]
                return Match(Span(kind, place, last), key, text, value)
            key = "".join((*whole[place : last - 1], plain[last - 1]))
            if len(key) <= self._longest and key in self._known:
                kind, value = self._known[key]
                return Match(Span(kind, place, last), key, text, value)
        text = words[place].text
        if is_model_number(text):
            return Match(Span("MODEL", place, place + 1), plain[place], text, None)
        return None


def _whole(text: str) -> str:
    """As `key_of`, but with its plural: what stands before the last word keeps it."""
    return "".join(c for c in text.casefold() if c.isalnum())


def is_model_number(text: str) -> bool:
    """Letters and digits together ('wh-1000xm3', 'ps4'), or five digits and more.

    Not 'a4', '20a', '16x', '10th', '2-in-1', '210x297'.
    """
    if _NO_MODEL.fullmatch(text.casefold()) or not any(c.isdigit() for c in text):
        return False
    if text[0].isalpha():
        return len(text) > 2
    return len(text) > (3 if any(c.isalpha() for c in text) else 4)


def _joined_models(found: Sequence[Match], words: Sequence[Word]) -> list[Match]:
    """'iphone' '11' and 'galaxy' 's10' are one model each, not two."""
    joined: list[Match] = []
    for match in found:
        before = joined[-1] if joined else None
        if (
            before
            and before.span.kind == match.span.kind == "MODEL"
            and before.span.last == match.span.first
        ):
            joined.pop()
            span = Span("MODEL", before.span.first, match.span.last)
            match = Match(span, before.key + match.key, f"{before.text} {match.text}", None)
        joined.append(match)
    return [_with_number(match, joined, words) for match in joined]


def _with_number(match: Match, found: Sequence[Match], words: Sequence[Word]) -> Match:
    """A bare number after a model belongs to it, unless it is part of something else."""
    last = match.span.last
    taken = any(other.span.first == last for other in found)
    if match.span.kind != "MODEL" or taken or last >= len(words) or not words[last].text.isdigit():
        return match
    number = words[last].text
    span = Span("MODEL", match.span.first, last + 1)
    return Match(span, match.key + number, f"{match.text} {number}", None)


def lexicon_of(counts: Mapping[Entry, Counter[str]]) -> Lexicon:
    """Chooses a kind for each key: the one that most products say.

    Other values and models only if no column or attribute says a better kind.

    ``counts`` holds, by kind and key, how many products write the value in each way.
    """
    rank = {kind: -place for place, kind in enumerate(KINDS)}
    best: dict[str, tuple[tuple[int, int, int], str, str]] = {}
    for (kind, key), ways in counts.items():
        total = ways.total()
        if total < _FEWEST.get(kind, 1) or len(key) < _SHORTEST or key in STOP_WORDS:
            continue
        if key.isdigit():
            continue
        strength = (_SURENESS.get(kind, 2), total, rank[kind])
        if key not in best or strength > best[key][0]:
            best[key] = (strength, kind, ways.most_common(1)[0][0])
    return Lexicon({key: (kind, value) for key, (_, kind, value) in best.items()})


def entry_of(kind: str, text: str) -> Entry:
    """The kind and the key under which a value is known; a number with a unit says its own kind."""
    measure = measure_of(text) if kind in ("SIZE", "VALUE") and text[:1].isdigit() else None
    return measure or (kind, key_of(text))


def suffixes(text: str) -> list[str]:
    """What a longer name of a type ends in: 'mobile phone case' -> 'phone case', 'case'."""
    words = text.split()
    return [" ".join(words[place:]) for place in range(1, len(words))]
