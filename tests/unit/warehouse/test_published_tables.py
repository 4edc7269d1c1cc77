"""Published tables can be read at any time, also while a flow writes the warehouse."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from warehouse.connection import open_warehouse
from warehouse.publish import SUMMARIES, TABLES, publish
from warehouse.records import record_decision

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.warehouse.conftest import OtherProcess, Shop

READ_IT = """
import duckdb
print(*duckdb.read_parquet(sys.argv[1]).project("action").fetchone())
"""


def _decide(connection: object, action: str) -> None:
    day = date(2024, 3, 15)
    record_decision(connection, "recommend", "retrain", day, action, "because", "{}")  # type: ignore[arg-type]


def test_every_published_table_has_the_columns_and_rows_of_the_warehouse(
    shop: Shop, tmp_path: Path
) -> None:
    _decide(shop.connection, "hold")
    publish(shop.connection, tmp_path / "published")
    for name in TABLES:
        table = pq.read_table(tmp_path / "published" / f"{name}.parquet")
        assert table.equals(shop.connection.table(name).to_arrow_table())


def test_of_delay_curves_those_are_published_that_each_scenario_learnt_last(
    shop: Shop, tmp_path: Path
) -> None:
    step = {"event_type": "click", "delay": 60, "n_at_risk": 2, "n_events": 1, "survival": 0.5}
    nights = [("recommend", 14), ("recommend", 15), ("search", 13)]
    shop.add(
        "delay_curves",
        *(step | {"scenario": name, "as_of": date(2024, 3, day)} for name, day in nights),
    )
    publish(shop.connection, tmp_path)
    curves = pq.read_table(tmp_path / "delay_curves.parquet")
    assert curves.column_names == shop.connection.table("delay_curves").columns
    assert list(
        zip(*(curves[name].to_pylist() for name in ("scenario", "as_of")), strict=True)
    ) == [
        ("recommend", date(2024, 3, 15)),
        ("search", date(2024, 3, 13)),
    ]


def test_metrics_of_days_are_published_for_a_quarter_and_evaluations_for_ever(
    shop: Shop, tmp_path: Path
) -> None:
    value = {"scenario": "recommend", "metric": "mrr", "segment": "all", "model_tag": "m:1"}
    starts = [("day", "2024-01-01"), ("day", "2024-01-02"), ("day", "2024-04-01")]
    shop.add(
        "metric_values",
        *(
            value
            | {"window": window, "window_start": date.fromisoformat(start), "variant": "champion"}
            | {"as_of": date.fromisoformat(start), "value": 0.5, "n": 1}
            for window, start in (*starts, ("offline", "2023-01-01"))
        ),
    )
    publish(shop.connection, tmp_path)
    published = pq.read_table(tmp_path / "metric_values.parquet")
    assert published.column_names == shop.connection.table("metric_values").columns
    assert sorted(str(start) for start in published["window_start"].to_pylist()) == [
        *("2023-01-01", "2024-01-02", "2024-04-01")
    ]


def test_another_process_reads_them_while_this_one_writes_the_warehouse(
    tmp_path: Path, other_process: OtherProcess
) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        _decide(connection, "hold")
        publish(connection, tmp_path / "published")
        connection.execute("begin")
        _decide(connection, "retrain")
        reader = other_process(READ_IT, tmp_path / "published" / "decisions.parquet")
        connection.execute("rollback")
    assert (reader.returncode, reader.stdout) == (0, "hold\n"), reader.stderr


def test_a_reader_in_the_middle_keeps_the_old_table_and_the_next_one_gets_the_new(
    shop: Shop, tmp_path: Path
) -> None:
    _decide(shop.connection, "hold")
    publish(shop.connection, tmp_path)
    with pq.ParquetFile(tmp_path / "decisions.parquet") as reader:
        _decide(shop.connection, "retrain")
        publish(shop.connection, tmp_path)
        assert reader.read()["action"].to_pylist() == ["hold"]
    assert pq.read_table(tmp_path / "decisions.parquet")["action"].to_pylist() == ["retrain"]


def test_publishing_leaves_nothing_but_the_published_tables(shop: Shop, tmp_path: Path) -> None:
    publish(shop.connection, tmp_path)
    publish(shop.connection, tmp_path)
    names = {*TABLES, *SUMMARIES}
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.parquet" for name in names}


def _published(shop: Shop, folder: Path, name: str, column: str) -> list[object]:
    publish(shop.connection, folder)
    found: list[object] = pq.read_table(folder / f"{name}.parquet")[column].to_pylist()
    return found


def test_incidents_are_published_while_they_are_open_and_for_a_quarter(
    shop: Shop, tmp_path: Path
) -> None:
    told = {"cause": "gap", "severity": "warning", "clause": "c", "loss": 0.0, "sentence": "s"}
    days = {  # of a scenario's incidents: the last day, and that on which it was over
        "search-old": ("search", date(2023, 1, 1), date(2023, 1, 5)),
        "old": ("recommend", date(2024, 1, 1), date(2024, 1, 5)),
        "young": ("recommend", date(2024, 1, 2), date(2024, 1, 6)),
        "open": ("recommend", date(2023, 6, 1), None),
        "last": ("recommend", date(2024, 4, 1), None),
    }
    shop.add(
        "incidents",
        *(
            told
            | {"incident_id": name, "scenario": scenario, "first_day": last}
            | {"last_day": last, "ended_on": over}
            for name, (scenario, last, over) in days.items()
        ),
    )
    part = {"metric": "mrr", "segments": ["light"], "is_named": True}
    part |= {"first_day": date(2024, 1, 1), "last_day": date(2024, 1, 1)}
    numbers = ("before", "now", "low", "high", "mix", "rate", "share_error")
    part |= dict.fromkeys((*numbers, "weight_before", "weight_now"), 0.5)
    shop.add("incident_changes", *(part | {"incident_id": name} for name in days))
    found = _published(shop, tmp_path, "incidents", "incident_id")
    assert found == ["open", "young", "last", "search-old"]
    assert _published(shop, tmp_path, "incident_changes", "incident_id") == ["last", "open"]
    columns = pq.read_schema(tmp_path / "incidents.parquet").names
    assert columns == shop.connection.table("incidents").columns


def test_alerts_of_the_last_quarter_are_published(shop: Shop, tmp_path: Path) -> None:
    alert = {"scenario": "recommend", "metric": "mrr", "model_tag": "m:1", "variant": "champion"}
    alert |= {"segment": "all", "value": 0.5, "n": 1}
    days = [(date(2024, 1, 1), "up"), (date(2024, 1, 2), "down"), (date(2024, 4, 1), None)]
    shop.add(
        "alerts",
        *(alert | {"day": day, "as_of": day, "direction": moved} for day, moved in days),
    )
    assert _published(shop, tmp_path, "alerts", "direction") == ["down"]


def test_drifts_are_published_for_eight_weeks_and_distributions_of_the_last_week(
    shop: Shop, tmp_path: Path
) -> None:
    series = {"scenario": "recommend", "model_tag": "", "reference": "weeks"}
    numbers = ("psi", "jensen_shannon", "chi_square", "new_share", "missing_share")
    value = series | dict.fromkeys((*numbers, "missing_share_then"), 0.5) | {"subject": "hour"}
    value |= {"n": 1, "n_reference": 1, "n_days": 1, "drifted": False}
    days = [date(2024, 3, 1), date(2024, 3, 2), date(2024, 4, 26)]
    shop.add("drift_values", *(value | {"day": day} for day in days))
    counted = series | {"n": 3, "n_reference": 5}
    in_april = [("hour", 19, 8768), ("hour", 20, 8769), ("hour", 21, 8770), ("price", 20, None)]
    shop.add(
        "drift_distributions",
        *(
            counted | {"day": date(2024, 4, day), "subject": subject, "bin": bin_}
            for subject, day, bin_ in in_april
        ),
    )
    assert _published(shop, tmp_path, "drift_values", "day") == days[1:]
    rows = pq.read_table(tmp_path / "drift_distributions.parquet").to_pylist()
    assert [(row["subject"], row["day"].day) for row in rows] == [("hour", 21), ("price", 20)]
    (middle,) = shop.connection.execute("select value_of_bin(8770)").fetchall()[0]
    assert [row["middle"] for row in rows] == [middle, None]
