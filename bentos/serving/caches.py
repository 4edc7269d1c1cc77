"""What was worked out before, kept for whoever asks the same."""

from collections.abc import Callable
from hashlib import blake2b
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache
from prometheus_client import Counter

_REQUESTS = Counter(
    "shopkeeper_cache_requests_total",
    "What was looked for in a cache, and whether it was there.",
    ["cache", "outcome"],
)
_DIGEST_BYTES = 16

T = TypeVar("T")


class Cache(Generic[T]):
    """So many results of one kind of work; the one that was wanted longest ago makes room.

    What it gives belongs to all who ask: nobody changes it. It keeps digests of what was asked: how
    much somebody typed does not decide how much memory that takes.
    """

    def __init__(self, name: str, size: int) -> None:
        """One of size 0 keeps nothing, and counts nothing."""
        self._size = size
        self._kept: LRUCache[bytes, T] = LRUCache(size)
        self._lock = Lock()
        if size:
            self._hits, self._misses = (_REQUESTS.labels(name, said) for said in ("hit", "miss"))

    def get(
        self, asked: object, work_out: Callable[[], T], worth: Callable[[T], bool] = lambda _: True
    ) -> T:
        """What came of the work before, else what comes of it now.

        ``asked`` is all that decides the result, and differs in its ``repr``; only a result that is
        ``worth`` it is kept. Who asks while another works it out works it out, too.
        """
        if not self._size:
            return work_out()
        key = blake2b(repr(asked).encode(), digest_size=_DIGEST_BYTES).digest()
        with self._lock:
            known = self._kept.get(key)
        if known is not None:
            self._hits.inc()
            return known
        self._misses.inc()
        found = work_out()
        if worth(found):
            with self._lock:
                self._kept[key] = found
        return found
