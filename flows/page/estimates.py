"""Estimates without labels: what was said of a day when least had come, and what came."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.page.numbers import number, tick
from flows.page.picture import INK, Picture, named_days, round_numbers
from flows.page.published import CHAMPION, Row

_EXPECTED, _INTERVAL, _CAME, _MISSED = "#2a78d6", "#cfe1f6", INK, "#d33c2f"


@dataclass(frozen=True)
class Estimated:
    """The estimates of a metric by day, and how well they foretold what came."""

    metric: str
    variant: str
    says: str
    svg: str


def estimated(rows: Sequence[Row]) -> list[Estimated]:
    """Of each metric and variant, the champion first."""
    parts: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        parts.setdefault((row["metric"], row["variant"]), []).append(row)
    order = sorted(parts, key=lambda part: (part[1] != CHAMPION, part))
    return [
        Estimated(metric, variant, _says(metric, part), _drawn(metric, part))
        for metric, variant in order
        if (part := parts[metric, variant])
    ]


def holds(row: Row) -> bool:
    """Whether what came lay within the interval."""
    return bool(row["low"] <= row["came"] <= row["high"])


def _says(metric: str, rows: Sequence[Row]) -> str:
    closed = [row for row in rows if row["came"] is not None]
    width = sum(row["high"] - row["low"] for row in rows) / len(rows)
    wide = f"it is {number(metric, width)} wide in the mean"
    if not closed:
        return f"Of no day it is known yet what came; the interval: {wide}."
    within = sum(map(holds, closed))
    came = sum(row["came"] for row in closed) / len(closed)
    of_it = f", {width / came:.0%} of what came" if came else ""
    return (
        f"What came lay within the interval {within} of {len(closed)} times "
        f"({within / len(closed):.0%}); {wide}{of_it}."
    )


def _drawn(metric: str, rows: Sequence[Row]) -> str:
    days = [row["day"] for row in rows]
    ends = [row[name] for row in rows for name in ("low", "high", "came") if row[name] is not None]
    pad = 0.06 * (max(ends) - min(ends)) or 0.01
    low, high = min(ends) - pad, max(ends) + pad
    reach = (min(days).toordinal() - 0.6, max(days).toordinal() + 0.6)
    picture = Picture((384, 180), (48, 8, 20, 8), reach, (low, high))
    picture.name_x(named_days(min(days), max(days), 6))
    picture.name_y({at: tick(metric, at) for at in round_numbers(low, high, 5)})
    for row in rows:
        _day(picture, metric, row)
    return picture.svg()


def _day(picture: Picture, metric: str, row: Row) -> None:
    at = row["day"].toordinal()
    value, low, high = (number(metric, row[name]) for name in ("value", "low", "high"))
    said = f"{row['model_tag']}, {row['day']:%-d %b}: expected {value}, from {low} to {high}"
    picture.bar((at - 0.25, at + 0.25), (row["low"], row["high"]), _INTERVAL, said)
    picture.line([(at - 0.25, row["value"]), (at + 0.25, row["value"])], _EXPECTED, 2)
    if row["came"] is not None:
        foretold = holds(row)
        said = f"{row['day']:%-d %b}: {number(metric, row['came'])} came"
        picture.dot(at, row["came"], _CAME if foretold else _MISSED, said, hollow=not foretold)
