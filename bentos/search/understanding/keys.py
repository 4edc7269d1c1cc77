"""One key for all the ways to write a value: 'Wi-Fi', 'wifi' and 'wi fi'; '3 m' and '3 metres'."""

import re
import unicodedata
from functools import lru_cache

_EXTENT = {
    "mm": "mm millimetre millimeter",
    "cm": "cm centimetre centimeter",
    "m": "m metre meter",
    "in": 'in inch inche " ”',
    "ft": "ft foot feet",
    "yd": "yd yard",
    "g": "g gr gram",
    "kg": "kg kilo",
    "mg": "mg",
    "oz": "oz ounce",
    "floz": "floz fluidounce",
    "lb": "lb pound",
    "ml": "ml",
    "cl": "cl",
    "l": "l ltr liter litre",
    "gal": "gal gallon",
    "qt": "qt quart",
    "pt": "pt pint",
    "mb": "mb",
    "gb": "gb gigabyte",
    "tb": "tb terabyte",
    "mah": "mah",
    "ct": "ct count",
    "pk": "pk pack",
    "pc": "pc pcs piece",
    "sheet": "sheet sht",
}
_PROPERTY = {
    "w": "w watt",
    "kw": "kw",
    "v": "v volt",
    "va": "va",
    "kva": "kva",
    "hz": "hz",
    "mhz": "mhz",
    "ghz": "ghz",
    "dpi": "dpi",
    "rpm": "rpm",
    "ppm": "ppm",
    "px": "px pixel",
    "lm": "lm lumen",
    "port": "port",
    "bit": "bit",
    "mbps": "mbps mbit/s",
    "gbps": "gbps gbit/s",
    "awg": "awg",
}
_UNITS = {
    written: (kind, unit)
    for kind, units in (("SIZE", _EXTENT), ("VALUE", _PROPERTY))
    for unit, ways in units.items()
    for written in ways.split()
}
_NUMBER = r"\d{1,7}(?:[.,]\d{1,4})?"
_MEASURE = re.compile(rf"({_NUMBER}(?:x{_NUMBER}){{0,2}})-?([a-z/]+|[\"”])\.?")
_MOBILE = frozenset({"2g", "3g", "4g", "5g"})  # networks, not grams
_SPELLINGS = (("gray", "grey"), ("color", "colour"), ("aluminum", "aluminium"))
_SIBILANT = ("ches", "shes", "xes", "sses", "zes")


@lru_cache(1 << 16)
def folded(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def key_of(text: str) -> str:
    """The key of a value: folded, in the singular, in one spelling."""
    return settled(folded(text))


@lru_cache(1 << 16)
def settled(letters: str) -> str:
    """The key of what is folded already, maybe of several words one after the other."""
    key = singular(letters)
    for american, british in _SPELLINGS:
        key = key.replace(american, british)
    return key


def singular(word: str) -> str:
    """'batteries' -> 'battery', 'watches' -> 'watch', 'cables' -> 'cable'; 'lens', 'glass' stay."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "ens")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y" if len(word) > 4 else word[:-1]
    return word[:-2] if word.endswith(_SIBILANT) else word[:-1]


def plural(word: str) -> str:
    """'battery' -> 'batteries', 'watch' -> 'watches', 'cable' -> 'cables'."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def measure_of(text: str) -> tuple[str, str] | None:
    """The kind and the key of a number with its unit: '3 metres' -> ('SIZE', '3m'); else None.

    Lengths, weights, volumes, capacities and counts are sizes; volts, pixels and the like values.
    """
    found = _MEASURE.fullmatch("".join(text.casefold().split()))
    unit = found and (_UNITS.get(found[2]) or _UNITS.get(found[2].removesuffix("s")))
    if not found or not unit:
        return None
    numbers = (_plain(number) for number in found[1].split("x"))
    key = "x".join(numbers) + unit[1]
    return None if key in _MOBILE else (unit[0], key)


def _plain(number: str) -> str:
    number = number.replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number else number
