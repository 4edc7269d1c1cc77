"""A change of a metric as a waterfall: from before to now, segment by segment."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.page.colours import PALETTE
from flows.page.numbers import number, percent, tick
from flows.page.picture import DASHES, INK, Picture, round_numbers, shortened, widest
from flows.page.published import Row
from flows.policies.explanation import part_in_words

MIX, RATE = PALETTE[1], PALETTE[0]
_WIDTH, _ROW = 400.0, 22.0  # pixels
_LONGEST = 26  # letters of a segment's name
_MOST = 7  # segments by themselves


@dataclass(frozen=True)
class Step:
    """What a segment adds to a metric, in its unit."""

    name: str
    mix: float
    rate: float
    share: float  # of the change


def steps(parts: Sequence[Row]) -> list[Step]:
    """The largest parts first, the rest together; they add up to the change."""
    change = parts[0]["now"] - parts[0]["before"]
    dimensions = max(len(part["segments"]) for part in parts)
    found = [
        Step(
            part_in_words(part["segments"], dimensions),
            change * part["mix"],
            change * part["rate"],
            part["mix"] + part["rate"],
        )
        for part in sorted(parts, key=lambda part: -abs(part["mix"] + part["rate"]))
    ]
    if len(found) <= _MOST + 1:
        return found
    rest = found[_MOST:]
    mix, rate, share = (
        sum(getattr(step, name) for step in rest) for name in ("mix", "rate", "share")
    )
    return [*found[:_MOST], Step(f"{len(rest)} more together", mix, rate, share)]


def waterfall(parts: Sequence[Row]) -> str | None:
    """The picture; none where the change is not told apart."""
    if not parts:
        return None
    metric, before, now = parts[0]["metric"], parts[0]["before"], parts[0]["now"]
    taken = steps(parts)
    places = [before]
    for step in taken:
        places += [places[-1] + step.mix, places[-1] + step.mix + step.rate]
    pad = 0.06 * (max(places) - min(places))
    across = (min(places) - pad, max(places) + pad)
    names = ["before", *(step.name for step in taken), "now"]
    labels = {float(at): shortened(name, _LONGEST) for at, name in enumerate(names)}
    margins = (widest(labels.values()) + 10, 48.0, 20.0, 4.0)
    size = (_WIDTH, _ROW * len(names) + margins[2] + margins[3])
    picture = Picture(size, margins, across, (len(names) - 0.5, -0.5))
    picture.name_x({at: tick(metric, at) for at in round_numbers(*across, 3)})
    picture.name_y(labels, grid=False)
    for value, row in ((before, 0), (now, len(names) - 1)):
        picture.line([(value, -0.5), (value, len(names) - 0.5)], INK, 1, DASHES)
        picture.dot(value, row, INK, f"{names[row]} {number(metric, value)}", 4)
        picture.write_right(tick(metric, value), row)
    for at, step in enumerate(taken, start=1):
        start, middle, end = places[2 * at - 2 : 2 * at + 1]
        said = f"{step.name}, {percent(step.share)} of the change: "
        picture.bar((start, middle), (at - 0.36, at), MIX, f"{said}{_signed(metric, step.mix)} mix")
        picture.bar(
            (middle, end), (at, at + 0.36), RATE, f"{said}{_signed(metric, step.rate)} rate"
        )
        picture.write_right(percent(step.share), at)
    return picture.svg()


def _signed(metric: str, value: float) -> str:
    return f"{'+' if value >= 0 else '-'}{number(metric, abs(value))}"
