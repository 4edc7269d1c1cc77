"""What a request has models read, and who decides when: a scheduler, or nobody."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Reader(Protocol):
    """A model that reads rows of some kind."""

    def read(self, rows: Sequence[Any], /) -> Floats:
        """What it says of each, [n, …]."""


class Reading(Protocol):
    """Has rows read."""

    def __call__(self, reader: Reader, rows: Sequence[Any], tokens: Sequence[int], /) -> Floats:
        """What the reader says of all rows, or of the first; ``tokens`` say what each costs."""


def at_once(reader: Reader, rows: Sequence[Any], tokens: Sequence[int], /) -> Floats:  # noqa: ARG001
    """Everything is read, however long it takes."""
    return reader.read(rows)
