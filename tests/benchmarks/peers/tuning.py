"""Tuning on the held-out week within a small budget: one setting after another."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

Choice = TypeVar("Choice")
Blend = TypeVar("Blend", bound=Hashable)


def coordinate_search(
    start: Choice,
    grid: Mapping[str, Sequence[Any]],
    measure: Callable[[Choice], Mapping[Blend, float]],
) -> dict[tuple[Choice, Blend], float]:
    """Tries the values of each field of ``start`` in turn, from the best choice so far.

    ``measure`` returns the ndcg@10 of a choice with each blend, which cost next to nothing beside
    it. Returns everything that was tried.
    """
    found = {(start, blend): value for blend, value in measure(start).items()}
    for name, values in grid.items():
        base, _ = argmax(found)
        for value in values:
            choice = replace(base, **{name: value})  # type: ignore[type-var]
            found |= {(choice, blend): value for blend, value in measure(choice).items()}
    return found


def argmax(found: Mapping[Any, float]) -> Any:
    """The key with the greatest value; of equals, the first."""
    return max(found, key=lambda key: found[key])
