"""The kinds of arrays that a world is made of; shapes stand beside their names.

n requests, K candidates of each, T tastes, P products.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Strings: TypeAlias = NDArray[np.str_]
Times: TypeAlias = NDArray[np.datetime64]  # microseconds, UTC
Spans: TypeAlias = NDArray[np.timedelta64]  # microseconds
Array: TypeAlias = NDArray[Any]


def spans(seconds: Floats) -> Spans:
    """Seconds as time spans."""
    return np.rint(seconds * 1e6).astype(np.int64).astype("timedelta64[us]")
