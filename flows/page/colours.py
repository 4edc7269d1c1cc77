"""The colours of models: the same in every picture of a page, also to the colour-blind."""

from collections.abc import Iterable
from datetime import date

from flows.page.published import Row

PALETTE = ("#2a78d6", "#eda100", "#4a3aa7", "#1baf7a", "#e34948", "#008300")
_OLD = "#9b9a94"  # models before those that the palette has colours for


def colours(rows: Iterable[Row]) -> dict[str, str]:
    """A colour for each model of the rows, the newest ones first; old ones share one.

    A challenger keeps its own when it becomes the champion.
    """
    last: dict[str, tuple[date, bool]] = {}
    for row in rows:
        served = (row["window_start"], row["variant"] == "champion")
        last[row["model_tag"]] = max(served, last.get(row["model_tag"], served))
    newest = sorted(last, key=lambda model: last[model], reverse=True)
    return {
        model: PALETTE[place] if place < len(PALETTE) else _OLD
        for place, model in enumerate(newest)
    }


def shaded(colour: str, share: float) -> str:
    """So much of a colour, 0 to 1, the rest white."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * min(share, 1)):02x}" for part in parts)
