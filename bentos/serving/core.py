"""What every service does around its ranking: follow the champion, log, take feedback."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from math import inf
from os import cpu_count
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from uuid import uuid4

import torch
from bentoml.exceptions import InvalidArgument
from prometheus_client import Counter, Gauge

from bentos.encoders.choice import Choice
from bentos.serving.cost import CostModel
from bentos.serving.deadline import asked
from bentos.serving.errors import LogUnwritable
from bentos.serving.feedback import FeedbackAnswer, FeedbackLog, FeedbackRequest, check_events
from bentos.serving.jsonl import JsonLinesWriter
from bentos.serving.live import InService, Live
from bentos.serving.memory import without_pandas
from bentos.serving.record import LoggedEvent, PredictionRecord
from bentos.serving.refusals import not_logged
from bentos.serving.scheduled import Scheduled
from bentos.serving.scheduler import Scheduler
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState

POLICY = "greedy"  # the best scores, in their order: every propensity is 1

_SECONDS_PER_TOKEN = 1e-4  # that reading is taken to cost until it was measured

_CHAMPION = Gauge("shopkeeper_champion", "1 for the model that serves.", ["scenario", "model_tag"])
_STATE = Gauge("shopkeeper_state", "1 for the online state that serves.", ["scenario", "version"])
_REQUESTS = Counter("shopkeeper_requests_total", "Rankings answered.", ["scenario", "model_tag"])
_DEGRADED = Counter(
    "shopkeeper_degraded_total",
    "Rankings that had to do with less than they would have had with more time.",
    ["scenario"],
)
_BACKEND = Gauge(
    "shopkeeper_backend_agreement",
    "Spearman's rank correlation of what computes here with fp32, on products of the catalogue.",
    ["scenario", "backend", "precision"],
)
_TOLERANCE = Gauge(
    "shopkeeper_backend_tolerance",
    "The greatest difference of a score from fp32's, on products of the catalogue.",
    ["scenario", "backend", "precision"],
)
_EVENTS = Counter("shopkeeper_feedback_events_total", "Feedback events.", ["outcome"])
_LOGGED = {field.name for field in fields(LoggedEvent)}


class Servable(Protocol):
    """What the log says of a ranker."""

    @property
    def choice(self) -> Choice:
        """How it computes here."""


R = TypeVar("R", bound=Servable)
A = TypeVar("A")


class ServiceCore(Generic[R]):
    """One champion over one online state, swapped while it serves, and the logs beside it."""

    def __init__(
        self, scenario: str, load: Callable[[Path, OnlineState, ServingSettings], R]
    ) -> None:
        """Reads the settings and takes the champion into service; ``load`` warms it.

        Raises:
            ServingError: there is no model or state to begin with.
        """
        self._scenario = scenario
        self._settings = ServingSettings()
        self._champion = self._state = ""
        without_pandas()
        torch.set_num_threads(1)  # of each reader: a batch is small, and there are many
        self._scheduler = Scheduler(
            self._settings.readers or cpu_count() or 1,
            CostModel(_SECONDS_PER_TOKEN),
            self._settings.longest_queue,
        )
        keeping = self._settings.log_keeping
        self._log = JsonLinesWriter(self._settings.serving_logs(scenario), keeping)
        self._feedback = FeedbackLog(self._settings.feedback_logs, keeping)
        self._live = Live(
            scenario,
            self._settings,
            lambda folder, state: load(folder, state, self._settings),
            self._swapped,
        )

    @property
    def current(self) -> InService[R]:
        """What answers now; a request keeps to what it began with."""
        return self._live.current

    def reading(self) -> Scheduled:
        """Has what the request at hand needs read by its deadline; one for each request."""
        return Scheduled(self._scheduler)

    def moment(self, occurred_at: datetime | None) -> datetime:
        """When a request is asked: now, or in a replay when it says.

        Raises:
            InvalidArgument: it says so where replays are not allowed.
        """
        if occurred_at is not None and not self._settings.allow_replay:
            raise InvalidArgument(
                "occurred_at: is taken only where SHOPKEEPER_ALLOW_REPLAY is on; leave it out"
            )
        return occurred_at or datetime.now(UTC)

    def recent(self, user_id: str, since: datetime, until: datetime) -> tuple[LoggedEvent, ...]:
        """The user's feedback that the online state does not hold yet."""
        events = self._feedback.of_user(user_id, since, until)
        return tuple(LoggedEvent(**event.model_dump(include=_LOGGED)) for event in events)

    def record(self, serving: InService[R], **said: Any) -> PredictionRecord:
        """The log's line of an answer; ``said`` are the fields that its request decides."""
        index = serving.state.indexes.get(self._scenario)
        return PredictionRecord(
            request_id=str(uuid4()),
            scenario=self._scenario,
            logged_at=datetime.now(UTC),
            model_tag=serving.record.champion,
            bento_tag=serving.record.bento_tag,
            variant="champion",
            state_version=serving.state.version,
            index_version=index.name if index else None,
            deadline_ms=None if asked().allowed_ms == inf else asked().allowed_ms,
            backend=serving.ranker.choice.backend.name,
            precision=serving.ranker.choice.backend.precision,
            **said,
        )

    async def logged(self, record: PredictionRecord, answer: A) -> A:
        """The answer, once it is in the prediction log; a refusal where the disk refuses."""
        try:
            await self._log.append_soon([record])
        except LogUnwritable as error:
            return not_logged(error, type(answer))
        _REQUESTS.labels(self._scenario, record.model_tag).inc()
        if record.degraded:
            _DEGRADED.labels(self._scenario).inc()
        return answer

    def take(self, request: FeedbackRequest) -> FeedbackAnswer:
        """Logs events; the next answer for their users knows them, on every worker."""
        now = None if self._settings.allow_replay else datetime.now(UTC)
        good, refused = check_events(request.events, self.current.state.known_products, now)
        try:
            accepted = self._feedback.append(good)
        except LogUnwritable as error:
            return not_logged(error, FeedbackAnswer)
        duplicates = len(good) - accepted
        for outcome, count in (
            ("accepted", accepted),
            ("duplicate", duplicates),
            ("refused", len(refused)),
        ):
            _EVENTS.labels(outcome).inc(count)
        return FeedbackAnswer(accepted=accepted, duplicates=duplicates, refused=refused)

    def close(self) -> None:
        """Stops what runs, and closes the logs."""
        self._live.close()
        self._scheduler.close()
        self._log.close()
        self._feedback.close()

    def _swapped(self, serving: InService[R]) -> None:
        self._feedback.forget_before(serving.state.as_of)
        if self._champion:
            _CHAMPION.labels(self._scenario, self._champion).set(0)
            _STATE.labels(self._scenario, self._state).set(0)
        self._champion, self._state = serving.record.champion, serving.state.version
        _CHAMPION.labels(self._scenario, self._champion).set(1)
        _STATE.labels(self._scenario, self._state).set(1)
        choice = serving.ranker.choice
        way = (self._scenario, choice.backend.name, choice.backend.precision)
        _BACKEND.labels(*way).set(choice.agreement)
        _TOLERANCE.labels(*way).set(choice.tolerance)
