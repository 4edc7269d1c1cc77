"""The report's pictures, as inline SVG that follows the page's light or dark colours."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure

Row = dict[str, Any]

_PALETTE = ("#2a78d6", "#1baf7a", "#eda100", "#e34948", "#4a3aa7", "#008300")
_INK, _GRID = "#6b6a66", "#b9b8b2"
_STYLE: Any = {  # matplotlib's names for what is set
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


def quality_by_day(rows: Sequence[Row], metric: str) -> str:
    """A metric of each model on each day, with two standard errors; hollow: when mature."""
    figure, axes = _figure(7.2, 3.0)
    for colour, model in zip(_PALETTE, _in_order(rows, "model_tag"), strict=False):
        points = [row for row in rows if row["model_tag"] == model]
        axes.errorbar(
            [row["window_start"] for row in points],
            [row["value"] for row in points],
            yerr=[2 * (row["standard_error"] or 0) for row in points],
            color=colour,
            marker="o",
            markersize=4,
            linewidth=2,
            elinewidth=1,
            label=model,
        )
        young = [r for r in points if r.get("corrected") is not None and r["maturity"] != 1]
        axes.errorbar(
            [row["window_start"] for row in young],
            [row["corrected"] for row in young],
            yerr=[2 * (row["corrected_error"] or 0) for row in young],
            color=colour,
            marker="o",
            markersize=6,
            markerfacecolor="none",
            linestyle="none",
            elinewidth=1,
        )
    axes.set_ylabel(metric)
    axes.set_ylim(bottom=0)
    _days(axes)
    _legend(axes)
    return _svg(figure)


def latency_by_day(rows: Sequence[Row]) -> str:
    """The service's p50, p95 and p99 in milliseconds on each day."""
    figure, axes = _figure(7.2, 2.6)
    for colour, metric in zip(_PALETTE, sorted({row["metric"] for row in rows}), strict=False):
        points = [row for row in rows if row["metric"] == metric]
        axes.plot(
            [row["window_start"] for row in points],
            [row["value"] for row in points],
            color=colour,
            marker="o",
            markersize=4,
            linewidth=2,
            label=metric.removeprefix("latency_ms_"),
        )
    axes.set_ylabel("milliseconds in the service")
    axes.set_ylim(bottom=0)
    _days(axes)
    _legend(axes)
    return _svg(figure)


def by_segment(rows: Sequence[Row], metric: str) -> str:
    """A metric of each ranker in each segment, side by side."""
    rankers = _in_order(rows, "model_tag")
    segments = _in_order(rows, "segment")
    figure, axes = _figure(7.2, 0.45 + 0.16 * len(segments) * (len(rankers) + 1))
    height = 0.8 / len(rankers)
    for place, (colour, ranker) in enumerate(zip(_PALETTE, rankers, strict=False)):
        found = {row["segment"]: row for row in rows if row["model_tag"] == ranker}
        axes.barh(
            [at + place * height for at in range(len(segments))],
            [found[segment]["value"] if segment in found else 0 for segment in segments],
            xerr=[
                2 * (found[segment]["standard_error"] or 0) if segment in found else 0
                for segment in segments
            ],
            height=height * 0.9,
            color=colour,
            error_kw={"elinewidth": 1, "ecolor": _INK},
            label=ranker,
        )
    axes.set_yticks([at + 0.4 - height / 2 for at in range(len(segments))], segments)
    axes.invert_yaxis()
    axes.set_xlabel(metric)
    _legend(axes)
    return _svg(figure)


def in_quarantine(rows: Sequence[Row]) -> str:
    """How many rows each expectation sent to quarantine, on a logarithmic scale."""
    figure, axes = _figure(7.2, 0.6 + 0.3 * len(rows))
    names = [f"{row['table_name']}: {row['expectation']}" for row in rows]
    bars = axes.barh(names, [row["n"] for row in rows], color=_PALETTE[0], log=True)
    axes.bar_label(bars, [f"{row['n']:,}" for row in rows], padding=4, color=_INK, fontsize=9)
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.set_xlabel("rows in quarantine")
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
    axes.grid(visible=True, axis="both", color=_GRID, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _legend(axes: Axes) -> None:
    """Above the plot, where it hides nothing."""
    axes.legend(
        ncols=2,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
        fontsize=9,
        frameon=False,
    )


def _days(axes: Axes) -> None:
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=1, maxticks=8))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%-d %b"))  # type: ignore[no-untyped-call]


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _in_order(rows: Sequence[Row], column: str) -> list[Any]:
    return list(dict.fromkeys(row[column] for row in rows))
