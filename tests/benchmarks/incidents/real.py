"""Streams of real days: what was sold, ranked beforehand by a baseline of the product.

As `tests.benchmarks.trips` has it, whoever bought on a day is asked for once, when the first of it
happened, and all that they bought on it then follows. Who never bought before has no history to be
ranked by, and is not asked for; nor is an anonymous basket, whose purchases come all the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bentos.serving.record import LOG_VERSION
from tests.benchmarks.figures import say
from tests.benchmarks.incidents.inputs import TABLES, Inputs
from warehouse.connection import Connection, declare_tables
from warehouse.sources.base import Source
from warehouse.statements import run

SCENARIO = "recommend"
HALF_LIFE_DAYS = 28
_POPULAR = 50
_KEPT = """
    create temp table kept as
    select product_id from raw_events where product_id is not null
    group by product_id order by count(*) desc, product_id limit $products
"""
_BOUGHT = """
    insert into stg_events by name
    select * exclude (batch, row_number)
    from raw_events semi join kept using (product_id)
    where user_id is null or hash(user_id) % $one_in = 0
"""
_PRODUCTS = """
    insert into stg_products by name
    select product_id, '' as text, bool_or(recommendable) as recommendable, map {} as attributes
    from raw_products semi join kept using (product_id)
    group by product_id
"""
_ASKED = """
    create or replace temp table judgments as
    select user_id as query_id, min(occurred_at) as asked_at, any_value(store_id) as store_id
    from stg_events semi join purchases_before using (user_id)
    where event_type = 'purchase' and occurred_at::date = $day::date
    group by user_id
"""
_NO_SEGMENTS = "create temp table segments (segment text, query_id text, product_id text)"
_EVENTS = """
    select
        event_id,
        event_type,
        product_id,
        events.user_id,
        occurred_at,
        if(events.event_type = 'purchase', $day || '-' || query_id, null) as request_id,
        session_id,
        quantity,
        price,
        discount,
        events.store_id,
        occurred_at as logged_at,
        occurred_at as arrives_at
    from stg_events as events
    left join judgments on events.user_id = judgments.query_id
    where occurred_at::date = $day::date
    order by occurred_at, event_id
"""
# How long a stage takes varies by two thirds.
_SERVED = """
    with best as (
        select query_id, product_id, score,
            row_number() over (partition by query_id order by score desc, product_id) as "rank"
        from run
        qualify "rank" <= 20
    ),
    pools as (
        select query_id, list({
            'product_id': product_id, 'rank': "rank", 'score': score, 'propensity': 1.0::double,
            'stage': null::varchar, 'variant': null::varchar
        } order by "rank") as candidates
        from best
        group by query_id
    ),
    took as (
        select *, [
            exp(1.2 * (hash(query_id, $day, n) % 1000 / 1000 - 0.5)) for n in range(4)
        ] as spread
        from judgments join pools using (query_id)
    )
    select
        $day || '-' || query_id as request_id,
        $scenario as scenario,
        asked_at as occurred_at,
        asked_at as logged_at,
        query_id as user_id,
        []::varchar[] as session,
        []::varchar[] as "exclude",
        10::bigint as "limit",
        {'store_id': store_id}::json::varchar as context,
        $scenario || ':baseline' as model_tag,
        $scenario || ':baseline' as bento_tag,
        'champion' as variant,
        'greedy' as policy,
        strftime($day::date, '%Y%m%dT000000-real') as state_version,
        'duckdb' as backend,
        'fp32' as precision,
        len(candidates) as n_scored,
        len(candidates) as n_read,
        false as degraded,
        []::struct(event_id varchar)[] as recent,
        candidates,
        {
            'retrieve': 1.5 * spread[1], 'features': 0.8 * spread[2], 'queue': 3 * spread[3],
            'score': 20 * spread[4],
            'total': 1.5 * spread[1] + 0.8 * spread[2] + 3 * spread[3] + 20 * spread[4]
        } as timings_ms,
        null::varchar as error,
        null::varchar as query,
        0::bigint as "offset",
        '{}' as asked,
        '{}' as understood,
        null::varchar as index_version,
        250.0::double as deadline_ms,
        false as client_gone,
        false as pinned,
        null::varchar as shadow_of,
        null::varchar as interleaved_with,
        $version as log_version,
        asked_at as arrives_at
    from took
    order by asked_at, query_id
"""
_CATALOGUE = """
    select * from raw_products semi join kept using (product_id)
    where batch = $day or not $daily
    order by batch, row_number
"""


@dataclass(frozen=True, eq=False)
class RealStream:
    """A source's days."""

    name: str
    source: Callable[[], Source]
    first: date
    products: int  # the most sold of them
    one_in: int  # of so many users one is looked at
    daily: bool  # whether each day's drop has a catalogue of its own
    folder: Path  # where its days are kept once they are made
    scenario: str = SCENARIO

    scene: None = None  # what happened did

    def inputs(self, day: date, scene: object = None) -> Inputs:
        """A day as it was."""
        return Inputs(*(self._read(name, day) for name in TABLES))

    def make(self, days: int) -> None:
        """Ranks the days from the first on, each from what was bought before it."""
        say(f"{self.name}: ranks {days} days")
        with duckdb.connect(config={"threads": 1}) as connection:
            self._load(connection)
            for day in (self.first + timedelta(days=n) for n in range(days)):
                self._rank(connection, day)
                self._write(connection, day)

    def _read(self, name: str, day: date) -> pa.Table:
        return pq.read_table(self._path(name, day))

    def _path(self, name: str, day: date) -> Path:
        return self.folder / f"{day}-{name}.parquet"

    def _load(self, connection: Connection) -> None:
        connection.execute("set timezone = 'UTC'")
        declare_tables(connection)
        source = self.source()
        for load in source.loads(None):
            if load.table in ("raw_products", "raw_events"):
                load.prepare(connection)
                run(connection, load.statement, source=source.name, **load.parameters)
        connection.execute(_KEPT, {"products": self.products})
        connection.execute(_BOUGHT, {"one_in": self.one_in})
        connection.execute(_PRODUCTS)
        connection.execute(_NO_SEGMENTS)

    def _rank(self, connection: Connection, day: date) -> None:
        run(connection, "baselines/purchases_before", cut=day)
        connection.execute(_ASKED, {"day": day})
        run(connection, "metrics/empty_run")
        run(connection, "baselines/popular_candidates", places=_POPULAR)
        run(connection, "baselines/personal_candidates")
        decay = {"cut": day, "half_life_days": HALF_LIFE_DAYS, "ranker": "baseline"}
        run(connection, "baselines/decayed_frequency", **decay)

    def _write(self, connection: Connection, day: date) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, query, parameters in self._queries(day):
            found = connection.execute(query, parameters).to_arrow_table()
            connection.from_arrow(found).write_parquet(str(self._path(name, day)))

    def _queries(self, day: date) -> Iterator[tuple[str, str, dict[str, object]]]:
        yield "catalogue", _CATALOGUE, {"day": f"{day}", "daily": self.daily}
        told = {"day": f"{day}", "scenario": self.scenario, "version": LOG_VERSION}
        yield "served", _SERVED, told
        yield "events", _EVENTS, {"day": f"{day}"}
