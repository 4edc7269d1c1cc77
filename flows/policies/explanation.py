"""A change of a metric in a sentence, as a person would tell it."""

from collections.abc import Sequence
from datetime import date

from warehouse.changes import MOST, Change, Segment

_WHO = {  # what an answer is called after
    **{f"query={place}": f"{place} queries" for place in ("head", "torso", "tail")},
    **{activity: f"{activity} users" for activity in ("light", "medium", "heavy")},
    **{place: f"{place} products" for place in ("head", "torso", "tail", "new")},
}
_WHERE = {  # what comes after that, by the kind of segment
    "category": "in {}",
    "brand": "of {}",
    "store": "in store {}",
    "country": "in {}",
    "device": "on {}",
}
_MIXES = {
    "query": "queries",
    "activity": "users",
    "popularity": "products",
    "category": "categories",
    "brand": "brands",
    "store": "stores",
    "country": "countries",
    "device": "devices",
}


def explanation(
    change: Change, since: date, model: str | None = None, clause: str | None = None
) -> str:
    """How much a metric moved, where from, and since when.

    ``model`` is named where the change is this model's; ``clause``, what was seen beside it, stands
    after "where".
    """
    on = f" on model {model}" if model else ""
    seen = f", where {clause}" if clause else ""
    return f"{_moved(change)}{_from(change)}{on} since {since.day} {since:%B}{seen}"


def segment_in_words(names: tuple[str, ...]) -> str:
    """One segment, or two that cross: ``tail queries in Beverages``."""
    who = [_WHO[name] for name in names if name in _WHO]
    where = [_place(name) for name in names if name not in _WHO]
    return " ".join([" with ".join(who) or "answers", *where])


def part_in_words(names: Sequence[str], dimensions: int) -> str:
    """A segment of a change in so many dimensions; of one that names none of it is all the rest."""
    if not names:
        return "all others"
    told = segment_in_words(tuple(names))
    return told if len(names) == dimensions else f"{told}, all others"


def as_sentence(told: str) -> str:
    """With a full stop; what begins with the name of a metric keeps it as it is."""
    return f"{told[0].upper()}{told[1:]}." if told.startswith("since ") else f"{told}."


def _moved(change: Change) -> str:
    fell = change.relative < 0
    ends = (-change.high, -change.low) if fell else (change.low, change.high)
    low, high = (100 * end for end in ends)
    between = f"{low:.1f}-{high:.1f}" if low >= 0 else f"{low:.1f} to {high:.1f}"
    moved = f"{'fell' if fell else 'rose'} {abs(change.relative):.1%}"
    return f"{change.metric} {moved} ({between})"


def _from(change: Change) -> str:
    if change.where is not None:
        return f": {_percent(change.where.share)} from {_more(change.where)}"
    for kind, share in change.dimensions.items():
        if kind in _MIXES and share >= MOST:
            return f": {_percent(share)} from another mix of {_MIXES[kind]}"
    return ", everywhere alike,"


def _more(segment: Segment) -> str:
    told = segment_in_words(segment.names)
    if abs(segment.mix) <= abs(segment.rate):
        return told
    return f"{'more' if segment.weight_now > segment.weight_before else 'fewer'} {told}"


def _percent(share: float) -> str:
    return f"{min(share, 1):.0%}"


def _place(name: str) -> str:
    kind, _, value = name.partition("=")
    if value == "other":
        value = f"other {_MIXES[kind]}"
    return _WHERE[kind].format(value)
