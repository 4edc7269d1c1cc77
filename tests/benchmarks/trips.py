"""Real trips of Complete Journey, answered in process by a recommender trained before them.

As `flows/replay.py` has them answered over HTTP: each day from the state of its morning, shoppers
once each, whose purchases of the day then follow. Nothing is ever clicked. Who never bought before
the day has no history to be ranked by, and is not asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from prefect import flow

from bentos.registry import scenario as scenario_named
from bentos.serving.device import best_device
from bentos.serving.record import POOL_SIZE
from bentos.serving.store import model_folder
from flows.fine_tune import fine_tune
from flows.ingest import ingest_flow
from flows.online_state import state_at
from flows.settings import Settings
from flows.slot import writable_warehouse
from tests.benchmarks.figures import say
from tests.simulation.staged import Staged
from warehouse.connection import Connection
from warehouse.marts import ShoppingTrip, catalogue, shopping_trips

SCENARIO = "recommend"
_SHOWN = 10

_POOLS = """
    select
        request_id,
        product_id,
        row_number() over best_first as "rank",
        score,
        1.0 as propensity,
        "rank" <= $3 as shown,
        $1::date as served_date
    from ranked
    join asked_for using (query_id)
    window best_first as (partition by request_id order by score desc, product_id)
    qualify "rank" <= $2
"""


@flow(name="bench-trips", validate_parameters=False)
def recommender(settings: Settings, cut: date) -> str:
    """The tag of one that was trained on what happened before ``cut``."""
    if not settings.warehouse.exists():
        ingest_flow()
    return fine_tune(settings, SCENARIO, cut)


def recommendable(settings: Settings) -> list[str]:
    """The products that count where rankings are measured."""
    with writable_warehouse(settings, "bench-trips") as connection:
        products = catalogue(connection)
    return products.filter(products["recommendable"])["product_id"].to_pylist()


def answered(
    settings: Settings, tag: str, first: date, days: int
) -> Iterator[tuple[date, list[Staged]]]:
    """Day by day, what was answered and what followed."""
    with writable_warehouse(settings, "bench-trips") as connection:
        for day in (first + timedelta(days=n) for n in range(days)):
            say(f"trips of {day}")
            trips = shopping_trips(connection, day)  # none at Christmas
            yield day, [_answered(connection, settings, tag, day, trips)] if trips else []


def _answered(
    connection: Connection,
    settings: Settings,
    tag: str,
    day: date,
    trips: Sequence[ShoppingTrip],
) -> Staged:
    state = state_at(connection, settings, day)
    ranker = scenario_named(SCENARIO).load(model_folder(tag), state, best_device())
    run = ranker.run([trip.user_id for trip in trips], {})
    request_of = {trip.user_id: f"{day}-{trip.user_id}" for trip in trips}
    return Staged(
        _requests(request_of, trips, tag),
        _candidates(connection, request_of, run, day),
        _outcomes(request_of, trips),
    )


def _requests(request_of: Mapping[str, str], trips: Sequence[ShoppingTrip], tag: str) -> pa.Table:
    alike = {
        "scenario": SCENARIO,
        "n_session": 0,
        "limit": _SHOWN,
        "model_tag": tag,
        "variant": "champion",
        "policy": "greedy",
        "state_version": "unpublished",
        "backend": "torch",
        "precision": "fp32",
        "n_scored": 0,
        "degraded": False,
        "client_gone": False,
        "pinned": False,
    }
    arrived = [trip.arrived_at for trip in trips]
    told = {
        "request_id": [request_of[trip.user_id] for trip in trips],
        "user_id": [trip.user_id for trip in trips],
        "occurred_at": arrived,
        "logged_at": arrived,
    }
    return pa.table(told | {name: pa.repeat(value, len(trips)) for name, value in alike.items()})


def _candidates(
    connection: Connection, request_of: Mapping[str, str], run: pa.Table, day: date
) -> pa.Table:
    """The best hundred that were ranked for each, as the service logs them."""
    asked = pa.table({"query_id": list(request_of), "request_id": list(request_of.values())})
    connection.register("asked_for", asked)
    connection.register("ranked", run)
    found = connection.execute(_POOLS, [day, POOL_SIZE, _SHOWN]).to_arrow_table()
    for name in ("asked_for", "ranked"):
        connection.unregister(name)
    return found


def _outcomes(request_of: Mapping[str, str], trips: Sequence[ShoppingTrip]) -> pa.Table:
    """As feedback that names the request."""
    told = ("event_id", "event_type", "product_id", "occurred_at", "quantity", "price")
    rows = [
        {name: event[name] for name in told} | {"request_id": request_of[trip.user_id]}
        for trip in trips
        for event in trip.events
    ]
    table = pa.Table.from_pylist(rows)
    at = pc.strptime(table["occurred_at"], "%Y-%m-%dT%H:%M:%SZ", "us")
    return table.set_column(table.schema.get_field_index("occurred_at"), "occurred_at", at)
