"""Feedback from shoppers: checked, logged once, and known to every worker of the host at once."""

import fcntl
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bentos.serving.errors import LogUnwritable
from bentos.serving.jsonl import JsonLinesReader, JsonLinesWriter
from bentos.serving.segments import Keeping

_log = logging.getLogger("bentoml.shopkeeper")

EventType = Literal["impression", "click", "add_to_cart", "purchase", "redemption", "return"]


def _as_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:  # in the first or last hours of the calendar
        raise ValueError(f"{moment.isoformat()} can't be told in UTC") from error


UtcDatetime = Annotated[datetime, AfterValidator(_as_utc)]  # one without a zone is taken as UTC
Identifier = Annotated[str, Field(min_length=1, max_length=200)]


class FeedbackEvent(BaseModel):
    """Something a shopper did."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True, extra="forbid")

    event_id: Identifier
    event_type: EventType
    product_id: Identifier
    user_id: Identifier
    occurred_at: UtcDatetime
    request_id: Identifier | None = None
    session_id: Identifier | None = None
    quantity: float = Field(default=1, ge=0, le=100_000)
    price: float | None = Field(default=None, ge=0, allow_inf_nan=False)  # paid for one unit
    discount: float | None = Field(default=None, ge=0, allow_inf_nan=False)  # off one unit's price
    store_id: Identifier | None = None


class FeedbackRequest(BaseModel):
    """Events, each judged by itself: a bad one does not stand in the way of the others."""

    model_config = ConfigDict(extra="forbid")

    events: list[Any] = Field(
        max_length=10_000, json_schema_extra={"items": FeedbackEvent.model_json_schema()}
    )


class Refused(BaseModel):
    """An event that was not taken, and why."""

    index: int
    event_id: str | None
    field: str
    reason: str


class FeedbackAnswer(BaseModel):
    """What became of the events that were sent."""

    accepted: int  # new, and now in the log
    duplicates: int  # their event_id was known already: nothing to do
    refused: list[Refused]


def check_events(
    events: Sequence[Any], known_products: Collection[str], now: datetime | None
) -> tuple[list[FeedbackEvent], list[Refused]]:
    """Splits what was sent into good events and refused ones.

    With ``now``, an event may not come from more than five minutes ahead.
    """
    good: list[FeedbackEvent] = []
    refused: list[Refused] = []
    for index, sent in enumerate(events):
        try:
            event = FeedbackEvent.model_validate(sent)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "event"
            refused.append(_refuse(index, sent, field, first["msg"]))
            continue
        if event.product_id not in known_products:
            reason = f"{event.product_id} is not a product of the catalogue"
            refused.append(_refuse(index, sent, "product_id", reason))
        elif now is not None and (event.occurred_at - now).total_seconds() > 300:
            reason = f"{event.occurred_at.isoformat()} is in the future"
            refused.append(_refuse(index, sent, "occurred_at", reason))
        else:
            good.append(event)
    return good, refused


def _refuse(index: int, sent: Any, field: str, reason: str) -> Refused:
    event_id = sent.get("event_id") if isinstance(sent, dict) else None
    return Refused(
        index=index,
        event_id=None if event_id is None else str(event_id),
        field=field,
        reason=reason,
    )


class FeedbackLog:
    """The feedback of all workers of a host since the online state's time.

    Each worker appends to segments of its own and follows the others'; a lock on the folder makes
    "is it known? else log it" one step for all of them.
    """

    def __init__(self, folder: Path, keeping: Keeping = Keeping()) -> None:  # noqa: B008 (frozen)
        """Knows nothing until the first call, which reads the folder from the start."""
        self._folder = folder
        self._writer = JsonLinesWriter(folder, keeping)
        self._reader = JsonLinesReader(folder)
        self._lock = Lock()
        self._since = datetime.min.replace(tzinfo=UTC)
        self._known: dict[str, datetime] = {}  # event_id: when it happened or was logged
        self._by_user: dict[str, list[FeedbackEvent]] = defaultdict(list)

    def append(self, events: Sequence[FeedbackEvent]) -> int:
        """Logs the events whose ``event_id`` is new, and returns how many that were.

        Raises:
            LogUnwritable: the disk refuses; none of them was logged.
        """
        with self._lock, self._sole_writer():
            self._catch_up()
            new = list({e.event_id: e for e in events if e.event_id not in self._known}.values())
            if new:
                logged_at = datetime.now(UTC)
                self._writer.append({**e.model_dump(), "logged_at": logged_at} for e in new)
                self._catch_up()
            return len(new)

    def of_user(self, user_id: str, since: datetime, until: datetime) -> list[FeedbackEvent]:
        """The user's events with ``since <= occurred_at < until``, in the order they happened."""
        with self._lock:
            self._catch_up()
            events = [e for e in self._by_user.get(user_id, ()) if since <= e.occurred_at < until]
        return sorted(events, key=lambda event: (event.occurred_at, event.event_id))

    def forget_before(self, time: datetime) -> None:
        """Drops from memory what the online state holds by now; the log keeps it.

        What was logged since is still known by its ``event_id``, however long ago it happened. A
        time before the last one, of an older state, reads the log again.
        """
        with self._lock:
            if time < self._since:
                self._reader = JsonLinesReader(self._folder)
                self._known, self._by_user = {}, defaultdict(list)
            self._since = time
            self._known = {name: last for name, last in self._known.items() if last >= time}
            kept = [e for events in self._by_user.values() for e in events if e.occurred_at >= time]
            self._by_user = defaultdict(list)
            for event in kept:
                self._by_user[event.user_id].append(event)

    def close(self) -> None:
        """Closes this worker's segment."""
        self._writer.close()

    def _catch_up(self) -> None:
        for line in self._reader.new_lines():
            try:
                logged_at = datetime.fromisoformat(line.pop("logged_at"))
                self._remember(FeedbackEvent.model_validate(line), logged_at)
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                _log.error("a line of %s is no event and left out: %s", self._folder, error)

    def _remember(self, event: FeedbackEvent, logged_at: datetime) -> None:
        last = max(event.occurred_at, logged_at)
        if last < self._since or event.event_id in self._known:
            return
        self._known[event.event_id] = last
        if event.occurred_at >= self._since:
            self._by_user[event.user_id].append(event)

    @contextmanager
    def _sole_writer(self) -> Iterator[None]:
        with self._open_lock() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _open_lock(self) -> IO[str]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return (self._folder / ".lock").open("w")
        except OSError as error:
            raise LogUnwritable(
                f"{self._folder} can't be written: {error.strerror}. Nothing was logged; free "
                "space on the disk or mend the folder's permissions, and send the events again."
            ) from error
