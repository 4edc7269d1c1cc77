"""The real services in place of simulated ones: a world's shoppers ask them over HTTP.

They have to run with ``SHOPKEEPER_ALLOW_REPLAY=true``, for the world's days are not today. For a
scenario's ranker in this process, give `SimulatedServices` the rankings of `models.of_run`.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa

from bentos.serving.deadline import HEADER
from tests.simulation.answers import Answers
from tests.simulation.arrays import Times
from tests.simulation.simulated import Simulated
from tests.simulation.traffic import Arrivals
from tests.simulation.truth import TruthOfDay, write_figures

_AT_ONCE = 4
_EVENTS_AT_ONCE = 1000
_TOO_MUCH = 429
_SENT = ["event_id", "event_type", "product_id", "user_id", "request_id", "quantity", "price"]
_SENT += ["discount"]


class ServiceRefused(Exception):
    """A service does not take what a world's shoppers send."""


def service_at(url: str) -> httpx.Client:
    """A client that waits for its answers."""
    return httpx.Client(base_url=url, headers={HEADER: "off"}, timeout=60)


class HttpServices:
    """A service that runs; requests that it fails count as errors."""

    def __init__(self, simulated: Simulated, client: httpx.Client) -> None:
        """The client knows where the service is."""
        self._world = simulated.world
        self._shop = simulated.shop
        self._people = simulated.people
        self._rows = {str(product): n for n, product in enumerate(self._shop.product_ids)}
        self._client = client

    def __call__(self, arrivals: Arrivals, rng: np.random.Generator) -> Answers:
        """See `Answering`; shoppers overlook products that the world's shop does not know."""
        asked = [self._asked(arrivals, n) for n in range(len(arrivals))]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            answers = [*threads.map(self._answer, asked)]
        shape = (len(asked), self._world.limit)
        product, score, propensity = np.full(shape, -1), np.zeros(shape), np.ones(shape)
        for n, answer in enumerate(answers):
            for place, item in enumerate(answer["items"]):
                product[n, place] = self._rows.get(item["product_id"], -1)
                score[n, place], propensity[n, place] = item["score"], item["propensity"]
        return Answers(
            request_id=np.array([answer["request_id"] for answer in answers]),
            model_tag=np.array([answer["model_tag"] for answer in answers]),
            challenger=np.array([answer["variant"] == "challenger" for answer in answers]),
            product=product,
            score=score,
            propensity=propensity,
            degraded=np.array([answer["degraded"] for answer in answers]),
            error=np.array([not answer["request_id"] for answer in answers]),
            client_gone=np.zeros(len(asked), bool),
            written_at=arrivals.at,  # as good as at once
        )

    def tell(self, events: pa.Table) -> None:
        """Feeds events back.

        Raises:
            ServiceRefused: the service does not take one of them.
        """
        sent = events.select(_SENT).to_pylist()
        for event, moment in zip(sent, events["occurred_at"].to_pylist(), strict=True):
            event["occurred_at"] = moment.replace(tzinfo=UTC).isoformat()
        for start in range(0, len(sent), _EVENTS_AT_ONCE):
            response = self._client.post(
                "/feedback", json={"events": sent[start : start + _EVENTS_AT_ONCE]}
            )
            refused = response.text if response.is_error else response.json()["refused"]
            if refused:
                raise ServiceRefused(f"the service refused feedback: {refused[:500]}")

    def _asked(self, arrivals: Arrivals, n: int) -> dict[str, Any]:
        moment: datetime = arrivals.at[n].item()
        asked: dict[str, Any] = {
            "user_id": str(self._people.user_id[arrivals.user[n]]),
            "occurred_at": moment.replace(tzinfo=UTC).isoformat(),
            "limit": self._world.limit,
        }
        if self._shop.scenario == "search":
            asked["query"] = str(self._shop.tastes[arrivals.taste[n]])
        return asked

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        failed = {"request_id": "", "model_tag": "", "variant": "", "degraded": False, "items": []}
        try:
            response = self._client.post(f"/{self._shop.scenario}", json=asked)
        except httpx.TransportError:
            return failed
        if response.is_client_error and response.status_code != _TOO_MUCH:
            raise ServiceRefused(
                f"POST /{self._shop.scenario} answered {response.status_code}: "
                f"{response.text[:500]}"
            )
        answer: dict[str, Any] = failed if response.is_error else response.json()
        return answer


class Driver:
    """Drives a service through the days of a world, and writes the truth of them."""

    def __init__(self, simulated: Simulated, services: HttpServices, truth: Path) -> None:
        self._simulated = simulated
        self._services = services
        self._truth = truth
        self._to_come: list[pa.Table] = []
        write_figures(truth, simulated)

    def drive_day(self, day: date) -> int:
        """Asks, and feeds back what is reported by the day's end; returns how many asked."""
        n = 0
        with TruthOfDay(self._truth, self._simulated, day) as truth:
            for block in self._simulated.blocks(day, self._services):
                truth.add(block)
                self._to_come.append(block.outcomes.events)
                self._tell_until(block.asked.at[-1])
                n += len(block.asked)
        self._tell_until(np.datetime64(day, "us") + np.timedelta64(1, "D"))
        return n

    def _tell_until(self, moment: np.datetime64) -> None:
        if not self._to_come:
            return
        events = pa.concat_tables(self._to_come)
        written: Times = events["written_at"].to_numpy()
        self._to_come = [events.filter(pa.array(written >= moment))]
        self._services.tell(events.filter(pa.array(written < moment)))
