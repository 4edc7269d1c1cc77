"""What drifted, as it was and as it is: small multiples of two distributions each."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor, log10

from flows.incidents.published import effect
from flows.page.colours import PALETTE
from flows.page.heat import TRAINING
from flows.page.numbers import tick
from flows.page.picture import Picture, round_numbers, shortened, widest
from flows.page.published import Row

NOW, THEN = PALETTE[0], "#b9b8b1"
_SIZE = (288.0, 150.0)
_MOST_BINS = 32  # that are drawn each by itself
_BARS = 24
_MOST_VALUES = 8
_LONGEST = 16  # letters of a value
_TAIL = 0.005  # of both distributions, on each side, that the outermost bars hold
_WIDE = 2.5  # from the lower quartile to the upper: beyond that the scale is a logarithm's
_WIDEST = 1e4  # that a logarithm's scale is, from end to end
_SHARE = "_share"
_MISSING, _OTHERS = "missing", "all others"

Key = tuple[str, str, str]  # model, subject, reference


@dataclass(frozen=True)
class Drifted:
    """A subject's two distributions on the last day on which it drifted."""

    subject: str
    says: str
    svg: str


@dataclass(frozen=True)
class Bar:
    """Shares of answers, or of what is counted, between two places of a scale."""

    left: float
    right: float
    now: float
    then: float
    says: str


def distributions(drifts: Sequence[Row], counts: Sequence[Row]) -> list[Drifted]:
    """Of each model and subject, those of the greatest effect first.

    What drifted both from the weeks before and from the training window is shown beside the weeks.
    """
    found = {(*_key(row), row["day"]): row for row in drifts}
    by_key: dict[Key, list[Row]] = {}
    for row in counts:
        by_key.setdefault(_key(row), []).append(row)
    shown = [
        (found[*key, rows[0]["day"]], rows)
        for key, rows in by_key.items()
        if (*key, rows[0]["day"]) in found
        and (key[2] != TRAINING or (*key[:2], "weeks") not in by_key)
    ]
    shown.sort(key=lambda each: (effect(each[0]), each[0]["jensen_shannon"]), reverse=True)
    return [Drifted(row["subject"], _says(row), drawn(rows)) for row, rows in shown]


def drawn(rows: Sequence[Row]) -> str:
    """Numbers as a histogram, values as bars of the most frequent."""
    numbers = any(row["bin"] is not None for row in rows)
    return _histogram(rows) if numbers else _values(rows)


def _key(row: Row) -> Key:
    return row["model_tag"], row["subject"], row["reference"]


def _says(row: Row) -> str:
    told = [f"{row['day']:%-d %b}"]
    if row["effect"] is not None:
        told.append(f"effect {row['effect']:+.1%}")
    if max(row["missing_share"], row["missing_share_then"]) >= _TAIL:
        told.append(f"missing {row['missing_share']:.0%}, before {row['missing_share_then']:.0%}")
    if row["reference"] == TRAINING:
        told.append("against the training window")
    if row["model_tag"]:
        told.append(row["model_tag"])
    return ", ".join(told)


def _histogram(rows: Sequence[Row]) -> str:
    bars, names = bars_of_numbers(rows)
    most = 1.06 * max((max(bar.now, bar.then) for bar in bars), default=1.0)
    ends = (bars[0].left, bars[-1].right) if bars else (0.0, 1.0)
    picture = Picture(_SIZE, (40, 10, 20, 8), ends, (0, most))
    picture.name_x(names)
    picture.name_y({at: tick(_SHARE, at) for at in round_numbers(0, most, 4)})
    for bar in bars:
        gap = (bar.right - bar.left) / 20
        picture.bar((bar.left + gap, bar.right - gap), (0, bar.then), THEN, bar.says)
    corners = [(x, bar.now) for bar in bars for x in (bar.left, bar.right)]
    picture.line(corners, NOW, 1.8)
    return picture.svg()


def bars_of_numbers(rows: Sequence[Row]) -> tuple[list[Bar], dict[float, str]]:
    """Few bins each by itself, side by side; many in bars of equal width. And names of places."""
    n, n_then = _totals(rows)
    placed = sorted((row for row in rows if row["middle"] is not None), key=_middle)
    cells = [(_middle(row), row["n"] / n, row["n_reference"] / n_then) for row in placed]
    if len(cells) <= _MOST_BINS:
        bars = [
            Bar(at - 0.5, at + 0.5, now, then, _bar_says(f"{_whole(middle):.4g}", now, then))
            for at, (middle, now, then) in enumerate(cells)
        ]
        step = ceil(len(cells) / 6) or 1
        return bars, {float(at): f"{_whole(cells[at][0]):.4g}" for at in range(0, len(cells), step)}
    return _equal_bars(cells)


