"""When to retrain: a first, simple policy on the model's age and its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from flows.policies.causes import DATA, SERVING

DRIFTS = ("taste", "new_products")  # of the world, which a new model can follow

MAXIMUM_AGE_DAYS = 21  # two weeks in service: a model is a week old when it is proven
LEAST_UNSEEN_SHARE = 0.01  # of all examples: less is not worth a training
STANDARD_ERRORS = 3.0
LEAST_DRIFT_DAYS = 3  # of a changed world, for a new model to learn it from


@dataclass(frozen=True)
class DayFigure:
    """The live metric on one day."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class OpenIncident:
    """An incident that goes on."""

    incident_id: str
    cause: str
    age_days: int  # since its first day
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """What the policy sees."""

    age_days: int  # since the cut that the model was trained up to
    examples: int  # to learn from: purchases, or judged pairs
    unseen_examples: int  # that the model has not learnt from
    recent: Sequence[DayFigure]  # of the last days whose outcomes have come, oldest first
    earlier: Sequence[DayFigure]  # of the same model before them
    judged_to: date | None = None  # the last of these days; later ones are too young
    incidents: Sequence[OpenIncident] = ()  # that are open


@dataclass(frozen=True)
class Decision:
    """What to do, and why in a sentence."""

    action: str  # retrain or hold
    reason: str


def decide(evidence: Evidence) -> Decision:
    """Retrains a model that is old or has got worse, if there is something new to learn from.

    Not while data or services are at fault: a model would learn the fault, or could not mend it.
    """
    for incident in evidence.incidents:
        if incident.cause in (*DATA, *SERVING):
            return Decision(
                "hold",
                f"{incident.incident_id} is open, a fault of data or services that a new model "
                f"would learn from or not mend: {incident.sentence}",
            )
    share = evidence.unseen_examples / max(evidence.examples, 1)
    if share < LEAST_UNSEEN_SHARE:
        return Decision(
            "hold", f"only {share:.1%} of all examples are new to the model: nothing to learn yet"
        )
    for incident in evidence.incidents:
        unseen = LEAST_DRIFT_DAYS <= incident.age_days < evidence.age_days
        if incident.cause in DRIFTS and unseen:
            return Decision("retrain", f"{incident.incident_id}: {incident.sentence}")
    if drop := _significant_drop(evidence):
        return Decision("retrain", drop)
    if evidence.age_days >= MAXIMUM_AGE_DAYS:
        return Decision(
            "retrain",
            f"the model was trained {evidence.age_days} days ago (at most "
            f"{MAXIMUM_AGE_DAYS} are allowed) and {share:.1%} of all examples are new to it",
        )
    if not evidence.recent or not evidence.earlier:
        return Decision(
            "hold",
            f"the model is {evidence.age_days} days old, and too few days of its figures can be "
            "judged to tell whether it has got worse",
        )
    return Decision(
        "hold", f"the model is {evidence.age_days} days old and its figures have not fallen"
    )


def _significant_drop(evidence: Evidence) -> str | None:
    if not evidence.recent or not evidence.earlier:
        return None
    now, now_error = _mean(evidence.recent)
    before, before_error = _mean(evidence.earlier)
    error = sqrt(now_error**2 + before_error**2)
    if before - now <= STANDARD_ERRORS * error:
        return None
    return (
        f"the live metric fell from {before:.4f} to {now:.4f}, by more than {STANDARD_ERRORS:.0f} "
        f"standard errors of {error:.4f}"
    )


def _mean(figures: Sequence[DayFigure]) -> tuple[float, float]:
    n = len(figures)
    return (
        sum(figure.value for figure in figures) / n,
        sqrt(sum(figure.standard_error**2 for figure in figures)) / n,
    )
