"""The dictionary: which words are known to name what, and the plain tagger that looks them up."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bentos.search.understanding.keys import folded, key_of, measure_of, settled
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
_BEGINNING, _SHORTENED = 2, 2  # letters that a key leaves as they are, and most that it leaves out
_FEWEST = {"VALUE": 3, "MODEL": 2}  # products that say it; once is an accident

Entry = tuple[str, str]  # kind and key


@dataclass(frozen=True)
class Match:
    """Words that the dictionary knows, and the catalogue's value (None if known by form alone)."""

    span: Span
    text: str
    value: str | None


class Lexicon:
    """Kinds and values by key."""

    def __init__(self, known: Mapping[str, tuple[str, str]]) -> None:
        """Takes kind and value of each key."""
        self._known = known
        self._longest: dict[str, int] = {}  # key's length, by how it begins
        for key in known:
            start = key[:_BEGINNING]
            self._longest[start] = max(len(key), self._longest.get(start, 0))

    def __len__(self) -> int:
        return len(self._known)

    def kind(self, key: str) -> str | None:
        """What a key names; None where it is not known."""
        known = self._known.get(key)
        return known and known[0]

    def matches(self, words: Sequence[Word]) -> list[Match]:
        """What words name: the words known, those of one model or of one type taken together."""
        return together(self.known(words), words)

    def known(self, words: Sequence[Word]) -> list[Match]:
        """From left to right the longest words known; then models and measures by their form."""
        letters = [folded(word.text) for word in words]
        found: list[Match] = []
        place = 0
        while place < len(words):
            match = self._at(place, words, letters)
            if match is None:
                place += 1
            else:
                found.append(match)
                place = match.span.last
        return found

    def _at(self, place: int, words: Sequence[Word], letters: Sequence[str]) -> Match | None:
        text = words[place].text
        furthest = place if letters[place] in STOP_WORDS else place + LONGEST_MATCH
        for last in range(min(furthest, len(words)), place, -1):
            if letters[last - 1] in STOP_WORDS:
                continue
            known = self._measure(words[place:last]) if text[0].isdigit() else None
            known = known or self._value("".join(letters[place:last]))
            if known is not None:
                kind, value = known
                return Match(Span(kind, place, last), _text(words[place:last]), value)
        if is_model_number(text):
            return Match(Span("MODEL", place, place + 1), text, None)
        return None

    def _measure(self, words: Sequence[Word]) -> tuple[str, str | None] | None:
        measure = measure_of(_text(words))
        return measure and (measure[0], self._known.get(measure[1], (None, None))[1])

    def _value(self, letters: str) -> tuple[str, str] | None:
        longest = self._longest.get(letters[:_BEGINNING], 0)
        return self._known.get(settled(letters)) if len(letters) <= longest + _SHORTENED else None


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def is_model_number(text: str) -> bool:
    """Letters and digits together ('wh-1000xm3', 'ps4'), or five digits and more.

    Not 'a4', '20a', '16x', '10th', '2-in-1', '210x297'.
    """
    if text.isalpha() or not any(c.isdigit() for c in text) or _NO_MODEL.fullmatch(text.casefold()):
        return False
    if text[0].isalpha():
        return len(text) > 2
    return len(text) > (3 if any(c.isalpha() for c in text) else 4)


def together(found: Sequence[Match], words: Sequence[Word]) -> list[Match]:
    """What is ``known`` of words, with those of one model or of one type as one."""
    return _with_numbers(_joined(found), words)


def _joined(found: Sequence[Match]) -> list[Match]:
    """'galaxy' 's10' are one model, 'computer' 'desk' one type: nobody asks for two at once."""
    joined: list[Match] = []
    for match in found:
        before = joined[-1] if joined else None
        if (
            before
            and before.span.kind == match.span.kind in ("MODEL", "TYPE")
            and before.span.last == match.span.first
        ):
            span = Span(match.span.kind, before.span.first, match.span.last)
            joined[-1] = Match(span, f"{before.text} {match.text}", None)
        else:
            joined.append(match)
    return joined


def _with_numbers(found: Sequence[Match], words: Sequence[Word]) -> list[Match]:
    """A bare number after a model belongs to it: 'iphone' '11'."""
    starts = {match.span.first for match in found}
    longer: list[Match] = []
    for match in found:
        last = match.span.last
        free = last < len(words) and last not in starts and words[last].text.isdigit()
        if match.span.kind == "MODEL" and free:
            span = Span("MODEL", match.span.first, last + 1)
            match = Match(span, f"{match.text} {words[last].text}", None)
        longer.append(match)
    return longer


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


@lru_cache(1 << 17)  # a catalogue says the same of many products
def entry_of(kind: str, text: str) -> Entry:
    """The kind and the key under which a value is known; a number with a unit says its own kind."""
    measure = measure_of(text) if kind in ("SIZE", "VALUE") and text[:1].isdigit() else None
    return measure or (kind, key_of(text))


def suffixes(text: str) -> list[str]:
    """What a longer name of a type ends in: 'mobile phone case' -> 'phone case', 'case'."""
    words = text.split()
    return [" ".join(words[place:]) for place in range(1, len(words))]
