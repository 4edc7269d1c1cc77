"""Answers that say why there is no answer."""

import logging
from http import HTTPStatus
from typing import TypeGuard, TypeVar, cast

from bentoml.exceptions import BentoMLException
from pydantic import ValidationError
from starlette.responses import JSONResponse

from bentos.serving.errors import BodyTooLong, LogUnwritable, Overloaded

Answer = TypeVar("Answer")

_OURS = HTTPStatus.INTERNAL_SERVER_ERROR

_log = logging.getLogger("bentoml.shopkeeper")


def not_logged(error: LogUnwritable, _instead_of: type[Answer]) -> Answer:
    """In the place of an answer that could not be logged, and so may not leave.

    It is returned, not raised: of an exception with such a status BentoML tells nobody the reason.
    """
    response = JSONResponse({"error": str(error)}, status_code=HTTPStatus.INSUFFICIENT_STORAGE)
    return cast("Answer", response)  # it is sent as it is


def not_understood(error: ValidationError) -> JSONResponse:
    """To a request that is not what was expected: which fields, and why."""
    said = {
        "error": f"{error.error_count()} validation error for {error.title}",
        "detail": error.errors(include_context=False, include_input=False),
    }
    return JSONResponse(said, status_code=HTTPStatus.BAD_REQUEST)


def is_the_senders(error: Exception) -> TypeGuard[BentoMLException]:
    """Whether the request was wrong, and not we."""
    return isinstance(error, BentoMLException) and error.error_code < _OURS


def refusal(error: Exception, path: str) -> JSONResponse:
    """To a request that failed: the reason where its sender can mend it, else in our log only."""
    if isinstance(error, BodyTooLong):
        return _told(error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if isinstance(error, Overloaded):
        return _told(error, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "1"})
    if is_the_senders(error):
        return _told(error, error.error_code)
    _log.error("%s failed", path, exc_info=error)
    said = "something went wrong here, not with the request; the service's log says what"
    return JSONResponse({"error": said}, status_code=_OURS)


def _told(
    error: Exception, status: HTTPStatus, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=status, headers=headers)
