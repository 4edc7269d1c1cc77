"""Headers as ASGI has them."""

from collections.abc import Sequence

RawHeaders = Sequence[tuple[bytes, bytes]]


def named(headers: RawHeaders, name: bytes) -> str | None:
    """The first header of a name in lower case, if there is one."""
    for other, value in headers:
        if other == name:
            return value.decode("latin-1")
    return None
