"""The colours of models: the same in every picture of a page, also to the colour-blind."""

from collections.abc import Iterable
from datetime import date

from flows.page.published import Row, named

PALETTE = ("#2a78d6", "#eda100", "#4a3aa7", "#1baf7a", "#e34948", "#008300")
_OLD = "#9b9a94"  # models before those that the palette has colours for


def colours(rows: Iterable[Row]) -> dict[str, str]:
    """A colour for each model of the rows, the newest ones first; old ones share one."""
    last: dict[str, tuple[date, bool]] = {}
    for row in rows:
        served = (row["window_start"], row["variant"] == "champion")
        last[named(row)] = max(served, last.get(named(row), served))
    newest = sorted(last, key=lambda model: last[model], reverse=True)
    return {
        model: PALETTE[place] if place < len(PALETTE) else _OLD
        for place, model in enumerate(newest)
    }
