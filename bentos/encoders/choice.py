"""A way of computing, and what is known of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backend:
    """A way of computing."""

    name: str  # of the library
    precision: str


@dataclass(frozen=True)
class Choice:
    """A backend, and how far it is from fp32 on the rows it was tried on."""

    backend: Backend
    agreement: float  # Spearman's rank correlation of its scores with fp32's
    tolerance: float  # the greatest difference of a score from fp32's


EXACT = Backend("torch", "fp32")
UNTRIED = Choice(EXACT, agreement=1.0, tolerance=0.0)
