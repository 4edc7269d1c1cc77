"""Answers that say why there is no answer."""

from http import HTTPStatus
from typing import TypeVar, cast

from starlette.responses import JSONResponse

from bentos.serving.errors import LogUnwritable

Answer = TypeVar("Answer")


def not_logged(error: LogUnwritable, _instead_of: type[Answer]) -> Answer:
    """In the place of an answer that could not be logged, and so may not leave.

    It is returned, not raised: of an exception with such a status BentoML tells nobody the reason.
    """
    response = JSONResponse({"error": str(error)}, status_code=HTTPStatus.INSUFFICIENT_STORAGE)
    return cast("Answer", response)  # BentoML sends it as it is
