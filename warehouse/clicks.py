"""What clicks tell: counted by day, and how likely ranks are looked at, learnt from the counts.

A night counts its own day, and of the days before it the clicks or purchases that have all come
since; it learns from sums of days, whatever their number. Every step replaces what it made before,
in one transaction.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from warehouse.answers import take_counted
from warehouse.connection import Connection, replace_rows, transaction
from warehouse.delays import CLICK, PURCHASE, attribution_days
from warehouse.examination import Places, Shown, learn
from warehouse.intervals import Values
from warehouse.statements import columns, run

_RANKS = 20  # that are counted
# What is made of clicks and of purchases, and whether it waits until all have come.
_COUNTS = {CLICK: (("partials", False), ("contrasts", True)), PURCHASE: (("answers", False),)}


def learn_from_clicks(connection: Connection, scenario: str, as_of: date) -> None:
    """Counts what is due on a night, and learns from all days of late."""
    due = run(connection, "clicks/to_count", scenario=scenario, as_of=as_of).fetchall()
    for day, event_types in due:
        count_day(connection, scenario, day, as_of, event_types)
    learn_examination(connection, scenario, as_of)


def count_day(
    connection: Connection,
    scenario: str,
    day: date,
    as_of: date,
    event_types: Sequence[str] = tuple(_COUNTS),
) -> None:
    """Counts what a staged day's answers showed, and what followed by ``as_of``.

    A night that is run again forgets nothing of what came after it. Ranks are compared once the
    day's clicks have all come.
    """
    asked = {"scenario": scenario, "day": day}
    before = dict(run(connection, "clicks/counted", **asked).fetchall())
    take_counted(connection, scenario, day)
    _take_shown(connection, day)
    for event_type in event_types:
        known = max(as_of, before.get(event_type, as_of))
        all_have_come = known >= day + timedelta(days=attribution_days(connection)[event_type])
        _take_followed(connection, day, event_type, known)
        with transaction(connection):
            for counts, waits in _COUNTS[event_type]:
                if all_have_come or not waits:
                    run(connection, f"clicks/forget_{counts}", **asked)
                    run(connection, f"clicks/count_{counts}", as_of=known, **asked)


def learn_examination(connection: Connection, scenario: str, as_of: date) -> None:
    """Replaces what is known of a scenario's ranks as of a day."""
    asked = {"scenario": scenario, "as_of": as_of}
    ranks, shown, contrasts = clicks_of_late(connection, scenario, as_of)
    found = learn(shown, contrasts)
    learnt = pa.table(
        {
            "rank": pa.array(ranks, pa.int32()),
            "probability": pa.array(found.probability),
            "standard_error": pa.array(found.standard_error),
            "n": pa.array(shown.n_clicked.sum(axis=1), pa.int64()),
        }
    )
    steps = ("clicks/forget_examination", "clicks/store_examination")
    replace_rows(connection, steps, {"learnt": learnt}, **asked)


def clicks_of_late(
    connection: Connection, scenario: str, as_of: date
) -> tuple[Places, Shown, Values]:
    """The ranks that were clicked of late, what was shown there, and [K, K] their contrasts.

    None, where the first rank was never clicked: all others are held against it.
    """
    click_days = attribution_days(connection)[CLICK]
    asked = {"scenario": scenario, "as_of": as_of, "click_days": click_days}
    sums = columns(connection, "clicks/learnt_from", **asked)
    ranks, row = np.unique(sums["rank"], return_inverse=True)
    bins, first = np.unique(sums["bin"], return_index=True)
    n_shown, n_clicked = np.zeros((2, len(ranks), len(bins)))
    n_shown[row, sums["bin"]] = sums["n_shown"]
    n_clicked[row, sums["bin"]] = sums["n_clicked"]
    clicked = n_clicked.any(axis=1)
    clicked &= 1 in ranks[clicked]
    pairs = columns(connection, "clicks/contrasts", **asked)
    contrasts = np.zeros((_RANKS + 1, _RANKS + 1))
    contrasts[pairs["rank"], pairs["other_rank"]] = pairs["clicks"]
    ranks = ranks[clicked]
    shown = Shown(n_shown[clicked], n_clicked[clicked], sums["scorer"][first])
    return ranks, shown, contrasts[np.ix_(ranks, ranks)]


def measure_clicks(connection: Connection, scenario: str, day: date, as_of: date) -> None:
    """Makes ``per_click``: click metrics of each of ``counted_answers``, as known by ``as_of``."""
    _take_shown(connection, day)
    _take_followed(connection, day, CLICK, as_of)
    run(connection, "metrics/per_click", scenario=scenario, as_of=as_of)


def _take_shown(connection: Connection, day: date) -> None:
    """What ``counted_answers`` showed on first pages."""
    for step in ("answers", "shown"):
        run(connection, f"clicks/{step}", day=day)


def _take_followed(connection: Connection, day: date, event_type: str, as_of: date) -> None:
    """What was clicked, or bought, of what they showed."""
    run(connection, "clicks/followed", day=day, event_type=event_type, as_of=as_of)
