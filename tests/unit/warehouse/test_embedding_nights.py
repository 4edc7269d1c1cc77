"""Nights over embeddings of what is asked for: a meaning that moves is drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import crc32

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from warehouse.connection import declare_tables
from warehouse.embedding_nights import LEAST, measure_embedding_drift
from warehouse.nights import mark_due, measure_embedding_nights

START = date(2024, 3, 4)
LAST = 23
MODEL = "search:a"
A_DAY = 200
WORDS = 4000  # of which each day's queries have others


def embed(_: str, asked: Sequence[str]) -> NDArray[np.float64]:
    """Around the place of a query's first word, which is what it is about."""
    return np.array([_drawn(text.split()[0]) + 0.5 * _drawn(text) for text in asked])


def _drawn(text: str) -> NDArray[np.float64]:
    return np.random.default_rng(crc32(text.encode())).standard_normal(16)


def day(n: int) -> date:
    return START + timedelta(days=n)


def noon(n: int) -> datetime:
    return datetime.combine(day(n), time(12))


def add(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    schema = connection.table(table).limit(0).to_arrow_table().schema
    connection.register("added", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(f"insert into {table} by name from added")
    connection.unregister("added")


def ask(
    connection: duckdb.DuckDBPyConnection,
    n: int,
    queries: Sequence[str],
    user: str | None = None,
    **values: Any,
) -> None:
    """Requests of the day, each by somebody else."""
    asked = [
        {
            "request_id": f"{day(n)}-{user or number}-{query}",
            "scenario": "search",
            "occurred_at": noon(n),
            "logged_at": noon(n),
            "user_id": user or f"u{number}",
            "model_tag": MODEL,
            "variant": "champion",
            "query": query,
            **dict.fromkeys(("policy", "state_version", "backend", "precision"), "-"),
            **dict.fromkeys(("n_session", "limit", "n_scored"), 1),
            **dict.fromkeys(("degraded", "client_gone", "pinned"), False),
            **values,
        }
        for number, query in enumerate(queries)
    ]
    add(connection, "served_requests", asked)


def queries(n: int, seed: int, new_topic: float = 0.0) -> list[str]:
    """Of eight topics, a share of them of one that nobody asked for before."""
    rng = np.random.default_rng((seed, n))
    topics = np.where(rng.random(A_DAY) < new_topic, 99, rng.integers(8, size=A_DAY))
    words = rng.integers(WORDS, size=A_DAY)
    return [f"topic{topic} word{word}" for topic, word in zip(topics, words, strict=True)]


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        declare_tables(connection)
        yield connection


def go_through(connection: duckdb.DuckDBPyConnection, seed: int, new_topic: float = 0.0) -> None:
    """Nights of which the last may have a new topic."""
    for n in range(LAST + 1):
        ask(connection, n, queries(n, seed, new_topic if n == LAST else 0.0))
        measure_embedding_drift(connection, "search", day(n), embed)


def rows(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("from embedding_drift_values order by day").fetchall()


def last(connection: duckdb.DuckDBPyConnection, *names: str) -> tuple[Any, ...]:
    found = connection.execute(
        f"select {', '.join(names)} from embedding_drift_values where day = $1", [day(LAST)]
    ).fetchone()
    assert found is not None
    return found


def test_a_meaning_that_moves_is_drift_on_its_night(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    go_through(warehouse, seed=1, new_topic=0.3)
    subject, model, p, q, beyond, drifted = last(
        warehouse, "subject", "model_tag", "mmd_p", "q_value", "beyond", "drifted"
    )
    assert (subject, model, drifted) == ("query_meaning", MODEL, True)
    assert p == 1 / 200
    assert q < 0.05
    assert beyond > 0.1


def test_nights_alike_are_no_drift(warehouse: duckdb.DuckDBPyConnection) -> None:
    go_through(warehouse, seed=2)
    found = warehouse.execute(
        "select count(*), count(p_value), count_if(drifted) from embedding_drift_values"
    ).fetchone()
    assert found == (LAST + 1 - 7, LAST + 1 - 17, 0)


def test_days_that_always_differ_from_others_reject_by_permutation_and_are_no_drift(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Each has a topic of its own, which a fifth of it is about."""
    for n in range(LAST + 1):
        own = [f"own{n} word{word}" for word in range(A_DAY // 5)]
        ask(warehouse, n, [*own, *queries(n, seed=3)[len(own) :]])
        measure_embedding_drift(warehouse, "search", day(n), embed)
    p, drifted = last(warehouse, "mmd_p", "drifted")
    assert p == 1 / 200
    assert not drifted


def test_it_is_one_test_among_all_of_the_night(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A hundred others of p 1: its q is a hundred and one times its p."""
    others = dict.fromkeys(("psi", "jensen_shannon", "chi_square", "new_share"), 0.0)
    others |= dict.fromkeys(("missing_share", "missing_share_then"), 0.0)
    tests = [
        {"scenario": "search", "day": day(LAST), "model_tag": "", "subject": f"s{n}", **others}
        | {"reference": "weeks", "n": 1, "n_reference": 1, "n_days": 1, "p_value": 1.0}
        | {"drifted": False}
        for n in range(100)
    ]
    add(warehouse, "drift_values", tests)
    go_through(warehouse, seed=1, new_topic=0.3)
    p, q = last(warehouse, "p_value", "q_value")
    assert q == pytest.approx(min(101 * p, 1))


def test_what_is_embedded_is_typed_by_people_each_once(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ask(warehouse, 0, ["Red wine", "red wine ", "", "cheese"])
    ask(warehouse, 0, ["tested"], "t", pinned=True)
    ask(warehouse, 0, ["shadowed"], "s", shadow_of="r")
    ask(warehouse, 0, ["crawled"], "robot")
    add(
        warehouse,
        "robots",
        [{"scenario": "search", "served_date": day(0), "user_id": "robot"}],
    )
    measure_embedding_drift(warehouse, "search", day(0), embed)
    drawn = warehouse.execute("select asked from embedding_samples order by asked").fetchall()
    assert drawn == [("cheese",), ("red wine",)]


def test_products_that_people_chose_are_embedded_once_of_each(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ask(warehouse, 0, ["-"], "u", scenario="recommend", request_id="r")
    ask(warehouse, 0, ["-"], "v", scenario="recommend", request_id="s")
    moment = noon(0)
    chosen = [
        ("r", "milk", "click", moment),
        ("r", "milk", "purchase", moment),
        ("s", "milk", "click", moment),
        ("s", "bread", "impression", moment),
        ("s", "beer", "purchase", moment + timedelta(days=1)),
    ]
    add(
        warehouse,
        "outcomes",
        [
            {"request_id": r, "event_id": f"{n}", "product_id": product}
            | {"event_type": kind, "occurred_at": at}
            for n, (r, product, kind, at) in enumerate(chosen)
        ],
    )
    measure_embedding_drift(warehouse, "recommend", day(0), embed)
    drawn = warehouse.execute("select asked from embedding_samples").fetchall()
    assert drawn == [("milk",), ("milk",)]


@pytest.mark.parametrize("few", ["asked", "known"])
def test_of_too_few_nothing_is_said(warehouse: duckdb.DuckDBPyConnection, few: str) -> None:
    def knows_few(model: str, asked: Sequence[str]) -> NDArray[np.float64]:
        vectors = embed(model, asked)
        vectors[LEAST - 1 :] = np.nan
        return vectors

    for n in (0, 7):
        ask(warehouse, n, queries(n, 1)[: LEAST - 1] if few == "asked" else queries(n, 1))
    measure_embedding_drift(warehouse, "search", day(0), embed)
    seen_by = embed if few == "asked" else knows_few
    assert measure_embedding_drift(warehouse, "search", day(7), seen_by) is None
    assert rows(warehouse) == []


def test_a_model_without_vectors_says_nothing(warehouse: duckdb.DuckDBPyConnection) -> None:
    for n in (0, 7):
        ask(warehouse, n, queries(n, 1))
        found = measure_embedding_drift(warehouse, "search", day(n), lambda *_: None)
    assert found is None
    assert rows(warehouse) == []


def test_nights_that_are_due_are_measured_again_with_all_since_and_leave_the_same_rows(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    go_through(warehouse, seed=1, new_topic=0.3)
    before = rows(warehouse)
    warehouse.execute("delete from embedding_drift_values where day >= $1", [day(LAST - 2)])
    mark_due(warehouse, "search embeddings", day(LAST - 5))
    again = measure_embedding_nights(warehouse, "search", day(LAST), embed)
    assert [*again] == [day(n) for n in range(LAST - 5, LAST + 1)]
    assert rows(warehouse) == before
    assert [*measure_embedding_nights(warehouse, "search", day(LAST), embed)] == [day(LAST)]
    assert rows(warehouse) == before
