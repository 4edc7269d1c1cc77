"""What the catalogue says of a product, as values of a kind: its columns and its attributes.

A name says what kind of value an attribute holds. Names that end in "colour" or "color" hold
colours, in "material" or "fabric" materials, in size, capacity, length and the like sizes; names
with "model" hold models; ``product_type`` and ``brand`` are as they say. All others hold other
values, but for those that no shopper asks for (packaging, logistics, papers). An attribute that is
only true names a value itself: {'bluetooth': 'true'} says 'bluetooth'. What an attribute called a
type says may be a type of product or not ('MP3 player', 'Original'): that is left to `retyped`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pyarrow as pa

from bentos.search.understanding.keys import key_of, measure_of

MAYBE_TYPE = "TYPE?"
_BY_NAME = (
    ("TYPE", re.compile(r"^(product_)?type_of_product$|^product_type$")),
    ("BRAND", re.compile(r"^brand(_name)?$|^manufacturer$")),
    (
        "",
        re.compile(
            r"package|pallet|carton|case_|certif|country|harmonized|_code|date|note|text|compatib"
        ),
    ),
    ("COLOUR", re.compile(r"(^|_)colou?rs?$")),
    ("MATERIAL", re.compile(r"(^|_)(materials?|fabrics?)$")),
    (
        "SIZE",
        re.compile(
            r"(^|_)(sizes?|capacity|length|width|height|depth|diameter|diagonal|dimensions?"
            r"|weight|volume)$"
        ),
    ),
    ("MODEL", re.compile(r"(^|_)model($|_)")),
    (MAYBE_TYPE, re.compile(r"(^|_)type$")),
)
_YES = frozenset({"true", "yes", "y"})
_NO = "false,no,n,none,not,not available,unspecified,other,na,n/a,various,multi"
_NOTHING = frozenset(_NO.split(","))
_MOST_WORDS = 4
_LONGEST = 32  # characters
_SEVERAL = re.compile(r"[,;\n]|\\n|\s/\s")
_ALTERNATIVES = re.compile(r"[,;\n/&]|\\n")

Fact = tuple[int, str, str]  # row of the product, kind, the value as it is written


def facts_of(products: pa.Table) -> Iterator[Fact]:
    """All that columns and attributes say; what titles say comes after it, once this is known."""
    columns = [products[name].to_pylist() for name in ("brand", "product_type", "category", "size")]
    for row, (brand, product_type, category, size) in enumerate(zip(*columns, strict=True)):
        if brand:
            yield row, "BRAND", brand
        for said in (product_type, category):
            for text in types_said(said or ""):
                yield row, "TYPE", text
        for text in _SEVERAL.split(size or ""):
            if text.strip():
                yield row, "SIZE", text.strip()
    for row, attributes in enumerate(products["attributes"].to_pylist()):
        for name, said in attributes or ():
            for kind, text in attribute_values(name, said):
                yield row, kind, text


def retyped(facts: Iterable[Fact]) -> list[Fact]:
    """The facts with each `MAYBE_TYPE` decided.

    Several words are a type of product if their last is one, as in 'Scientific calculator'. And
    what several types end in is a type itself: 'frozen pizza' and 'fresh pizza' are pizza.
    """
    facts = list(facts)
    types = {text.casefold() for _, kind, text in facts if kind == "TYPE"}
    last_words = Counter(text.split()[-1] for text in types)
    ends = {key_of(word) for word in last_words}
    decided = [(row, _decided(kind, text, ends), text) for row, kind, text in facts]
    heads = {word for word, n in last_words.items() if n > 1 and len(word) > 2}
    return decided + [
        (row, "TYPE", text.split()[-1].casefold())
        for row, kind, text in decided
        if kind == "TYPE" and text.split()[-1].casefold() in heads
    ]


def _decided(kind: str, text: str, ends: set[str]) -> str:
    if kind != MAYBE_TYPE:
        return kind
    words = text.split()
    named = len(words) > 1 and all(word.isalpha() for word in words) and key_of(words[-1]) in ends
    return "TYPE" if named else "VALUE"


@lru_cache(1 << 16)
def types_said(text: str) -> list[str]:
    """Product types as a shop files them: 'TORTILLA/NACHO CHIPS' -> tortilla, nacho chips."""
    parts = (" ".join(part.casefold().split()) for part in re.split(r"[/:,()\\]|\s-\s", text))
    return [part for part in parts if len(key_of(part)) > 2 and not measure_of(part)]


@lru_cache(1 << 18)
def attribute_values(name: str, said: str) -> list[tuple[str, str]]:
    """The kinds and values of one attribute."""
    kind = kind_of_attribute(name)
    if said.casefold() in _YES:
        readable = re.sub(r"_+", " ", re.sub(r"__.*", "", name)).strip()
        return [("VALUE", readable)] if kind == "VALUE" and _is_value(readable) else []
    separator = _ALTERNATIVES if kind in ("COLOUR", "MATERIAL") else _SEVERAL
    texts = [" ".join(text.split()) for text in separator.split(said)]
    return [(kind, text) for text in texts if kind and _is_value(text) and _fits(kind, name, text)]


@lru_cache(1 << 14)
def kind_of_attribute(name: str) -> str:
    """The kind of values an attribute holds; '' for what nobody searches by."""
    return next((kind for kind, pattern in _BY_NAME if pattern.search(name)), "VALUE")


def _is_value(text: str) -> bool:
    """Whether a shopper could write it: a few words, not a sentence, and not a bare number."""
    return (
        len(text) <= _LONGEST
        and len(text.split()) <= _MOST_WORDS
        and text[:1].isalnum()
        and any(c.isalpha() for c in text)
        and text.casefold() not in _NOTHING
    )


def _fits(kind: str, name: str, text: str) -> bool:
    """A colour or a material is a word; a size is a number, or a word where it is called a size."""
    has_digit = any(c.isdigit() for c in text)
    if kind in ("COLOUR", "MATERIAL"):
        return not has_digit
    return kind != "SIZE" or has_digit or name.rstrip("s").endswith("size")
