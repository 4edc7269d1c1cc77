"""Progress bars on standard error, so that standard output stays readable by programs."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")


def track(description: str) -> Callable[..., Iterable[T]]:
    """A function that shows a bar while its iterable is consumed: ``track("Loading")(items)``."""

    def bar(items: Iterable[T], total: int | None = None) -> Iterable[T]:
        known = len(items) if total is None and hasattr(items, "__len__") else total
        with Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as progress:
            yield from progress.track(items, total=known, description=description)

    return bar
