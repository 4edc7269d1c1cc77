"""What reading costs: seconds by tokens, learnt from every batch to follow the machine."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_KEPT = 0.98  # of what was known, with every batch: the last fifty decide


@dataclass
class CostModel:
    """A straight line through what batches took: a fixed part, and one that grows with tokens.

    Least squares in which older batches count less and less.
    """

    seconds_per_token: float  # to begin with
    _sums: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        """Begins with two batches that were never run, so that the line is a line."""
        self._sums = np.zeros(5)
        for tokens in (64, 1024):
            self.observe(tokens, tokens * self.seconds_per_token)

    def observe(self, tokens: int, seconds: float) -> None:
        """Takes a batch into account."""
        self._sums *= _KEPT
        self._sums += (1, tokens, seconds, tokens * tokens, tokens * seconds)

    def seconds(self, tokens: int) -> float:
        """What a batch of so many tokens takes."""
        fixed, slope = self._line()
        return fixed + tokens * slope

    def tokens_within(self, seconds: float) -> int:
        """How many tokens can be read in so many seconds; 0 where there is no time for any."""
        fixed, slope = self._line()
        return max(int((seconds - fixed) / slope), 0)

    def _line(self) -> tuple[float, float]:
        n, x, y, xx, xy = (float(value) for value in self._sums)
        spread = xx - x * x / n
        slope = (xy - x * y / n) / spread if spread > 1 else 0.0
        fixed = (y - slope * x) / n
        return (fixed, slope) if slope > 0 and fixed > 0 else (0.0, y / x)
