"""Who answers a request: its header says so, or the rollout record and whom it comes from."""

from hashlib import blake2b

from pydantic import BaseModel, Field

from bentos.serving.headers import RawHeaders, named
from bentos.serving.rollout import RolloutRecord, Variant

HEADER = "X-Shopkeeper-Variant"  # names the variant that is to answer: for tests of one model
_RAW_HEADER = HEADER.lower().encode()
_PLACES = 2**64


class _Headers(BaseModel):
    variant: Variant = Field(alias=HEADER)


def pinned_in(headers: RawHeaders) -> Variant | None:
    """The variant that a request's header names.

    Raises:
        ValidationError: there is no such variant.
    """
    value = named(headers, _RAW_HEADER)
    return None if value is None else _Headers.model_validate({HEADER: value}).variant


def assigned(record: RolloutRecord, whom: str) -> Variant:
    """The variant that answers ``whom``: a user, or else a session or a single request.

    The challenger's model and ``whom`` together fall on a place from 0 to 1, and below the share
    the challenger answers. So everybody keeps to one variant, another share moves only those
    between the two shares, and the next challenger meets other users.
    """
    beside = record.beside
    if beside is None or beside.role == "shadow":
        return "champion"
    if beside.share is None:
        return beside.role
    return beside.role if _place(beside.model_tag, whom) < beside.share else "champion"


def _place(model_tag: str, whom: str) -> float:
    digest = blake2b(f"{model_tag} {whom}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / _PLACES
