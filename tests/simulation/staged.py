"""A simulated day as the tables that a night stages, without its way through logs.

For studies of many days: what a night learns from them does not depend on how they came. All that
comes of the day is known at once; whoever asks as of a day reads up to its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from tests.simulation.answers import LoggedAnswers
from tests.simulation.shop import Shop
from tests.simulation.simulated import Block, Simulated
from warehouse.answers import know_day
from warehouse.calibration import measure_calibration
from warehouse.clicks import learn_from_clicks
from warehouse.connection import Connection, declare_tables
from warehouse.delays import PURCHASE, attribution_days
from warehouse.estimates import estimate_open_days
from warehouse.nights import measure_again

_PRODUCTS = """
    insert into stg_products by name
    select unnest($1::varchar[]) as product_id, '' as text, true as recommendable,
        map {} as attributes
"""
_INSERT = "insert into {name} by name from simulated"
_OF_THEIR_WINDOW = """
    insert into outcomes by name
    select simulated.* from simulated
    join served_requests as requests using (request_id)
    join attribution_windows() as windows using (event_type)
    where simulated.occurred_at < requests.occurred_at + to_days(windows.named_days)
"""


@dataclass(frozen=True, eq=False)
class Staged:
    """Requests that follow each other on a day, in the columns of the tables that are staged."""

    requests: pa.Table
    candidates: pa.Table
    outcomes: pa.Table


def warehouse_for(shop: Shop) -> Connection:
    """A warehouse in memory that knows a shop's products."""
    return warehouse_of(shop.product_ids.tolist())


def warehouse_of(product_ids: list[str]) -> Connection:
    """A warehouse in memory that knows products, all of which may be recommended."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set timezone = 'UTC'")
    declare_tables(connection)
    connection.execute(_PRODUCTS, [product_ids])
    return connection


def unstage(connection: Connection, before: date) -> None:
    """Forgets the days before a date; what was counted of them is kept."""
    connection.execute("delete from served_requests where occurred_at < $1::date", [before])
    for name in ("served_candidates", "outcomes"):
        connection.execute(
            f"delete from {name} where request_id not in (select request_id from served_requests)"
        )


def estimating_night(connection: Connection, scenario: str, day: date) -> None:
    """What a night does of which clicks and estimates are a part, and what they need."""
    closes = day - timedelta(days=attribution_days(connection)[PURCHASE])
    know_day(connection, scenario, day)
    learn_from_clicks(connection, scenario, day)
    measure_again(connection, scenario, [closes], as_of=day)
    estimate_open_days(connection, scenario, day)
    measure_calibration(connection, scenario, day)


def stage_simulated(connection: Connection, simulated: Simulated, day: date) -> None:
    """Adds a day to ``served_requests``, ``served_candidates`` and ``outcomes``."""
    for part in simulated_day(simulated, day):
        stage(connection, part)


def simulated_day(simulated: Simulated, day: date) -> Iterator[Staged]:
    """A day, in parts."""
    for block in simulated.blocks(day, simulated.own_services()):
        yield Staged(_requests(simulated, block), _candidates(simulated, block), _outcomes(block))


def stage(connection: Connection, staged: Staged) -> None:
    """Adds what was served, and what followed within its window."""
    for table, insert in (
        (staged.requests, _INSERT.format(name="served_requests")),
        (staged.candidates, _INSERT.format(name="served_candidates")),
        (staged.outcomes, _OF_THEIR_WINDOW),
    ):
        connection.register("simulated", table)
        connection.execute(insert)
        connection.unregister("simulated")


def _requests(simulated: Simulated, block: Block[LoggedAnswers]) -> pa.Table:
    asked, answers, shop = block.asked, block.answers, simulated.shop
    n = len(asked)
    query = shop.tastes[asked.taste] if shop.scenario == "search" else pa.nulls(n, pa.string())
    told = {
        "request_id": answers.request_id,
        "occurred_at": asked.at,
        "logged_at": asked.at,
        "user_id": simulated.people.user_id[asked.user],
        "query": query,
        "model_tag": answers.model_tag,
        "variant": np.where(answers.challenger, "challenger", "champion"),
        "n_scored": answers.listed.sum(axis=1),
        "degraded": answers.degraded,
        "client_gone": answers.client_gone,
        "error": pa.array(np.where(answers.error, "Failed", ""), mask=~answers.error),
    }
    alike = {
        "scenario": shop.scenario,
        "n_session": 0,
        "limit": simulated.world.limit,
        "policy": simulated.world.policy.name,
        "state_version": "simulated",
        "backend": "simulated",
        "precision": "fp32",
        "pinned": False,
    }
    return pa.table(told | {name: pa.repeat(value, n) for name, value in alike.items()})


def _candidates(simulated: Simulated, block: Block[LoggedAnswers]) -> pa.Table:
    answers = block.answers
    row, place = np.nonzero(answers.listed)
    return pa.table(
        {
            "request_id": pa.array(answers.request_id, pa.string()).take(pa.array(row)),
            "product_id": simulated.shop.product_ids[answers.product[row, place]],
            "rank": place + 1,
            "score": answers.score[row, place],
            "propensity": answers.propensity[row, place],
            "shown": place < simulated.world.limit,
            "served_date": pa.repeat(block.day, len(row)),
        }
    )


def _outcomes(block: Block[LoggedAnswers]) -> pa.Table:
    columns = ["request_id", "event_id", "event_type", "product_id", "occurred_at", "quantity"]
    return block.outcomes.events.select([*columns, "price"])
