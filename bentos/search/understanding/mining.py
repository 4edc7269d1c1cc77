"""What only titles tell: product types where no column has them, and the names of lines of models.

Titles like 'Xerox 006R90321 toner cartridge Original Black 1 pc(s)' name brand and model, then, in
lower case, the type, then properties.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from bentos.search.understanding.keys import key_of, measure_of
from bentos.search.understanding.lexicon import STOP_WORDS, is_model_number, suffixes
from bentos.search.understanding.tags import words_of

# An abbreviation may stand before the words in lower case: 'HDMI cable', 'USB flash drive'.
_RUN = re.compile(r"(?<![\w\-’'./])((?:[A-Z]{2,5} )?)([a-z]{2,}(?:[ /-][a-z]{2,})*)(?![\w(\-’'.])")
_CAMEL = re.compile(r"[A-Z]?[a-z]+[A-Z][A-Za-z]*[a-z]")
_BARE_NUMBER = re.compile(r"(?<!\S)\d+(?:[.,]\d+)?\s*$")
_MOST_WORDS = 4
_FEWEST = 3  # titles that have it
_MOST_COUNTED = 0.3  # a word that follows a bare number more often than that is a unit
_OF_ONE_BRAND = 0.9  # of the titles with the name of a line
_NUMBERED = 0.4  # of them go on with a number: 'Galaxy S10'

Known = Callable[[str], str | None]  # the kind of a key that columns and attributes know


def without_brand(title: str, brand: str | None) -> str:
    """The title after the brand that it begins with."""
    if brand and title.casefold().startswith(brand.casefold()):
        return title[len(brand) :].strip()
    return title


def types_in(titles: Iterable[str], known: Known) -> Counter[str]:
    """Types and the number of titles that have them, from their runs of words in lower case."""
    runs: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for title in titles:
        for found in _RUN.finditer(title):
            words = found[2].replace("/", " ").split()
            counted[words[0]] += _BARE_NUMBER.search(title, 0, found.start()) is not None
            runs[" ".join(words)] += 1
            if found[1]:
                runs[" ".join([found[1].strip(), *words])] += 1
    firsts = Counter[str]()
    for run, n in runs.items():
        if run.islower():
            firsts[run.split()[0]] += n
    units = {word for word, n in counted.items() if n > _MOST_COUNTED * firsts[word]}
    kept = Counter({run: n for run, n in runs.items() if _is_type(run, units, known)})
    heads: Counter[str] = Counter()
    for run, n in kept.items():
        for suffix in suffixes(run):
            heads[suffix] += n
    kept.update({head: n for head, n in heads.items() if _is_type(head, units, known)})
    return Counter({run: n for run, n in kept.items() if n >= _FEWEST})


def _is_type(run: str, units: set[str], known: Known) -> bool:
    words = run.split()
    return (
        len(words) <= _MOST_WORDS
        and len(key_of(run)) > 2
        and not any(word in STOP_WORDS or word in units for word in words)
        and not any(known(key_of(word)) in ("COLOUR", "BRAND") for word in words)
        and known(key_of(words[-1])) != "MATERIAL"
    )


def lines_of_models(titles: Sequence[str], brands: Sequence[str | None], known: Known) -> list[str]:
    """Names right after a brand that (almost) no other brand has: 'Galaxy', 'ThinkPad', 'iPad'."""
    anywhere: Counter[str] = Counter()
    after: dict[str, Counter[str]] = defaultdict(Counter)
    numbered: Counter[str] = Counter()
    written: dict[str, str] = {}
    for title, brand in zip(titles, brands, strict=True):
        words = [word.text for word in words_of(without_brand(title, brand))]
        anywhere.update({key_of(word) for word in words})
        if brand and words and _is_name(words[0], known):
            after[key_of(words[0])][brand] += 1
            numbered[key_of(words[0])] += any(c.isdigit() for c in "".join(words[1:3]))
            written[key_of(words[0])] = words[0]
    lines = []
    for key, of_brand in after.items():
        most = of_brand.most_common(1)[0][1]
        n = of_brand.total()
        own = most >= _FEWEST and most >= _OF_ONE_BRAND * n and 2 * most > anywhere[key]
        if own and numbered[key] >= _NUMBERED * n:
            lines.append(written[key])
    return lines


def names_in(titles: Iterable[str], known: Known) -> list[str]:
    """Words with a capital inside are somebody's name for a product: 'iPhone', 'PlayStation'."""
    said = Counter(
        word.text for title in titles for word in words_of(title) if _CAMEL.fullmatch(word.text)
    )
    return [name for name, n in said.items() if n > 1 and known(key_of(name)) is None]


def _is_name(word: str, known: Known) -> bool:
    return (
        len(word) > 2
        and any(c.isupper() for c in word)
        and not any(c.isdigit() for c in word)
        and key_of(word) not in STOP_WORDS
        and known(key_of(word)) in (None, "VALUE", "MODEL")
    )


def model_numbers(title: str) -> list[str]:
    """Words of a title that can only be a model's number, and no measure."""
    words = (word.text for word in words_of(title))
    return [word for word in words if is_model_number(word) and not measure_of(word)]
