"""What a page is made of: rows of the published tables, each value as it was last computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.evaluation import TUNING_METRIC
from warehouse.maturity import MATURE

Row = Mapping[str, Any]
Model = tuple[str, str]  # its tag, and the variant that it served as

CHAMPION = "champion"

SEGMENT_METRICS = ("ctr@10", TUNING_METRIC)
DAYS = 56  # that a page looks back

_KEY = ["metric", "window", "window_start", "segment", "model_tag", "variant"]
_SAID_OF = ("metric", "day", "model_tag", "variant")
_FIELD = pc.field


@dataclass(frozen=True)
class Segments:
    """A metric of the model that served most, in the last window whose outcomes have come."""

    whole: Row  # over all traffic
    parts: Sequence[Row]  # by segment


@dataclass(frozen=True)
class Published:
    """A scenario's rows. What was not published is empty."""

    night: date | None  # the last one that anything is known of
    days: Sequence[Row]  # metrics over all traffic, by day
    segments: Sequence[Segments]
    offline: Sequence[Row]  # the last evaluation before a model served
    delay_curves: Sequence[Row]
    reliability: Sequence[Row]  # of the last day that has any
    estimates: Sequence[Row]  # as they were first made of a day
    decisions: Sequence[Row]
    rollouts: Sequence[Row]
    judged_by: Sequence[Row]
    quarantined: Sequence[Row]


def read_published(folder: Path, scenario: str) -> Published:
    """Reads a scenario's tables. They may be replaced meanwhile: each is the old or the new one."""
    of_scenario = _FIELD("scenario") == scenario
    values = _table(folder, "metric_values", of_scenario & _that_a_page_shows(folder))
    decisions = _rows(_table(folder, "decisions", of_scenario))
    by_day = _by_day(values)
    night = max((row["as_of"] for row in (*by_day, *decisions)), default=None)
    since = date.min if night is None else night - timedelta(days=DAYS)
    estimates = _rows(_table(folder, "label_free_estimates", of_scenario))
    return Published(
        night=night,
        days=[row for row in by_day if row["window_start"] > since],
        segments=[found for metric in SEGMENT_METRICS if (found := _segments(values, metric))],
        offline=_offline(values),
        delay_curves=_last(_rows(_table(folder, "delay_curves", of_scenario)), "as_of"),
        reliability=_last(_rows(_table(folder, "reliability", of_scenario)), "served_date"),
        estimates=[row for row in _first_said(estimates) if row["day"] > since],
        decisions=sorted(
            (row for row in decisions if row["as_of"] > since),
            key=lambda row: (row["as_of"], row["kind"]),
        ),
        rollouts=sorted(
            _rows(_table(folder, "rollouts", of_scenario)), key=lambda row: row["version"]
        ),
        judged_by=_rows(_table(folder, "judged_by", of_scenario)),
        quarantined=_rows(_table(folder, "quarantined")),
    )


def read_rows(folder: Path, name: str, filters: pc.Expression | None = None) -> list[Row]:
    """The rows of a published table; none where it was not published."""
    return _rows(_table(folder, name, filters))


def model_of(row: Row) -> Model:
    """Whose row it is."""
    return row["model_tag"], row["variant"]


def named(model_tag: str, variant: str) -> str:
    """A model by what it was."""
    return model_tag if variant == CHAMPION else f"{model_tag} ({variant})"


def is_young(row: Row) -> bool:
    """Whether too little of a value's outcomes has come to judge by, or nobody knows how much."""
    return row["maturity"] is None or bool(row["maturity"] < MATURE)


def _that_a_page_shows(folder: Path) -> pc.Expression:
    """Of late only: the file holds all nights in their order, and most of it need not be read."""
    by_day = (_FIELD("window") == "day") & (_FIELD("segment") == "all")
    by_segment = _FIELD("window").isin(["day", "week"]) & _FIELD("metric").isin(SEGMENT_METRICS)
    offline = (_FIELD("window") == "offline") & (_FIELD("metric") == TUNING_METRIC)
    shown = by_day | (by_segment & (_FIELD("variant") == CHAMPION)) | offline
    last = _last_as_of(folder / "metric_values.parquet")
    return shown if last is None else shown & (_FIELD("as_of") > last - timedelta(days=DAYS))


def _last_as_of(path: Path) -> date | None:
    """By what the file says of itself."""
    if not path.exists():
        return None
    metadata = pq.read_metadata(path)
    column = metadata.schema.names.index("as_of")
    groups = [metadata.row_group(n).column(column) for n in range(metadata.num_row_groups)]
    return max((each.statistics.max for each in groups if each.is_stats_set), default=None)


def _table(folder: Path, name: str, filters: pc.Expression | None = None) -> pa.Table | None:
    path = folder / f"{name}.parquet"
    return pq.read_table(path, filters=filters) if path.exists() else None


def _rows(table: pa.Table | None) -> list[Row]:
    rows: list[Row] = [] if table is None else table.to_pylist()
    return rows


def _values(table: pa.Table | None, chosen: pc.Expression) -> list[Row]:
    """The chosen values as last computed, by time; what is no number is left out."""
    if table is None:
        return []
    table = table.filter(chosen)
    last = table.group_by(_KEY).aggregate([("as_of", "max")])
    newest = table.join(last, [*_KEY, "as_of"], [*_KEY, "as_of_max"], "left semi")
    found = (row for row in _rows(newest) if row["value"] is not None and isfinite(row["value"]))
    return sorted(found, key=lambda row: [row[name] for name in ("window_start", *_KEY)])


def _by_day(values: pa.Table | None) -> list[Row]:
    return _values(values, (_FIELD("window") == "day") & (_FIELD("segment") == "all"))


def _segments(values: pa.Table | None, metric: str) -> Segments | None:
    """Of a week, where one has matured, else of a day; nothing is said of young ones."""
    in_service = (_FIELD("metric") == metric) & (_FIELD("variant") == CHAMPION)
    for window in ("week", "day"):
        chosen = in_service & (_FIELD("window") == window)
        wholes = _values(values, chosen & (_FIELD("segment") == "all"))
        mature = [row for row in wholes if _is_over(row) and not is_young(row)]
        if not mature:
            continue
        whole = max(mature, key=lambda row: (row["window_start"], row["n"]))
        same = (_FIELD("window_start") == whole["window_start"]) & (
            _FIELD("model_tag") == whole["model_tag"]
        )
        parts = _values(values, chosen & same & (_FIELD("segment") != "all"))
        if parts:
            return Segments(whole, parts)
    return None


def _is_over(row: Row) -> bool:
    """Whether no day of the window was still to come when it was measured."""
    days = 7 if row["window"] == "week" else 1
    return bool(row["as_of"] >= row["window_start"] + timedelta(days=days - 1))


def _offline(values: pa.Table | None) -> list[Row]:
    return _last(_values(values, _FIELD("window") == "offline"), "window_start")


def _last(rows: Sequence[Row], of: str) -> list[Row]:
    last = max((row[of] for row in rows), default=None)
    return [row for row in rows if row[of] == last]


def _first_said(rows: Sequence[Row]) -> list[Row]:
    """What was said of each day when least had come; by day."""
    first: dict[tuple[Any, ...], Row] = {}
    for row in sorted(rows, key=lambda row: (row["day"], row["as_of"])):
        first.setdefault(tuple(row[name] for name in _SAID_OF), row)
    return list(first.values())
