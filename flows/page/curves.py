"""Curves: how fast outcomes come, and whether scores keep what they promise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10

import numpy as np

from flows.page.colours import PALETTE
from flows.page.picture import DASHES, INK, Picture, round_numbers
from flows.page.published import Model, Row, model_of, named
from warehouse.intervals import Values
from warehouse.maturity import DelayCurve, maturity

_DAY = 86_400
_TIMES = {
    60: "1 min",
    600: "10 min",
    3_600: "1 h",
    6 * 3_600: "6 h",
    _DAY: "1 d",
    7 * _DAY: "1 w",
    28 * _DAY: "4 w",
}
_PLACES = 120  # along the time
_CURVE = ("delay", "survival", "variance")


@dataclass(frozen=True)
class Arrival:
    """What share of an event type's outcomes has come by some ages, of those that come in time."""

    event_type: str
    ages: Values  # seconds
    share: Values
    error: Values


def arrivals(rows: Sequence[Row]) -> list[Arrival]:
    """Of each event type that was ever seen, the fastest first."""
    by_type: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: float(row["delay"])):
        by_type.setdefault(row["event_type"], []).append(row)
    found = [arrival for name in by_type if (arrival := _arrival(name, by_type[name]))]
    return sorted(found, key=lambda arrival: float(arrival.share.mean()), reverse=True)


def _arrival(event_type: str, rows: Sequence[Row]) -> Arrival | None:
    """By the code that corrects young days; None where nothing is known to have come."""
    curve = DelayCurve(
        *(np.array([row[name] or 0.0 for row in rows], np.float64) for name in _CURVE)
    )
    window = float(curve.delays[-1])
    ages = np.geomspace(min(60.0, window), window, _PLACES)
    ages[-1] = window
    one = np.ones(1, np.int64)
    found = [maturity(curve, window, age, one) for age in ages[:, None]]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    share = np.array([each.share for each in known])
    return Arrival(event_type, ages, share, share * [each.relative_error for each in known])


def arriving(found: Sequence[Arrival]) -> str:
    """Each event type's share over the time since the request, with two standard errors."""
    last = max(arrival.ages[-1] for arrival in found)
    above = 17.0 * len(found) + 6
    picture = Picture(
        (400, 230 + above), (44, 14, 20, above), (log10(60), log10(max(last, 3_600))), (0, 1)
    )
    picture.name_x({log10(at): name for at, name in _TIMES.items() if at <= last})
    picture.name_y({at / 4: f"{at / 4:.0%}" for at in range(5)})
    for place, arrival in enumerate(found):
        colour = PALETTE[place % len(PALETTE)]
        name = f"{arrival.event_type}: of what comes within {_long(arrival.ages[-1])}"
        picture.key(name, colour, 44, 17.0 * place + 12)
        ages = np.log10(arrival.ages)
        low, high = ((arrival.share + side * arrival.error).clip(0, 1) for side in (-2, 2))
        picture.band(list(zip(ages, low, high, strict=True)), colour)
        picture.line(zip(ages, arrival.share, strict=True), colour)
    return picture.svg()


def _long(seconds: float) -> str:
    days = seconds / _DAY
    return f"{days:.0f} days" if days >= 1.5 else f"{seconds / 3_600:.0f} hours"


def reliability(rows: Sequence[Row], colours: Mapping[str, str]) -> str | None:
    """Clicks a look against what scores promised, by model; None where none promised any."""
    models: dict[Model, list[Row]] = {}
    for row in sorted(rows, key=lambda row: int(row["bin"])):
        models.setdefault(model_of(row), []).append(row)
    models = {model: bins for model, bins in models.items() if _promise_clicks(bins)}
    if not models:
        return None
    shown = [row for bins in models.values() for row in bins]
    most = 1.08 * max(max(_promised(row), row["observed"]) for row in shown) or 1.0
    picture = Picture((400, 400), (48, 14, 38, 24), (0, most), (0, most))
    names = {at: f"{at:.4g}" for at in round_numbers(0, most, 6)}
    picture.name_x(names)
    picture.name_y(names)
    picture.write("clicks a look", 4, 14)
    picture.write("promised", 386, 394, "end")
    picture.line([(0, 0), (most, most)], INK, 1, DASHES)
    for model, bins in models.items():
        _reliable(picture, named(*model), bins, colours.get(model[0], INK))
    return picture.svg()


def _promise_clicks(bins: Sequence[Row]) -> bool:
    return all(0 <= _promised(row) <= 1 for row in bins)


def _promised(row: Row) -> float:
    """The mean score, or what earlier days said of it where that is no probability."""
    calibrated: float | None = row.get("calibrated")  # of rows of before there is none
    return float(row["predicted"]) if calibrated is None else calibrated


def _reliable(picture: Picture, model: str, bins: Sequence[Row], colour: str) -> None:
    picture.line([(_promised(row), row["observed"]) for row in bins], colour, 1.2)
    for row in bins:
        x, y, reach = _promised(row), row["observed"], 2 * row["standard_error"]
        picture.line([(x, y - reach), (x, y + reach)], colour, 1.2)
        promised = "promised" if row.get("calibrated") is None else "calibrated to"
        said = f"{promised} {x:.4f}, came {y:.4f} ± {row['standard_error']:.4f}"
        picture.dot(x, y, colour, f"{model}, {said}, n {row['n']:,}")
