"""Replay: real past days over HTTP, as if they happened now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from bentos.serving.deadline import HEADER
from flows.deploy import champion_of, wait_until_current
from flows.errors import ReplayRefused
from flows.progress import track
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.marts import Search, ShoppingTrip, searches, shopping_trips

_SHOPPERS_AT_ONCE = 4
_WHENEVER = {HEADER: "off"}  # nobody waits: a machine that is busy with the rest answers in full

V = TypeVar("V", Search, ShoppingTrip)


@flow(name="replay")
def replay_flow(first: date, days: int = 14) -> int:
    """Replays the days' searches and shopping trips; returns how many there were.

    The services must run with ``SHOPKEEPER_ALLOW_REPLAY=true``.
    """
    settings = Settings()
    return sum(replay_day(settings, first + timedelta(days=n)) for n in range(days))


@task(tags=[TAG], cache_policy=NO_CACHE)
def replay_day(settings: Settings, day: date) -> int:
    """Shoppers search and ask for recommendations, then report their baskets.

    What somebody bought that they had searched for is reported as a purchase that the search led
    to, the rest of the basket as one after the recommendations. A scenario that no model serves is
    not asked. Waits for services to answer from the newest state, as they would by the day after
    a night.
    """
    with writable_warehouse(settings, f"replay {day}") as connection:
        asked = _of_served(settings, "search", searches(connection, day))
        trips = _of_served(settings, "recommend", shopping_trips(connection, day))
    answers = _each(settings, "search", f"Searching {day}", asked, _search)
    found_by = {
        event: answer for answer, s in zip(answers, asked, strict=True) for event in s.events
    }
    shop = partial(_shop, found_by=found_by)
    _each(settings, "recommend", f"Replaying {day}", trips, shop)
    return len(asked) + len(trips)


def _of_served(settings: Settings, scenario: str, visits: Sequence[V]) -> Sequence[V]:
    return visits if champion_of(settings, scenario) else []


def _each(
    settings: Settings,
    scenario: str,
    doing: str,
    visits: Sequence[V],
    visit: Callable[[httpx.Client, V], str],
) -> list[str]:
    """The identifiers of the requests that the visits made, in their order."""
    if not visits:
        return []
    wait_until_current(settings, scenario)
    url = settings.service_url(scenario)
    with (
        httpx.Client(base_url=url, headers=_WHENEVER, timeout=30) as client,
        ThreadPoolExecutor(_SHOPPERS_AT_ONCE) as shoppers,
    ):
        outcomes: Iterable[str] = shoppers.map(partial(visit, client), visits)
        return list(track(doing)(outcomes, len(visits)))


def _search(client: httpx.Client, search: Search) -> str:
    asked = {"query": search.query, "occurred_at": _utc(search.arrived_at)}
    if search.user_id is not None:
        asked["user_id"] = search.user_id
    request: str = _post(client, "/search", asked)["request_id"]
    return request


def _shop(client: httpx.Client, trip: ShoppingTrip, found_by: Mapping[str, str]) -> str:
    asked = {"user_id": trip.user_id, "occurred_at": _utc(trip.arrived_at)}
    request: str = _post(client, "/recommend", asked)["request_id"]
    events = [
        event | {"request_id": found_by.get(event["event_id"], request)} for event in trip.events
    ]
    taken = _post(client, "/feedback", {"events": events})
    if taken["refused"]:
        raise ReplayRefused(f"the service refused feedback: {taken['refused'][:3]}")
    return request


def _utc(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat()


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(path, json=body)
    if response.is_error:
        raise ReplayRefused(f"POST {path} answered {response.status_code}: {response.text[:500]}")
    answer: dict[str, Any] = response.json()
    return answer
