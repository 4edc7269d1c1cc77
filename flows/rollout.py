"""Rollout: which model serves, and what stands beside it, as a person or another flow says."""

from datetime import UTC, datetime

from prefect import flow

from bentos.serving.rollout import Beside, RolloutRecord, Variant
from bentos.serving.store import stored_models
from flows.deploy import champion_of, package, promote, take_into_service
from flows.errors import RolloutRefused
from flows.settings import Settings


@flow(name="rollout")
def rollout_flow(
    scenario: str,
    variant: Variant,
    model_tag: str | None = None,
    share: float | None = None,
    why: str = "on demand",
) -> RolloutRecord:
    """Has a model serve as the ``variant``; what stood beside the champion before goes.

    As the champion without a ``model_tag`` the present one stays, alone.

    Raises:
        RolloutRefused: the store has no such model, there is no champion to stand beside, or all is
            as it is wanted already.
        NotServing: the service did not take it up.
    """
    settings = Settings()
    before = champion_of(settings, scenario)
    if model_tag is not None:
        _require(scenario, model_tag)
    champion = None if before is None else before.champion
    beside = None
    if variant != "champion":
        beside = Beside.model_validate({"model_tag": model_tag, "role": variant, "share": share})
    elif model_tag is not None:
        champion = model_tag
    if champion is None:
        raise RolloutRefused(
            f"no model serves {scenario} yet; `shopkeeper retrain {scenario}` fine-tunes, proves "
            "and promotes one."
        )
    _require_a_change(scenario, before, champion, beside)
    bento = _bento(scenario, before, champion, beside)
    today = datetime.now(UTC).date()
    record = promote(settings, scenario, champion, bento, today, why, beside)
    take_into_service(settings, record)
    return record


def _require(scenario: str, model_tag: str) -> None:
    stored = stored_models(scenario)
    if model_tag not in stored:
        raise RolloutRefused(
            f"the store has no model {model_tag} of {scenario}; it has "
            f"{', '.join(stored) or 'none: `shopkeeper fine-tune` makes one'}."
        )


def _require_a_change(
    scenario: str, before: RolloutRecord | None, champion: str, beside: Beside | None
) -> None:
    if beside is not None and beside.model_tag == champion:
        raise RolloutRefused(f"{champion} is the champion of {scenario}; name another model.")
    if before is not None and (before.champion, before.beside) == (champion, beside):
        other = f"{beside.model_tag} as its {beside.role}" if beside else "nothing"
        raise RolloutRefused(
            f"{champion} serves {scenario} with {other} beside it already: there is nothing to do."
        )


def _bento(
    scenario: str, before: RolloutRecord | None, champion: str, beside: Beside | None
) -> str:
    """A Bento with the models in it: the present one, where it has them."""
    wanted = [champion] if beside is None else [champion, beside.model_tag]
    if before is not None and set(wanted) <= set(before.models.values()):
        return before.bento_tag
    return package(scenario, *wanted)
