"""Segments: a metric of each part of the traffic or the catalogue, beside that of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from flows.page.colours import PALETTE
from flows.page.numbers import tick, with_error
from flows.page.picture import DASHES, INK, Picture, round_numbers, shortened, widest
from flows.page.published import Row, Segments

_WIDTH, _ROW, _BAR = 384.0, 18.0, 10.0  # pixels
_LONGEST = 20  # letters of a name

# Segments that have an order keep it; the others are sorted by their value.
_ORDERED = {
    "users": ("light", "medium", "heavy"),
    "products bought before, or not": ("repeat", "first_time"),
    "queries": ("query=head", "query=torso", "query=tail"),
    "products by popularity": ("head", "torso", "tail", "new"),
}
_NAMED = {
    "hour": "hours (UTC)",
    "device": "devices",
    "store": "stores",
    "country": "countries",
    "category": "categories",
    "brand": "brands",
    "supplier": "suppliers",
}
_KIND = {segment: kind for kind, segments in _ORDERED.items() for segment in segments}


_OTHERS = "others"


@dataclass(frozen=True)
class Kind:
    """Segments of one kind, in the order that they are shown in, and their picture."""

    name: str
    rows: Sequence[Row]
    svg: str


def kinds(found: Segments) -> list[Kind]:
    """The segments by kind, all pictures on the same scale."""
    by_kind: dict[str, list[Row]] = {}
    for row in found.parts:
        by_kind.setdefault(_kind(row["segment"]), []).append(row)
    order = [*_ORDERED, *_NAMED.values(), _OTHERS]
    return [
        Kind(kind, rows, _dots(rows, found))
        for kind in sorted(by_kind, key=order.index)
        if (rows := _in_order(kind, by_kind[kind]))
    ]


def _kind(segment: str) -> str:
    return _KIND.get(segment) or _NAMED.get(segment.partition("=")[0], _OTHERS)


def _in_order(kind: str, rows: Sequence[Row]) -> list[Row]:
    if kind in _ORDERED:
        return sorted(rows, key=lambda row: _ORDERED[kind].index(row["segment"]))
    if kind == _NAMED["hour"]:
        return sorted(rows, key=lambda row: str(row["segment"]))
    return sorted(rows, key=lambda row: float(row["value"]), reverse=True)


def _most(rows: Sequence[Row]) -> float:
    """Where the scale ends: behind all that is known well enough to compare."""
    reach = [(row["value"], 2 * (row["standard_error"] or inf)) for row in rows]
    ends = [value + error for value, error in reach if error <= value / 2]
    return 1.05 * max(ends or [value for value, _ in reach]) or 0.01


def _dots(rows: Sequence[Row], found: Segments) -> str:
    metric, whole = found.whole["metric"], found.whole["value"]
    most = _most([found.whole, *found.parts])
    names = {float(place): _name(row["segment"]) for place, row in enumerate(rows)}
    left = widest(_name(row["segment"]) for row in found.parts)
    right = widest(f"{row['n']:,}" for row in found.parts)
    margins = (left + 12, right + 14, 22.0, 4.0)
    size = (_WIDTH, _ROW * len(rows) + margins[2] + margins[3])
    picture = Picture(size, margins, (0.0, most), (len(rows) - 0.5, -0.5))
    picture.name_x({at: tick(metric, at) for at in round_numbers(0, most, 5)})
    picture.name_y(names, grid=False)
    picture.line([(whole, -0.5), (whole, len(rows))], INK, 1, DASHES)
    for place, row in enumerate(rows):
        value, reach, count = row["value"], 2 * (row["standard_error"] or 0.0), f"{row['n']:,}"
        picture.line([(value - reach, place), (value + reach, place)], PALETTE[0], 1.5)
        says = f"{row['segment']}: {with_error(metric, value, row['standard_error'])}, n {count}"
        picture.dot(min(value, most), place, PALETTE[0], says, hollow=value > most)
        picture.write_right(count, place)
    return picture.svg()


def _name(segment: str) -> str:
    return shortened(segment.partition("=")[2] or segment.replace("_", " "), _LONGEST)


def offline(rows: Sequence[Row], metric: str) -> str:
    """A metric of each ranker in each segment of an evaluation, side by side."""
    rows = sorted(rows, key=lambda row: (_place(row["segment"]), *_models_first(row["model_tag"])))
    rankers = list(dict.fromkeys(row["model_tag"] for row in rows))
    segments = list(dict.fromkeys(row["segment"] for row in rows))
    most = _most(rows)
    margins = (widest(segments) + 12, 8.0, 22.0, 17.0 * len(rankers) + 4)
    step = len(rankers) + 1  # bars, and a gap
    size = (_WIDTH, _BAR * step * len(segments) + margins[2] + margins[3])
    picture = Picture(size, margins, (0.0, most), (step * len(segments) - 0.5, -0.5))
    picture.name_x({at: tick(metric, at) for at in round_numbers(0, most, 5)})
    middle = (len(rankers) - 1) / 2
    picture.name_y({step * at + middle: _name(s) for at, s in enumerate(segments)}, grid=False)
    for place, ranker in enumerate(rankers):
        picture.key(ranker, _colour(place), margins[0], 17.0 * place + 12)
    for row in rows:
        place = rankers.index(row["model_tag"])
        at = step * segments.index(row["segment"]) + place
        value, error = row["value"], row["standard_error"]
        says = f"{row['model_tag']}, {row['segment']}: {with_error(metric, value, error)}"
        picture.bar((0, value), (at - 0.42, at + 0.42), _colour(place), says)
        reach = 2 * (error or 0.0)
        picture.line([(value - reach, at), (value + reach, at)], INK, 1)
    return picture.svg()


def _colour(place: int) -> str:
    return PALETTE[place % len(PALETTE)]


def _models_first(tag: str) -> tuple[bool, str]:
    return (":" not in tag, tag)  # only models have a version


def _place(segment: str) -> tuple[int, str]:
    order = ("all", "light", "medium", "heavy", "repeat", "first_time", "head", "torso", "tail")
    return (order.index(segment) if segment in order else len(order), segment)
