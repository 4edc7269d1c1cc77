"""By when an answer is wanted: as the request says, else its header, else the setting."""

from collections.abc import Sequence
from contextvars import ContextVar
from math import inf
from typing import Annotated, Literal

from pydantic import BaseModel, Field

HEADER = "X-Deadline-Ms"
_RAW_HEADER = HEADER.lower().encode()  # as ASGI has it

DeadlineMs = Annotated[float, Field(gt=0, allow_inf_nan=False)] | Literal["off"]

_deadline: ContextVar[float] = ContextVar("deadline", default=inf)


class Timed(BaseModel):
    """A request that may say within how many milliseconds it wants its answer."""

    deadline_ms: DeadlineMs | None = None  # null: as the service is set; "off": however long it is


class Headers(BaseModel):
    """What a request's headers say of it."""

    ms: DeadlineMs = Field(alias=HEADER)


def deadline() -> float:
    """By when the request at hand is to be answered, on `time.monotonic`; inf: whenever."""
    return _deadline.get()


def set_deadline(moment: float) -> None:
    """Sets it for this task, and for the tasks and `asyncio.to_thread` threads that it starts."""
    _deadline.set(moment)


def milliseconds_allowed(
    request: BaseModel, headers: Sequence[tuple[bytes, bytes]], usual: DeadlineMs
) -> float:
    """How long after its arrival a request is to be answered; inf: whenever.

    Raises:
        ValidationError: its header is no such number.
    """
    asked = request.deadline_ms if isinstance(request, Timed) else None
    allowed = asked or _asked_in(headers) or usual
    return inf if allowed == "off" else allowed


def _asked_in(headers: Sequence[tuple[bytes, bytes]]) -> DeadlineMs | None:
    for name, value in headers:
        if name == _RAW_HEADER:
            return Headers.model_validate({HEADER: value.decode("latin-1")}).ms
    return None
