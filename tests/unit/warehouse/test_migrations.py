"""A warehouse of an earlier version opens in this one's shape, its rows kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from warehouse.connection import open_warehouse

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
    candidates struct(product_id varchar, "rank" integer, score double, propensity double)[]
);
insert into raw_served values
    ('r1', [{'product_id': 'p1', 'rank': 1, 'score': 0.5, 'propensity': 1.0}]);
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
                [{"product_id": "p1", "rank": 1, "score": 0.5, "propensity": 1.0, "stage": None}],
                None,
                None,
            )
        ]


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
