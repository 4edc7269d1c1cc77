"""A warehouse of an earlier version opens in this one's shape, its rows kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from warehouse.connection import open_warehouse
from warehouse.marts import catalogue
from warehouse.staging import stage_products

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = """
create table pulled_files (
    kind varchar not null, path varchar not null, bytes bigint not null, lines bigint not null,
    primary key (kind, path)
);
insert into pulled_files values ('served', 'a.jsonl', 700, 2), ('feedback', 'b.jsonl', 90, 1);
"""

LOGGED_BEFORE = """
create table raw_served (
    request_id varchar,
    candidates struct(product_id varchar, "rank" integer, score double, propensity double)[],
    timings_ms struct(features double, score double, total double)
);
insert into raw_served values
    ('r1', [{'product_id': 'p1', 'rank': 1, 'score': 0.5, 'propensity': 1.0}], null);
"""


def test_answers_logged_before_there_was_search_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(LOGGED_BEFORE)
    with open_warehouse(path) as connection:
        rows = connection.execute('select request_id, candidates, query, "offset" from raw_served')
        assert rows.fetchall() == [
            (
                "r1",
                [
                    {
                        "product_id": "p1",
                        "rank": 1,
                        "score": 0.5,
                        "propensity": 1.0,
                        "stage": None,
                        "variant": None,
                    }
                ],
                None,
                None,
            )
        ]


SECOND_LOG = """
create table raw_served (
    request_id varchar,
    candidates struct(
        product_id varchar, "rank" integer, score double, propensity double, stage varchar
    )[],
    timings_ms struct(features double, score double, total double)
);
insert into raw_served values ('r1', [], {'features': 0.5, 'score': 2.0, 'total': 3.0});
create table served_requests (request_id varchar not null, degraded boolean not null);
insert into served_requests values ('r1', true);
"""


def test_answers_of_the_second_log_keep_their_times_and_do_not_say_what_they_never_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(SECOND_LOG)
    times = {"retrieve": None, "features": 0.5, "queue": None, "score": 2.0, "total": 3.0}
    with open_warehouse(path) as connection:
        columns = "timings_ms, n_read, index_version, deadline_ms, client_gone"
        rows = connection.execute(f"select {columns} from raw_served").fetchall()
        assert rows == [(times, None, None, None, None)]
        columns = "request_id, n_read, client_gone, retrieve_ms, queue_ms"
        rows = connection.execute(f"select {columns} from served_requests").fetchall()
        assert rows == [("r1", None, False, None, None)]


THIRD_LOG = """
create table raw_served (
    request_id varchar,
    candidates struct(
        product_id varchar, "rank" integer, score double, propensity double, stage varchar
    )[],
    timings_ms struct(
        retrieve double, features double, queue double, score double, total double
    )
);
insert into raw_served values ('r1', [{
    'product_id': 'p1', 'rank': 1, 'score': 0.5, 'propensity': 1.0, 'stage': 'both'
}], null);
create table served_requests (request_id varchar not null, scenario varchar not null);
insert into served_requests values ('r1', 'search');
create table served_candidates (request_id varchar not null, stage varchar);
insert into served_candidates values ('r1', 'both');
create table rollouts (
    scenario varchar not null, version integer not null, champion varchar not null,
    bento_tag varchar, starts_on date not null, reason varchar not null,
    primary key (scenario, version)
);
insert into rollouts values ('search', 1, 'search:a', 'b:1', '2024-03-15', 'why');
"""


def test_answers_and_rollouts_of_the_third_log_were_no_experiments(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(THIRD_LOG)
    with open_warehouse(path) as connection:
        for table, columns, row in (
            ("raw_served", "pinned, shadow_of, interleaved_with", (None, None, None)),
            ("raw_served", "candidates[1].stage, candidates[1].variant", ("both", None)),
            ("served_requests", "pinned, shadow_of, interleaved_with", (False, None, None)),
            ("served_requests", "deadline_ms, cold", (None, None)),
            ("served_candidates", "stage, variant", ("both", None)),
            ("rollouts", "champion, beside, role, share", ("search:a", None, None, None)),
        ):
            assert connection.execute(f"select {columns} from {table}").fetchall() == [row]


QUARANTINE_BEFORE = """
create table quarantine (
    table_name varchar not null, source varchar not null, batch varchar not null,
    row_number bigint not null, expectation varchar not null, reason varchar not null,
    row_json varchar not null
);
insert into quarantine values ('raw_served', 'shop', 'a.jsonl', 3, 'line_is_json', 'why', '""');
"""


def test_what_was_in_quarantine_stands_for_itself_and_never_said_where_it_began(
    tmp_path: Path,
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(QUARANTINE_BEFORE)
    with open_warehouse(path) as connection:
        rows = connection.execute("select row_number, byte_offset, n_rows from quarantine")
        assert rows.fetchall() == [(3, None, 1)]


PRODUCTS_BEFORE = """
create table raw_products (
    source varchar not null, batch varchar not null, row_number bigint not null,
    product_id varchar, title varchar, brand varchar, department varchar, category varchar,
    product_type varchar, size varchar, supplier_id varchar, price double, recommendable boolean
);
create table raw_events (
    source varchar not null, batch varchar not null, row_number bigint not null,
    event_id varchar, event_type varchar, occurred_at timestamp, logged_at timestamp,
    user_id varchar, session_id varchar, product_id varchar, quantity double, price double,
    discount double, store_id varchar, request_id varchar
);
create table stg_products (
    product_id varchar not null, text varchar not null, title varchar, brand varchar,
    department varchar, category varchar, product_type varchar, size varchar,
    supplier_id varchar, price double, recommendable boolean not null
);
create table stg_events (
    event_id varchar not null, event_type varchar not null, occurred_at timestamp not null,
    logged_at timestamp not null, user_id varchar, session_id varchar,
    product_id varchar not null, quantity double, price double, discount double,
    store_id varchar, request_id varchar, source varchar not null
);
insert into raw_products (source, batch, row_number, product_id, title, recommendable)
values ('shop', 'b1', 0, 'p1', 'Tea &amp; Milk', true);
insert into stg_products (product_id, text, recommendable) values ('p1', 'tea', true);
insert into raw_events (source, batch, row_number, event_id) values ('shop', 'b1', 0, 'e1');
insert into stg_events (event_id, event_type, occurred_at, logged_at, product_id, source)
values ('e1', 'purchase', '2024-03-15', '2024-03-15', 'p1', 'shop');
"""


def test_products_and_events_of_before_are_kept_and_nothing_is_known_of_what_search_reads(
    tmp_path: Path,
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(PRODUCTS_BEFORE)
    unknown = [("p1", None, {}, None)]
    for _ in range(2):
        with open_warehouse(path) as connection:
            columns = "product_id, description, attributes, in_stock"
            assert connection.execute(f"select {columns} from stg_products").fetchall() == unknown
            for table in ("raw_events", "stg_events"):
                rows = connection.execute(f'select event_id, "rank" from {table}').fetchall()
                assert rows == [("e1", None)]
    with open_warehouse(path) as connection:
        stage_products(connection)
        assert connection.execute(f"select {columns} from stg_products").fetchall() == unknown
        assert catalogue(connection)["title"].to_pylist() == ["Tea & Milk"]


@pytest.mark.parametrize("table", ["raw_products", "raw_events", "stg_products", "stg_events"])
def test_a_warehouse_of_before_comes_to_the_columns_of_a_new_one(
    tmp_path: Path, table: str
) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute(PRODUCTS_BEFORE)
    columns = []
    for name in ("old.duckdb", "new.duckdb"):
        with open_warehouse(tmp_path / name) as connection:
            columns.append([kind[:2] for kind in connection.table(table).description])
    assert columns[0] == columns[1]


MEASURED_BEFORE = """
create table metric_values (
    scenario varchar not null, metric varchar not null, "window" varchar not null,
    window_start date not null, segment varchar not null, model_tag varchar not null,
    variant varchar not null, as_of date not null, value double, standard_error double,
    n bigint not null,
    primary key (scenario, metric, "window", window_start, segment, model_tag, variant, as_of)
);
insert into metric_values values (
    'recommend', 'mrr', 'day', '2024-03-15', 'all', 'm:1', 'champion', '2024-03-15', 0.5, 0.1, 9
);
"""


def test_of_metrics_of_before_nobody_knows_how_mature_they_were(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute(MEASURED_BEFORE)
    columns = []
    for name in ("old.duckdb", "new.duckdb"):
        for _ in range(2):
            with open_warehouse(tmp_path / name) as connection:
                columns.append([kind[:2] for kind in connection.table("metric_values").description])
                rows = connection.execute(
                    "select value, n, maturity, corrected, corrected_error from metric_values"
                ).fetchall()
                assert rows == ([(0.5, 9, None, None, None)] if name == "old.duckdb" else [])
    assert all(found == columns[0] for found in columns)


def test_pulled_files_of_before_are_known_by_their_source_and_need_no_second_pull(
    tmp_path: Path,
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(BEFORE)
    for _ in range(2):  # and opening it again changes nothing
        with open_warehouse(path) as connection:
            rows = connection.execute("from pulled_files order by kind").fetchall()
        assert rows == [
            ("feedback", "feedback", "b.jsonl", 90, 1, 1),
            ("served", "recommend", "a.jsonl", 700, 2, 2),
        ]
