"""What every service does around its ranking: follow the rollout, log, take feedback."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from math import inf, isfinite
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import uuid4

import torch
from bentoml.exceptions import InvalidArgument
from prometheus_client import Counter

from bentos.serving.alerts import Alerts
from bentos.serving.cost import CostModel
from bentos.serving.deadline import asked
from bentos.serving.errors import LogUnwritable, ModelUnloadable
from bentos.serving.feedback import FeedbackAnswer, FeedbackLog, FeedbackRequest, check_events
from bentos.serving.jsonl import JsonLinesWriter
from bentos.serving.live import InService, Live
from bentos.serving.memory import without_pandas
from bentos.serving.meters import forget_killed_workers
from bentos.serving.record import LoggedCandidate, LoggedEvent, PredictionRecord
from bentos.serving.refusals import is_the_senders, not_logged
from bentos.serving.rollout import Variant
from bentos.serving.scheduled import Scheduled, Spare
from bentos.serving.scheduler import Scheduler
from bentos.serving.settings import ServingSettings
from bentos.serving.shadows import Compute, Shadows
from bentos.serving.state import OnlineState
from bentos.serving.tells import Servable, Tells
from bentos.serving.turn import Turn
from bentos.serving.variants import HEADER, assigned
from bentos.serving.workers import n_readers

_SECONDS_PER_TOKEN = 1e-4  # that reading is taken to cost until it was measured
_LONGEST_ERROR = 200  # characters of it that are logged

_EVENTS = Counter("shopkeeper_feedback_events_total", "Feedback events.", ["outcome"])
_LOGGED = {field.name for field in fields(LoggedEvent)}


R = TypeVar("R", bound=Servable)
A = TypeVar("A")


class ServiceCore(Generic[R]):
    """The models of the rollout over one online state, swapped while they serve, and the logs."""

    def __init__(
        self, scenario: str, load: Callable[[Path, OnlineState, ServingSettings], R]
    ) -> None:
        """Reads the settings and takes the models into service; ``load`` warms each.

        Raises:
            ServingError: there is no model or state to begin with.
        """
        self._scenario = scenario
        self._settings = ServingSettings()
        self._tells = Tells[R](scenario)
        self._at_work = 0  # requests that have no answer yet
        forget_killed_workers()
        without_pandas()
        torch.set_num_threads(1)  # of each reader: a batch is small, and there are many
        self._scheduler = Scheduler(
            n_readers(self._settings),
            CostModel(_SECONDS_PER_TOKEN),
            self._settings.longest_queue,
        )
        keeping = self._settings.log_keeping
        self._log = JsonLinesWriter(self._settings.serving_logs(scenario), keeping)
        self._feedback = FeedbackLog(self._settings.feedback_logs, keeping)
        self._shadows = Shadows(scenario, self._scheduler, self._log)
        self._alerts = Alerts(self._settings.alerts, scenario)
        self._live = Live(
            scenario,
            self._settings,
            lambda folder, state: load(folder, state, self._settings),
            self._swapped,
            self._alerts.swap_failed,
        )

    @property
    def current(self) -> InService[R]:
        """What answers now; a request keeps to what it began with."""
        return self._live.current

    @contextmanager
    def turn(self, *whom: str | None) -> Iterator[Turn[R]]:
        """A request's turn: ``whom`` it comes from, as far as known, the surest name first.

        Raises:
            InvalidArgument: its header names a variant that is not there.
        """
        self._at_work += 1
        try:
            request_id = str(uuid4())
            serving = self.current
            known = next(filter(None, whom), request_id)
            variant = self._pinned(serving) or assigned(serving.record, known)
            yield Turn(serving, variant, asked().pinned is not None, request_id)
        finally:
            self._at_work -= 1

    def ranker(self) -> tuple[str, R]:
        """The model, and its tag, for what is neither ranked for shoppers nor logged.

        Raises:
            InvalidArgument: the request's header names a variant that is not there.
        """
        serving = self.current
        turn = Turn(serving, self._pinned(serving) or "champion")
        return turn.model_tag, turn.ranker

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

    def record(self, turn: Turn[R], **said: Any) -> PredictionRecord:
        """The log's line of an answer; ``said`` are the fields that its request decides."""
        serving = turn.serving
        index = serving.state.indexes.get(self._scenario)
        backend = turn.ranker.choice.backend
        return PredictionRecord(
            request_id=turn.request_id,
            scenario=self._scenario,
            logged_at=datetime.now(UTC),
            model_tag=turn.model_tag,
            bento_tag=serving.record.bento_tag,
            variant=turn.variant,
            pinned=turn.pinned,
            shadow_of=turn.shadow_of,
            interleaved_with=serving.record.champion if turn.variant == "interleaved" else None,
            state_version=serving.state.version,
            index_version=index.name if index else None,
            deadline_ms=None if asked().allowed_ms == inf else asked().allowed_ms,
            backend=backend.name,
            precision=backend.precision,
            **said,
        )

    @contextmanager
    def answering(self, turn: Turn[R], unanswered: Callable[[], dict[str, Any]]) -> Iterator[None]:
        """Logs a ranking that comes to nothing, because of us or because its client has gone.

        ``unanswered`` says of it what ``record`` is told of an answer.
        """
        try:
            yield
        except asyncio.CancelledError:
            self._log.submit([self.record(turn, **unanswered(), client_gone=True)])
            raise
        except Exception as error:
            if not is_the_senders(error):
                why = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
                self._log.submit([self.record(turn, **unanswered(), error=why)])
            raise

    async def logged(
        self,
        turn: Turn[R],
        record: PredictionRecord,
        answer: A,
        again: Callable[[Turn[R], Spare], PredictionRecord],
    ) -> A:
        """The answer, once it is in the prediction log; a refusal where the disk refuses.

        ``again`` answers the same request as a shadow, where there is one.
        """
        try:
            await self._log.append_soon([record], lambda: [replace(record, client_gone=True)])
        except LogUnwritable as error:
            return not_logged(error, type(answer))
        self._tells.answered(record)
        if "shadow" in turn.serving.rankers and not turn.pinned:
            # The loop comes to it when the answer has left.
            asyncio.get_running_loop().call_soon(self._offer, partial(again, turn.shadow()))
        return answer

    def _offer(self, compute: Compute) -> None:
        self._shadows.offer(compute, self._at_work)

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
        self._shadows.close()
        self._alerts.close()
        self._log.close()
        self._feedback.close()

    def _pinned(self, serving: InService[R]) -> Variant | None:
        variant = asked().pinned
        if variant is not None and variant not in serving.rankers:
            raise InvalidArgument(
                f"{HEADER}: {self._scenario} has no {variant} now; it has "
                f"{' and '.join(serving.rankers)}"
            )
        return variant

    def _swapped(self, serving: InService[R]) -> None:
        self._feedback.forget_before(serving.state.as_of)
        self._tells.now(serving)


def refuse_unsound(warmed: Sequence[LoggedCandidate]) -> None:
    """Keeps a model from serving that answers nothing, or what is no number.

    Raises:
        ModelUnloadable: it does.
    """
    if not warmed or not all(isfinite(candidate.score) for candidate in warmed):
        raise ModelUnloadable(
            "the model ranks nothing, or its scores are no finite numbers; train it anew"
        )