def _equal_bars(
    cells: Sequence[tuple[float, float, float]],
) -> tuple[list[Bar], dict[float, str]]:
    low, high = _at(cells, _TAIL), _at(cells, 1 - _TAIL)
    in_logs = low > 0 and _at(cells, 0.75) / _at(cells, 0.25) > _WIDE
    if in_logs:
        low = max(low, high / _WIDEST)
    place: Callable[[float], float] = log10 if in_logs else float
    left, width = place(low), (place(high) - place(low)) / _BARS
    shares = [[0.0, 0.0] for _ in range(_BARS)]
    for middle, now, then in cells:
        inside = min(max(middle, low), high)
        at = min(int((place(inside) - left) / width), _BARS - 1)
        shares[at][0] += now
        shares[at][1] += then
    bars = []
    for at, (now, then) in enumerate(shares):
        start, end = left + at * width, left + (at + 1) * width
        first, last = (10**end_ if in_logs else end_ for end_ in (start, end))
        bars.append(Bar(start, end, now, then, _bar_says(f"{first:.4g} to {last:.4g}", now, then)))
    return bars, _decades(low, high) if in_logs else _steps(low, high)


def _at(cells: Sequence[tuple[float, float, float]], share: float) -> float:
    """The quantile of both distributions together."""
    both = list(accumulate(now + then for _, now, then in cells))
    return cells[bisect_left(both, share * both[-1])][0]


def _steps(low: float, high: float) -> dict[float, str]:
    return {at: f"{at:.4g}" for at in round_numbers(low, high, 6)}


def _decades(low: float, high: float) -> dict[float, str]:
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    factors = (1, 3) if len(powers) < 4 else (1,)
    values = [
        factor * 10.0**power for power in powers[:: len(powers) // 6 + 1] for factor in factors
    ]
    return {log10(value): f"{value:,.4g}" for value in values if low <= value <= high}


def _values(rows: Sequence[Row]) -> str:
    shares = shares_of_values(rows)
    most = 1.06 * max(max(each) for each in shares.values())
    names = {float(at): shortened(name, _LONGEST) for at, name in enumerate(shares)}
    margins = (widest(names.values()) + 12, 12.0, 20.0, 4.0)
    picture = Picture(_SIZE, margins, (0, most), (len(shares) - 0.5, -0.5))
    picture.name_x({at: tick(_SHARE, at) for at in round_numbers(0, most, 4)})
    picture.name_y(names, grid=False)
    for at, (name, (now, then)) in enumerate(shares.items()):
        said = _bar_says(name, now, then)
        picture.bar((0, now), (at - 0.38, at), NOW, said)
        picture.bar((0, then), (at, at + 0.38), THEN, said)
    return picture.svg()


def shares_of_values(rows: Sequence[Row]) -> Mapping[str, tuple[float, float]]:
    """Now and then, of the most frequent values, then of all others together."""
    n, n_then = _totals(rows)
    shares = {
        _MISSING if row["value"] is None else row["value"]: (
            row["n"] / n,
            row["n_reference"] / n_then,
        )
        for row in rows
    }
    single = [name for name in shares if name != _OTHERS]
    first = sorted(single, key=lambda name: (-max(shares[name]), name))[:_MOST_VALUES]
    rest = [shares[name] for name in shares if name not in first]
    found = {name: shares[name] for name in first}
    if rest:
        found[_OTHERS] = (sum(now for now, _ in rest), sum(then for _, then in rest))
    return found


def _totals(rows: Sequence[Row]) -> tuple[int, int]:
    return sum(row["n"] for row in rows) or 1, sum(row["n_reference"] for row in rows) or 1


def _middle(row: Row) -> float:
    return float(row["middle"])


def _whole(middle: float) -> float:
    """The whole number that a bin begins with, where it does."""
    below = floor(middle)
    return below if middle - below <= abs(middle) / 64 else middle


def _bar_says(name: str, now: float, then: float) -> str:
    return f"{name}: {now:.1%}, before {then:.1%}"
