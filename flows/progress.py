"""Progress bars on standard error, so that standard output stays readable by programs."""

from collections.abc import Callable, Iterable, Sized
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def track(description: str) -> Callable[..., Iterable[Any]]:
    """A function that shows a bar while its iterable is consumed: ``track("Loading")(items)``."""

    def bar(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
        known = len(items) if total is None and isinstance(items, Sized) else total
        with Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as progress:
            yield from progress.track(items, total=known, description=description)

    return bar
