"""A day of logged requests, written by DuckDB: the same ones each time."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import duckdb
import orjson

from bentos.serving.record import LOG_VERSION, PredictionRecord

DAY = date(2024, 3, 15)
N_CANDIDATES = 20
_IN_A_SEGMENT = 50_000

_REQUESTS = """
copy (
    select
        md5(i::varchar)::uuid::varchar as request_id,
        'recommend' as scenario,
        strftime(asked_at, '%Y-%m-%dT%H:%M:%S.%fZ') as occurred_at,
        strftime(asked_at + interval 12 milliseconds, '%Y-%m-%dT%H:%M:%S.%fZ') as logged_at,
        (hash(i) % 50_000)::varchar as user_id,
        [(hash(i + 1) % 90_000)::varchar] as session,
        []::varchar[] as "exclude",
        10 as "limit",
        '{{"page":"home"}}' as context,
        'recommend:qw2gkwhkywp72ax4' as model_tag,
        'recommend:7sxmwhhkywp72ax4' as bento_tag,
        'champion' as variant,
        'greedy' as policy,
        '20240315T000000-1f3a' as state_version,
        'onednn' as backend,
        'bf16' as precision,
        500 as n_scored,
        100 as n_read,
        false as degraded,
        []::varchar[] as recent,
        [
            {{
                'product_id': (hash(i * 100 + nth) % 90_000)::varchar,
                'rank': nth,
                'score': 4 - nth / 5 + (hash(i + nth) % 1000) / 10_000,
                'propensity': 1.0,
                'stage': null,
                'variant': null
            }}
            for nth in range(1, {candidates} + 1)
        ] as candidates,
        {{
            'retrieve': 0.4,
            'features': 0.9,
            'queue': (hash(i) % 500) / 100,
            'score': 3.7,
            'total': 5 + (hash(i) % 500) / 100
        }} as timings_ms,
        null as error,
        null as query,
        0 as "offset",
        '{{}}' as asked,
        '{{}}' as understood,
        null as index_version,
        250.0 as deadline_ms,
        false as client_gone,
        false as pinned,
        null as shadow_of,
        null as interleaved_with,
        {version} as log_version
    from (
        select i, timestamp '{day}' + to_microseconds(i * 86_400_000_000 // {n}) as asked_at
        from range({first}, {last}) as numbers(i)
    )
) to '{path}' (format json)
"""


def log_requests(folder: Path, n: int) -> None:
    """Writes ``n`` requests, spread over the day, as the segments of one service."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for first in range(0, n, _IN_A_SEGMENT):
            path = folder / f"20240315T000000-shop-1-{first // _IN_A_SEGMENT:06}.jsonl"
            connection.execute(
                _REQUESTS.format(
                    candidates=N_CANDIDATES,
                    version=LOG_VERSION,
                    day=DAY,
                    n=n,
                    first=first,
                    last=min(first + _IN_A_SEGMENT, n),
                    path=path,
                )
            )
    with path.open("rb") as file:
        logged = set(orjson.loads(file.readline()))
    if logged != {field.name for field in fields(PredictionRecord)}:
        raise AssertionError("the benchmark writes another record than services do")
