"""From scores to probabilities of relevance; see `bentos.search.calibrating` for how it is fitted.

Platt's sigmoid (1999) has two numbers and needs little data; isotonic regression (Zadrozny and
Elkan 2002) follows any rising curve. Neither reorders what it is given.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal["isotonic", "platt"]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """A rising curve from scores to probabilities.

    ``platt``: ``scores`` and ``values`` hold the intercept and the slope of the sigmoid's argument.
    ``isotonic``: they hold the corners of the curve, between which it runs straight.
    """

    method: Method
    scores: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, scores: NDArray[np.floating]) -> Doubles:
        """Probabilities of the scores, in the same shape."""
        if self.method == "platt":
            argument = self.scores[0] + self.values[0] * np.asarray(scores, np.float64)
            found: Doubles = np.exp(-np.logaddexp(0, -argument))
            return found
        risen: Doubles = np.interp(scores, self.scores, self.values)
        return risen


UNCALIBRATED = Calibration("platt", (0.0,), (1.0,))
