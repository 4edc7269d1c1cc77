"""Small multiples: a panel a metric, its models over the days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from flows.page.numbers import tick, with_error
from flows.page.picture import DASHES, Picture, named_days, round_numbers
from flows.page.published import CHAMPION, Model, Row, is_young, model_of, named

_MANY_DAYS = 31  # dots of more would touch


@dataclass(frozen=True)
class _Size:
    pixels: tuple[float, float]
    margins: tuple[float, float, float, float]
    names_of_days: int
    names_of_values: int
    dot: float


_SMALL = _Size((288, 132), (44, 8, 20, 8), 4, 4, 2)
_WIDE = _Size((720, 280), (48, 10, 22, 10), 9, 6, 3)


@dataclass(frozen=True)
class Group:
    """Metrics that belong together, and what one sees in their panels."""

    title: str
    says: str
    metrics: tuple[str, ...]


GROUPS = (
    Group(
        "How good the rankings were",
        "What was shown, held against what was then bought.",
        ("ndcg@10", "mrr", "recall@10"),
    ),
    Group(
        "What came of them",
        "Shares of the answers, or of the products shown, that something followed.",
        (
            "ctr@10",
            "click_share",
            "add_to_cart_share",
            "purchase_share",
            "revenue_per_answer",
            "zero_results_share",
            "abandonment_share",
            "reformulation_share",
        ),
    ),
    Group(
        "Beyond accuracy",
        "How much of the catalogue was shown, how evenly, and how new and how unlike it was.",
        (
            "novelty@10",
            "diversity@10",
            "catalogue_coverage@10",
            "exposure_gini@10",
            "new_product_share@10",
        ),
    ),
    Group(
        "Service",
        "How many asked, how long answers took inside the service, and what went wrong.",
        (
            "requests",
            "latency_ms_p50",
            "latency_ms_p95",
            "latency_ms_p99",
            "error_share",
            "degraded_share",
        ),
    ),
)


@dataclass(frozen=True)
class Point:
    """A day of a model: the value to judge by or, while it is young, what it should come to."""

    at: float  # the day's ordinal
    value: float
    error: float
    says: str
    young: bool
    so_far: float | None  # of a young day whose value is corrected
    says_so_far: str


@dataclass(frozen=True)
class Panel:
    """A metric's picture, and the champion's last value that can be judged by."""

    metric: str
    latest: str
    svg: str


def points(rows: Sequence[Row], metric: str) -> dict[Model, list[Point]]:
    """The days of each model in each variant, in the order of the rows."""
    found: dict[Model, list[Point]] = {}
    for row in rows:
        if row["metric"] == metric:
            found.setdefault(model_of(row), []).append(_point(row))
    return found


def panels(rows: Sequence[Row], group: Group, colours: Mapping[str, str]) -> list[Panel]:
    """A panel of each of the group's metrics that has values, all over the same days."""
    days = [row["window_start"] for row in rows]
    return [
        Panel(metric, _latest(rows, metric), _draw(lines, metric, colours, days, _SMALL))
        for metric in group.metrics
        if (lines := points(rows, metric))
    ]


def wide(rows: Sequence[Row], metric: str, colours: Mapping[str, str]) -> str | None:
    """The picture of one metric by itself."""
    lines = points(rows, metric)
    days = [row["window_start"] for row in rows]
    return _draw(lines, metric, colours, days, _WIDE) if lines else None


def _point(row: Row) -> Point:
    metric, day = row["metric"], f"{row['window_start']:%-d %b}"
    young = is_young(row)
    expected = young and row["corrected"] is not None
    so_far = with_error(metric, row["value"], row["standard_error"])
    to_come = with_error(metric, row["corrected"], row["corrected_error"])
    return Point(
        at=row["window_start"].toordinal(),
        value=row["corrected"] if expected else row["value"],
        error=(row["corrected_error"] if expected else row["standard_error"]) or 0.0,
        says=f"{day}, {'expected ' + to_come if expected else so_far}, n {row['n']:,}",
        young=young,
        so_far=row["value"] if expected else None,
        says_so_far=f"{day}, so far {so_far}",
    )


def _latest(rows: Sequence[Row], metric: str) -> str:
    judged = [
        row
        for row in rows
        if row["metric"] == metric and row["variant"] == CHAMPION and not is_young(row)
    ]
    if not judged:
        return "no day can be judged yet"
    last = max(judged, key=lambda row: (row["window_start"], row["n"]))
    value = with_error(metric, last["value"], last["standard_error"])
    return f"{value}, {last['window_start']:%-d %b}"


def _draw(
    lines: Mapping[Model, Sequence[Point]],
    metric: str,
    colours: Mapping[str, str],
    days: Sequence[date],
    size: _Size,
) -> str:
    first, last = min(days), max(days)
    low, high = _limits([point for line in lines.values() for point in line])
    picture = Picture(
        size.pixels, size.margins, (first.toordinal() - 0.5, last.toordinal() + 0.5), (low, high)
    )
    picture.name_x(named_days(first, last, size.names_of_days))
    picture.name_y({at: tick(metric, at) for at in round_numbers(low, high, size.names_of_values)})
    radius = size.dot if (last - first).days < _MANY_DAYS else size.dot / 2
    newest = list(colours)
    for model in sorted(lines, key=lambda line: newest.index(line[0]), reverse=True):  # on top
        _line(picture, model, lines[model], colours[model[0]], radius)
    return picture.svg()


def _line(
    picture: Picture, model: Model, line: Sequence[Point], colour: str, radius: float
) -> None:
    """Filled where it is judged; dashed and hollow where it is what a day should come to."""
    name, width = named(*model), 2 if model[1] == CHAMPION else 1
    picture.band(
        [(p.at, p.value - 2 * p.error, p.value + 2 * p.error) for p in _not_alone(line)], colour
    )
    before: list[Point] = []
    for young, run in groupby(line, key=lambda point: point.young):
        days = list(run)
        joined = [(p.at, p.value) for p in (before + days if young else days)]
        picture.line(joined, colour, width, DASHES if young else "")
        before = days[-1:]
    for point in line:
        if point.so_far is not None:
            picture.dot(point.at, point.so_far, colour, f"{name}, {point.says_so_far}", 1)
        picture.dot(point.at, point.value, colour, f"{name}, {point.says}", radius, point.young)


def _not_alone(line: Sequence[Point]) -> Sequence[Point]:
    """A single day's band would be of no width: it is as wide as a dot."""
    if len(line) > 1:
        return line
    return [replace(line[0], at=line[0].at + side / 5) for side in (-1, 1)]


def _limits(shown: Sequence[Point]) -> tuple[float, float]:
    """From 0 where the lowest is under half of the highest; else around them, never very near.

    Of a wide band, such as that of a few answers, a part is left out: it would flatten the rest.
    """
    reach = [(point, min(2 * point.error, abs(point.value) / 2)) for point in shown]
    so_far = [point.so_far for point in shown if point.so_far is not None]
    low = min([point.value - band for point, band in reach] + so_far)
    high = max([point.value + band for point, band in reach] + so_far)
    if 0 <= low <= high / 2:
        return 0.0, 1.06 * high or 0.01
    middle, half = (low + high) / 2, max(0.55 * (high - low), 0.05 * abs(high))
    return middle - half, middle + half
