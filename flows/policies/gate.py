"""The gate: may a new model take the champion's place?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RELATIVE_TOLERANCE = 0.02
STANDARD_ERRORS = 2.0


@dataclass(frozen=True)
class Comparison:
    """The new model against a rival on the same queries of a segment, paired."""

    rival: str
    segment: str
    value: float  # the rival's
    difference: float  # the new model's minus the rival's
    standard_error: float  # of the difference
    n: int

    @property
    def tolerance(self) -> float:
        """How much may be lost: the larger of 2% and two paired standard errors."""
        return max(RELATIVE_TOLERANCE * self.value, STANDARD_ERRORS * self.standard_error)

    @property
    def lost(self) -> bool:
        """Whether the new model loses by more than that."""
        return self.difference < -self.tolerance


@dataclass(frozen=True)
class Verdict:
    """What the gate says."""

    passed: bool
    reason: str


def judge_model(metric: str, comparisons: Sequence[Comparison]) -> Verdict:
    """Passes a model that loses nowhere by more than chance or 2% explain.

    Raises:
        ValueError: there is nothing to compare with.
    """
    if not comparisons:
        raise ValueError("the gate needs a champion or a baseline to compare the new model with")
    lost = [comparison for comparison in comparisons if comparison.lost]
    if lost:
        return Verdict(False, "; ".join(_describe(metric, comparison) for comparison in lost))
    overall = [comparison for comparison in comparisons if comparison.segment == "all"]
    return Verdict(True, "; ".join(_describe(metric, c) for c in overall or comparisons))


def best_rival(means: Mapping[str, float]) -> str:
    """The name with the greatest mean; of equals, the first by name."""
    return min(means, key=lambda name: (-means[name], name))


def _describe(metric: str, comparison: Comparison) -> str:
    direction = "below" if comparison.difference < 0 else "above"
    return (
        f"{metric} on {comparison.segment} is {abs(comparison.difference):.4f} {direction} "
        f"{comparison.rival}'s {comparison.value:.4f} (tolerated: -{comparison.tolerance:.4f}, "
        f"n={comparison.n})"
    )
