"""Drift as a map: subjects by days, the darker the further from others than days usually are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flows.incidents.published import effect
from flows.page.colours import PALETTE, shaded
from flows.page.picture import INK, Picture, named_days, shortened, widest
from flows.page.published import Row

TRAINING = "training"
_WIDTH, _ROW = 400.0, 14.0  # pixels
_LONGEST = 20  # letters of a name


@dataclass(frozen=True)
class Subject:
    """A subject of drift against a reference: of each day the row that was furthest off."""

    name: str
    days: dict[date, Row]
    greatest: Row | None  # of those that drifted, the one with the greatest effect
    usual: float  # the mean distance of days that did not drift; 0 where all did


def subjects(drifts: Sequence[Row]) -> list[Subject]:
    """Those with the greatest effect first; of training windows only what drifted from them.

    What is the same on all days is left out.
    """
    by_name: dict[str, list[Row]] = {}
    for row in drifts:
        from_training = row["reference"] == TRAINING
        name = f"{row['subject']}, {TRAINING}" if from_training else row["subject"]
        by_name.setdefault(name, []).append(row)
    found = [_subject(name, rows) for name, rows in by_name.items()]
    return sorted(filter(_is_shown, found), key=_order)


def _is_shown(subject: Subject) -> bool:
    return subject.greatest is not None or (
        subject.usual > 0 and not subject.name.endswith(TRAINING)
    )


def _subject(name: str, rows: Sequence[Row]) -> Subject:
    drifted = [row for row in rows if row["drifted"]]
    far = sorted(rows, key=lambda row: (row["drifted"], row["jensen_shannon"]))
    greatest = max(drifted, key=lambda row: (effect(row), row["jensen_shannon"]), default=None)
    usual = [row["jensen_shannon"] for row in rows if not row["drifted"]]
    mean = sum(usual) / len(usual) if usual else 0.0
    return Subject(name, {row["day"]: row for row in far}, greatest, mean)


def _order(subject: Subject) -> tuple[bool, float, float, str]:
    row = subject.greatest
    distance = max(each["jensen_shannon"] for each in subject.days.values())
    return (row is None, -effect(row) if row else 0.0, -distance, subject.name)


def heat_map(drifts: Sequence[Row]) -> str | None:
    """The picture; none where nothing drifted."""
    rows = subjects(drifts)
    if not any(subject.greatest for subject in rows):
        return None
    days = [row["day"] for row in drifts]
    first, last = min(days), max(days)
    names = {float(at): shortened(row.name, _LONGEST) for at, row in enumerate(rows)}
    margins = (widest(names.values()) + 10, 52.0, 22.0, 18.0)
    size = (_WIDTH, _ROW * len(rows) + margins[2] + margins[3])
    across = (first.toordinal() - 0.5, last.toordinal() + 0.5)
    picture = Picture(size, margins, across, (len(rows) - 0.5, -0.5))
    picture.name_x(named_days(first, last, 5))
    picture.name_y(names, grid=False)
    picture.write("effect", _WIDTH - 2, 12, "end")
    for place, subject in enumerate(rows):
        for day, row in subject.days.items():
            _cell(picture, day.toordinal(), place, subject, row)
        if subject.greatest and subject.greatest["effect"] is not None:
            picture.write_right(f"{subject.greatest['effect']:+.1%}", place)
    return picture.svg()


def _cell(picture: Picture, at: int, place: int, subject: Subject, row: Row) -> None:
    said = f"{subject.name}, {row['day']:%-d %b}: distance {row['jensen_shannon']:.3f}"
    if row["effect"] is not None:
        said += f", effect {row['effect']:+.1%}"
    if row["drifted"]:
        said += ", drifted"
    further = max(float(row["jensen_shannon"]) - subject.usual, 0.0)
    colour = shaded(PALETTE[0], 0.06 + further**0.5)
    picture.bar((at - 0.46, at + 0.46), (place - 0.44, place + 0.44), colour, said)
    if row["drifted"]:
        picture.dot(at, place, INK, said, 1.5)
