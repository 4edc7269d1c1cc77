"""By when an answer is wanted: as the request says, else its header, else the setting."""

from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from bentos.serving.headers import RawHeaders, named
from bentos.serving.rollout import Variant

HEADER = "X-Deadline-Ms"
_RAW_HEADER = HEADER.lower().encode()  # as ASGI has it

DeadlineMs = Annotated[float, Field(gt=0, allow_inf_nan=False)] | Literal["off"]


class Timed(BaseModel):
    """A request that may say within how many milliseconds it wants its answer."""

    deadline_ms: DeadlineMs | None = None  # null: as the service is set; "off": however long it is


class Headers(BaseModel):
    """What a request's headers say of it."""

    ms: DeadlineMs = Field(alias=HEADER)


@dataclass
class Asked:
    """The request at hand: by when it is to be answered, and what is computed for it."""

    arrived: float = 0.0  # on `time.monotonic`
    allowed_ms: float = inf  # from then on; inf: however long it takes
    pinned: Variant | None = None  # that is to answer it
    _futures: list[Future[Any]] = field(default_factory=list)
    _given_up: bool = False

    @property
    def by(self) -> float:
        """The moment, on `time.monotonic`."""
        return self.arrived + self.allowed_ms / 1000

    def waits_for(self, future: Future[Any]) -> None:
        """Something is computed for it, and only for it."""
        self._futures.append(future)
        if self._given_up:
            future.cancel()

    def give_up(self) -> None:
        """Nobody waits for the answer any longer: what has not begun need not."""
        self._given_up = True
        for future in self._futures:
            future.cancel()


_asked: ContextVar[Asked] = ContextVar("asked", default=Asked())  # noqa: B039 (never given up)


def asked() -> Asked:
    """The request at hand; outside of any, one that may take however long it does."""
    return _asked.get()


def begin(arrived: float, allowed_ms: float, pinned: Variant | None = None) -> Asked:
    """A request of this task, and of what it starts or asks by `asyncio.to_thread`."""
    request = Asked(arrived, allowed_ms, pinned)
    _asked.set(request)
    return request


def milliseconds_allowed(request: BaseModel, headers: RawHeaders, usual: DeadlineMs) -> float:
    """How long after its arrival a request is to be answered; inf: whenever.

    Raises:
        ValidationError: its header is no such number.
    """
    said = request.deadline_ms if isinstance(request, Timed) else None
    allowed = said or _named_in(headers) or usual
    return inf if allowed == "off" else allowed


def _named_in(headers: RawHeaders) -> DeadlineMs | None:
    value = named(headers, _RAW_HEADER)
    return None if value is None else Headers.model_validate({HEADER: value}).ms
