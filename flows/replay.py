"""Replay: real past days over HTTP, as if they happened now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, timedelta
from typing import Any

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.deploy import wait_until_current
from flows.errors import ReplayRefused
from flows.progress import track
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.marts import ShoppingTrip, shopping_trips

_SHOPPERS_AT_ONCE = 4
_SCENARIO = "recommend"


@flow(name="replay")
def replay_flow(first: date, days: int = 14) -> int:
    """Replays the days' shopping trips; returns how many there were.

    The service must run with ``SHOPKEEPER_ALLOW_REPLAY=true``.
    """
    settings = Settings()
    return sum(replay_day(settings, first + timedelta(days=n)) for n in range(days))


@task(tags=[TAG], cache_policy=NO_CACHE)
def replay_day(settings: Settings, day: date) -> int:
    """Each user who shopped on the day first asks for recommendations, then reports the basket.

    Waits for the service to answer from the newest state, as it would by the day after a night.
    """
    with writable_warehouse(settings, f"replay {day}") as connection:
        trips = shopping_trips(connection, day)
    wait_until_current(settings, _SCENARIO)
    _send(settings, day, trips)
    return len(trips)


def _send(settings: Settings, day: date, trips: Sequence[ShoppingTrip]) -> None:
    with (
        httpx.Client(base_url=settings.service_url(_SCENARIO), timeout=30) as client,
        ThreadPoolExecutor(_SHOPPERS_AT_ONCE) as shoppers,
    ):
        outcomes = shoppers.map(lambda trip: _shop(client, trip), trips)
        for _ in track(f"Replaying {day}")(outcomes, len(trips)):
            pass


def _shop(client: httpx.Client, trip: ShoppingTrip) -> None:
    arrived_at = trip.arrived_at.replace(tzinfo=UTC).isoformat()
    answer = _post(client, "/recommend", {"user_id": trip.user_id, "occurred_at": arrived_at})
    events = [event | {"request_id": answer["request_id"]} for event in trip.events]
    taken = _post(client, "/feedback", {"events": events})
    if taken["refused"]:
        raise ReplayRefused(f"the service refused feedback: {taken['refused'][:3]}")


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(path, json=body)
    if response.is_error:
        raise ReplayRefused(f"POST {path} answered {response.status_code}: {response.text[:500]}")
    answer: dict[str, Any] = response.json()
    return answer
