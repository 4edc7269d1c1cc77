"""What is out of the ordinary: rows of the published incidents and drifts of a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow.compute as pc

from flows.incidents.published import Told, listed, told
from flows.page.published import Row, read_rows

DAYS = 28  # that are looked back on


@dataclass(frozen=True)
class Unusual:
    """Of a scenario, up to a night. What was not published is empty."""

    incidents: Sequence[Told]  # that are open, the worst first
    ended: Sequence[Row]  # incidents that were over within the last days
    drifts: Sequence[Row]  # how far each of the last days was from others
    distributions: Sequence[Row]  # of what drifted in the last week


def read_unusual(folder: Path, scenario: str, night: date | None) -> Unusual:
    """Reads a scenario's tables. They may be replaced meanwhile: each is the old or the new one."""
    if night is None:
        return Unusual((), (), (), ())
    since = night - timedelta(days=DAYS)
    of_scenario = pc.field("scenario") == scenario
    lately = of_scenario & (pc.field("day") > since)
    incidents = listed(folder, scenario, ended=True)
    return Unusual(
        incidents=[told(folder, row) for row in incidents if row["ended_on"] is None],
        ended=[row for row in incidents if row["ended_on"] is not None and row["ended_on"] > since],
        drifts=[
            *read_rows(folder, "drift_values", lately),
            *map(_as_drift, read_rows(folder, "embedding_drift_values", lately)),
        ],
        distributions=read_rows(folder, "drift_distributions", of_scenario),
    )


def _as_drift(row: Row) -> Row:
    """Of embeddings, as the map of drift has subjects: their distance is the MMD, of no effect."""
    return dict(row) | {"reference": "weeks", "jensen_shannon": row["mmd"], "effect": None}
