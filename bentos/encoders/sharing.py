"""What several encoders have in common is held once.

Fine-tuning leaves most of MiniLM's layers as they were: a reranker, the encoder of texts and the
model that is about to take the reranker's place differ in one or two.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_HELD: WeakValueDictionary[Hashable, Any] = WeakValueDictionary()


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """What was made for a key, as long as somebody holds it; else made now."""
    held: T | None = _HELD.get(key)
    if held is None:
        held = _HELD[key] = make()
    return held
