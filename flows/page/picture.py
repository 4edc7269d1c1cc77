"""Pictures of the page, as SVG that stands in its text.

Written here: matplotlib takes 30 ms for a small panel, of which a page has dozens each night, and
can't say what a dot stands for when one points at it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from math import ceil, floor, log10

INK, GRID, PAGE = "#5d5c58", "#dddcd6", "#ffffff"
DASHES = "4 3"

_STEPS = (1, 2, 2.5, 5, 10)
_DAYS = (1, 2, 3, 7, 14, 28)
_OVER = 4  # pixels that dots may reach over the ends of the scales
_LETTER = 7.0  # pixels of a letter, in wide fonts


class Picture:
    """A plane with two scales in a frame, all in pixels of 11 px letters; y goes up."""

    def __init__(
        self,
        size: tuple[float, float],
        margins: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
    ) -> None:
        """``margins`` are left, right, bottom and top; ``x`` and ``y`` where the scales end."""
        self._size = size
        self._left, right, bottom, self._top = margins
        self._width = size[0] - self._left - right
        self._height = size[1] - bottom - self._top
        self._x, self._y = x, y
        self._inside: list[str] = []
        self._outside: list[str] = []

    def name_x(self, names: Mapping[float, str]) -> None:
        """Names places along the bottom, each with a line of the grid."""
        for value, name in names.items():
            x = self._across(value)
            self._inside.insert(0, _line(x, 0, x, self._height, GRID))
            middle = min(self._left + x, self._size[0] - widest([name]) / 2)
            self.write(name, middle, self._top + self._height + 15, "middle")

    def name_y(self, names: Mapping[float, str], grid: bool = True) -> None:
        """Names places along the left side."""
        for value, name in names.items():
            y = self._up(value)
            if grid:
                self._inside.insert(0, _line(0, y, self._width, y, GRID))
            self.write(name, self._left - 6, self._top + y + 4, "end")

    def write(self, text: str, x: float, y: float, anchor: str = "start") -> None:
        """Text outside of the plane, at pixels of the picture."""
        self._outside.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def write_right(self, text: str, y: float) -> None:
        """Text at the right end of the picture, beside a place of the scale."""
        self.write(text, self._size[0] - 2, self._top + self._up(y) + 4, "end")

    def key(self, name: str, colour: str, x: float, y: float) -> None:
        """What a colour stands for, at pixels of the picture."""
        self._outside.append(f'<circle cx="{x + 4:.1f}" cy="{y - 4:.1f}" r="4" fill="{colour}"/>')
        self.write(name, x + 13, y)

    def line(
        self, points: Iterable[tuple[float, float]], colour: str, width: float = 2, dashes: str = ""
    ) -> None:
        """From point to point."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._inside.append(
            f'<polyline points="{self._places(points)}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}" stroke-linejoin="round"{dashed}/>'
        )

    def band(self, limits: Sequence[tuple[float, float, float]], colour: str) -> None:
        """Between a low and a high value at each place."""
        around = [(x, low) for x, low, _ in limits] + [(x, high) for x, _, high in limits[::-1]]
        self._inside.append(
            f'<polygon points="{self._places(around)}" fill="{colour}" fill-opacity="0.16"/>'
        )

    def dot(
        self, x: float, y: float, colour: str, says: str, radius: float = 3, hollow: bool = False
    ) -> None:
        """A dot that says what it stands for."""
        fill = PAGE if hollow else colour
        self._inside.append(
            f'<circle cx="{self._across(x):.1f}" cy="{self._up(y):.1f}" r="{radius}" fill="{fill}" '
            f'stroke="{colour}" stroke-width="1.5"><title>{escape(says)}</title></circle>'
        )

    def bar(
        self, x: tuple[float, float], y: tuple[float, float], colour: str, says: str = ""
    ) -> None:
        """A rectangle between two places of each scale."""
        left, right = sorted(map(self._across, x))
        top, bottom = sorted(map(self._up, y))
        self._inside.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}" fill="{colour}"><title>{escape(says)}</title></rect>'
        )

    def svg(self) -> str:
        """The picture as an element of a page, or as a file of its own."""
        width, height = self._size
        wide, high = self._width + 2 * _OVER, self._height + 2 * _OVER
        plane = (
            f'x="{self._left - _OVER}" y="{self._top - _OVER}" width="{wide}" height="{high}" '
            f'viewBox="{-_OVER} {-_OVER} {wide} {high}"'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" fill="{INK}" style="background: {PAGE}" '
            f'font-family="system-ui, sans-serif" font-size="11">'
            f"<svg {plane}>{''.join(self._inside)}</svg>{''.join(self._outside)}</svg>"
        )

    def _places(self, points: Iterable[tuple[float, float]]) -> str:
        return " ".join(f"{self._across(x):.1f},{self._up(y):.1f}" for x, y in points)

    def _across(self, x: float) -> float:
        low, high = self._x
        return (x - low) / (high - low) * self._width

    def _up(self, y: float) -> float:
        low, high = self._y
        return (high - y) / (high - low) * self._height


def _line(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    return f'<path d="M{x:.1f},{y:.1f}L{to_x:.1f},{to_y:.1f}" stroke="{colour}"/>'


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """Two to ``most`` round numbers between two others, at even distances."""
    power = 10 ** floor(log10((high - low) / most))
    for step in (factor * power for factor in _STEPS):
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        if last - first < most:
            break
    return [n * step for n in range(first, last + 1)]


def named_days(first: date, last: date, most: int) -> dict[float, str]:
    """At most so many days, at even distances back from the last one, by their ordinals."""
    days = (last - first).days
    step = next((step for step in _DAYS if days // step < most), days or 1)
    named = (last - timedelta(days=n) for n in range(0, days + 1, step))
    return {day.toordinal(): f"{day:%-d %b}" for day in named}


def widest(names: Iterable[str]) -> float:
    """About how many pixels the longest of the names takes."""
    return _LETTER * max(map(len, names), default=0)


def shortened(name: str, most: int) -> str:
    """At most so many letters of a name."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
