"""What a fault is: how it changes what a stream brings, and what it changes most."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from tests.benchmarks.incidents.inputs import TABLES, Inputs, rewritten
from tests.benchmarks.incidents.simulated import Scene

Strength = Literal["weak", "medium", "strong"]
STRENGTHS: tuple[Strength, ...] = ("weak", "medium", "strong")

RECOMMEND, SEARCH = "simulated-recommend", "simulated-search"
RETAIL, JOURNEY = "online-retail", "complete-journey"


@dataclass(frozen=True)
class Fault:
    """A fault, or what looks like one.

    Queries see ``rows``, the ``$day`` and the ``$first`` day of the fault, and its ``$amount``;
    ``picked(key, share)`` is true of a share of keys that is drawn for each run.
    """

    name: str
    cause: str  # the label that is right
    stream: str
    says: str  # what it changes, with the amount
    amounts: tuple[float, float, float]  # weak, medium, strong
    evidence: str  # the quantity that it changes: a file of quantities/
    direction: Literal[1, -1]  # of that: up or down
    catalogue: str | None = None
    served: str | None = None
    events: str | None = None
    scene: Callable[[Scene, float], Scene] | None = None  # of a simulated stream
    benign: bool = False  # nothing is wrong: no incident is as good as the right label

    def amount(self, strength: Strength) -> float:
        """How much of it there is."""
        return self.amounts[STRENGTHS.index(strength)]


@dataclass(frozen=True)
class Injected:
    """A fault at a strength, from a day on."""

    fault: Fault
    strength: Strength
    first: date

    @property
    def amount(self) -> float:
        """How much of it there is."""
        return self.fault.amount(self.strength)

    @property
    def seed(self) -> int:
        """Draws what is picked: for each first day others, at each strength the same and more."""
        return self.first.toordinal()

    def set(self, scene: Any) -> Any:
        """A stream's scene with the fault in it."""
        return scene if self.fault.scene is None else self.fault.scene(scene, self.amount)

    def change(self, inputs: Inputs, day: date) -> Inputs:
        """A day's drops and lines with the fault in them."""
        told = {"day": day, "first": self.first, "amount": self.amount}
        changed = {
            name: rewritten(getattr(inputs, name), query, told, self.seed)
            for name in TABLES
            if (query := getattr(self.fault, name)) is not None
        }
        return replace(inputs, **changed)
