"""The plot of a benchmark: bars of one metric, curves of several, or a whole and its parts."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from tests.benchmarks.figures import FLOOR, Figure

_OURS, _INK, _GRID = "#2a78d6", "#6b6a66", "#b9b8b2"
_OTHERS = ("#1baf7a", "#eda100", "#e34948", "#4a3aa7", "#008300", "#7a6f9b")
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "shopkeeper",  # the same figures make the same file
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


def bars(figures: Sequence[Figure], metric: str, by: str, path: Path) -> None:
    """Draws ``metric`` of each system, grouped by the setting ``by``, with its 95% intervals."""
    shown = [figure for figure in figures if figure.metric == metric]
    if not shown:
        return
    systems = _systems(shown)
    groups = list(dict.fromkeys(str(figure.settings[by]) for figure in shown))
    width = 0.84 / len(systems)
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(8, 3.6), layout="constrained")
        axes = canvas.subplots()
        for place, (system, colour) in enumerate(systems.items()):
            mine = {str(f.settings[by]): f for f in shown if f.system == system}
            values = np.array([mine[group].value if group in mine else 0 for group in groups])
            axes.bar(
                np.arange(len(groups)) + place * width,
                values,
                width=width * 0.9,
                yerr=np.abs([_limits(mine.get(group)) for group in groups]).T,
                error_kw={"elinewidth": 1, "ecolor": _INK},
                color=colour,
                label=system,
            )
        names = [group.replace(" ", "\n") for group in groups]
        widest = max(len(line) for name in names for line in name.split("\n"))
        size = min(10.0, 800 / (widest * len(names)))  # so that neighbours leave each other room
        axes.set_xticks(np.arange(len(groups)) + 0.42 - width / 2, names, fontsize=size)
        axes.set_xlabel(by)
        axes.set_ylabel(f"{metric} ({shown[0].unit})")
        axes.grid(visible=True, axis="y", color=_GRID, linewidth=0.5, alpha=0.6)
        axes.set_axisbelow(True)
        canvas.legend(loc="outside right upper", fontsize=9)
        canvas.savefig(path, metadata={"Date": None})


def curves(
    figures: Sequence[Figure], metrics: Sequence[str], over: str, label: str, path: Path
) -> None:
    """Draws metrics above each other along the setting ``over``; ``label`` names its places."""
    shown = [figure for figure in figures if figure.metric in metrics and over in figure.settings]
    if not shown:
        return
    places = {figure.settings[over]: str(figure.settings[label]) for figure in shown}
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(8, 2.1 * len(metrics)), layout="constrained")
        rows = canvas.subplots(len(metrics), sharex=True, squeeze=False)[:, 0]
        for axes, metric in zip(rows, metrics, strict=True):
            for system, colour in _systems(shown).items():
                mine = [f for f in shown if f.system == system and f.metric == metric]
                axes.plot(
                    [figure.settings[over] for figure in mine],
                    [figure.value for figure in mine],
                    marker="o",
                    markersize=4,
                    color=colour,
                    label=system,
                )
            axes.set_ylabel(metric)
            axes.grid(visible=True, axis="y", color=_GRID, linewidth=0.5, alpha=0.6)
        axes.set_xticks(list(places), places.values())
        axes.set_xlabel(label)
        canvas.legend(handles=axes.get_lines(), loc="outside right upper", fontsize=9)
        canvas.savefig(path, metadata={"Date": None})


def parts(figures: Sequence[Figure], part: str, whole: str, path: Path) -> None:
    """Draws the parts of each whole one after another, the greatest first, above them the floor.

    The settings ``part`` and ``whole`` name what a figure is of.
    """
    wholes: dict[str, list[Figure]] = {}
    for figure in figures:
        if part in figure.settings:
            wholes.setdefault(str(figure.settings[whole]), []).append(figure)
    if not wholes:
        return
    heights = [0.8 + 0.19 * len(mine) for mine in wholes.values()]
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(8, sum(heights)), layout="constrained")
        rows = canvas.subplots(len(wholes), squeeze=False, height_ratios=heights)[:, 0]
        for axes, (name, mine) in zip(rows, wholes.items(), strict=True):
            axes.set_title(name, loc="left", fontsize=10)
            _one_after_another(axes, mine, part)
        canvas.savefig(path, metadata={"Date": None})


def _one_after_another(axes: Axes, mine: Sequence[Figure], part: str) -> None:
    floors = [figure for figure in mine if figure.system == FLOOR]
    ours = sorted((f for f in mine if f.system != FLOOR), key=lambda f: f.value, reverse=True)
    ends = np.cumsum([figure.value for figure in ours])
    for place, figure in enumerate(floors + ours):
        is_floor = place < len(floors)
        end = figure.value if is_floor else ends[place - len(floors)]
        colour = _GRID if is_floor else _OURS
        axes.barh(place, figure.value, left=end - figure.value, color=colour)
        axes.text(end, place, f" {figure.value:.3g}", va="center", fontsize=8)
        if is_floor:
            axes.axvline(end, color=_INK, linewidth=1, linestyle=":")
    axes.set_yticks(range(len(mine)), [str(f.settings[part]) for f in floors + ours], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(0, max(axes.get_xlim()[1], float(ends[-1]) * 1.08))
    axes.set_xlabel(ours[0].unit)
    axes.grid(visible=True, axis="x", color=_GRID, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)


def _systems(shown: Sequence[Figure]) -> dict[str, str]:
    """The colour of each system, ours first, the floor last."""
    found = sorted({figure.system for figure in shown} - {"shopkeeper", FLOOR})
    colours = {name: _OTHERS[place % len(_OTHERS)] for place, name in enumerate(found)}
    ends = {figure.system for figure in shown}
    first = {"shopkeeper": _OURS} if "shopkeeper" in ends else {}
    return first | colours | ({FLOOR: _GRID} if FLOOR in ends else {})


def _limits(figure: Figure | None) -> tuple[float, float]:
    """How far the interval reaches below and above the value."""
    if figure is None or "low" not in figure.settings:
        return (0.0, 0.0)
    return figure.value - figure.settings["low"], figure.settings["high"] - figure.value
