"""What services would have written of a block: the lines of both logs, as their owners name them.

Columns and their order come from `bentos.serving.record` and `bentos.serving.feedback`; the text is
made by DuckDB, all lines at once.
"""

from collections.abc import Sequence
from dataclasses import fields

import duckdb
import numpy as np
import pyarrow as pa

from bentos.serving.feedback import FeedbackEvent
from bentos.serving.record import (
    LOG_VERSION,
    LoggedCandidate,
    LoggedEvent,
    PredictionRecord,
    Timings,
)
from tests.simulation.answers import LoggedAnswers
from tests.simulation.arrays import Bools, Ints, Times
from tests.simulation.simulated import Block, Simulated

# What this version of the log has that the one before had not.
_NEW_IN_RECORD = {"pinned", "shadow_of", "interleaved_with"}
_NEW_IN_CANDIDATE = {"variant"}
_ERROR = "RuntimeError: simulated"


def served_lines(
    simulated: Simulated, block: Block[LoggedAnswers], ahead: Ints, *, before: bool = False
) -> pa.BinaryArray:
    """The prediction log's line of each request: see `served_rows`."""
    return _encoded(served_rows(simulated, block, ahead, before=before))


def served_rows(
    simulated: Simulated, block: Block[LoggedAnswers], ahead: Ints, *, before: bool = False
) -> pa.Table:
    """What the prediction log says of each request, a row a line; moments are text.

    ``ahead`` are the seconds by which the clock of each one's service is; ``before`` gives the
    log version before this one.
    """
    columns = _record_columns(simulated, block, ahead)
    version = LOG_VERSION - 1 if before else LOG_VERSION
    columns["log_version"] = _same(version, len(block.asked))
    columns["candidates"] = _candidates(simulated, block, _NEW_IN_CANDIDATE if before else set())
    left_out = _NEW_IN_RECORD if before else set()
    names = [name for name in _names(PredictionRecord) if name not in left_out]
    return pa.table([columns[name] for name in names], names)


def feedback_lines(events: pa.Table, ahead: Ints) -> pa.BinaryArray:
    """The feedback log's line of each event: see `feedback_rows`."""
    return _encoded(feedback_rows(events, ahead))


def feedback_rows(events: pa.Table, ahead: Ints) -> pa.Table:
    """What the feedback log says of each event, a row a line; moments are text."""
    n = len(events)
    columns = {name: events[name] for name in events.column_names}
    columns["logged_at"] = _moments(events["written_at"].to_numpy(), ahead)
    columns["occurred_at"] = _moments(events["occurred_at"].to_numpy(), np.zeros(n, np.int64))
    columns["session_id"] = columns["store_id"] = pa.nulls(n, pa.string())
    names = [*FeedbackEvent.model_fields, "logged_at"]
    return pa.table([columns[name] for name in names], names)


def _record_columns(
    simulated: Simulated, block: Block[LoggedAnswers], ahead: Ints
) -> dict[str, pa.Array]:
    shop, asked, answers = simulated.shop, block.asked, block.answers
    n = len(asked)
    unanswered = answers.error | answers.client_gone
    searches = shop.scenario == "search"
    n_scored = np.where(unanswered, 0, len(shop.product_ids))
    none = pa.nulls(n, pa.string())
    greedy = answers.degraded | unanswered
    return {
        "request_id": pa.array(answers.request_id, pa.string()),
        "scenario": _same(shop.scenario, n),
        "occurred_at": _moments(asked.at, ahead),
        "logged_at": _moments(answers.written_at, ahead),
        "user_id": pa.array(simulated.people.user_id[asked.user], pa.string()),
        "session": _empty(n, pa.string()),
        "exclude": _empty(n, pa.string()),
        "limit": _same(simulated.world.limit, n),
        "context": _same("{}", n),
        "model_tag": pa.array(answers.model_tag, pa.string()),
        "bento_tag": _same(f"{shop.scenario}:simulated", n),
        "variant": _chosen(["champion", "challenger"], answers.challenger),
        "policy": _chosen([simulated.world.policy.name, "greedy"], greedy),
        "state_version": _same(f"{block.day:%Y%m%d}T000000-simulated", n),
        "backend": _same("torch", n),
        "precision": _same("fp32", n),
        "n_scored": pa.array(n_scored),
        "n_read": pa.array(np.where(answers.degraded, 0, n_scored)),
        "degraded": pa.array(answers.degraded),
        "recent": _empty(n, pa.struct([(name, pa.string()) for name in _names(LoggedEvent)])),
        "timings_ms": pa.StructArray.from_arrays(
            [pa.array(answers.timings_ms[name]) for name in _names(Timings)], _names(Timings)
        ),
        "error": _chosen([None, _ERROR], answers.error),
        "query": pa.array(shop.tastes[asked.taste], pa.string()) if searches else none,
        "offset": _same(0, n),
        "asked": _same("{}", n),
        "understood": _same("{}", n),
        "index_version": _same("simulated", n) if searches else none,
        "deadline_ms": _same(250.0, n),
        "client_gone": pa.array(answers.client_gone),
        "pinned": _same(False, n),
        "shadow_of": none,
        "interleaved_with": none,
    }


def _candidates(
    simulated: Simulated, block: Block[LoggedAnswers], left_out: set[str]
) -> pa.ListArray:
    answers = block.answers
    listed = answers.listed
    ranks = np.broadcast_to(np.arange(1, listed.shape[1] + 1), listed.shape)
    product_ids = pa.array(simulated.shop.product_ids, pa.string())
    none = pa.nulls(int(listed.sum()), pa.string())
    columns = {
        "product_id": product_ids.take(pa.array(answers.product[listed])),
        "rank": pa.array(ranks[listed]),
        "score": pa.array(answers.score[listed]),
        "propensity": pa.array(answers.propensity[listed]),
        "stage": none,
        "variant": none,
    }
    names = [name for name in _names(LoggedCandidate) if name not in left_out]
    return pa.ListArray.from_arrays(
        _offsets(listed), pa.StructArray.from_arrays([columns[name] for name in names], names)
    )


def _offsets(listed: Bools) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(listed.sum(axis=1))]), pa.int32())


def _encoded(rows: pa.Table) -> pa.BinaryArray:
    """Each row as a line of JSON."""
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        lines = connection.execute(
            "select to_json(rows) || chr(10) as line from rows"
        ).to_arrow_table()
    return lines["line"].cast(pa.large_binary()).combine_chunks()


def _names(record: type) -> list[str]:
    return [field.name for field in fields(record)]


def _moments(at: Times, ahead: Ints) -> pa.Array:
    """As orjson writes them: ISO 8601 in UTC."""
    text = np.datetime_as_string(at + ahead.astype("timedelta64[s]"), unit="us")
    return pa.array(np.char.add(text, "Z"), pa.string())


def _same(value: str | float | bool, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), n)


def _chosen(values: Sequence[str | None], second: Bools) -> pa.Array:
    """One of two."""
    return pa.array(values, pa.string()).take(pa.array(second.astype(np.int8)))


def _empty(n: int, kind: pa.DataType) -> pa.ListArray:
    return pa.ListArray.from_arrays(np.zeros(n + 1, np.int32), pa.array([], kind))
