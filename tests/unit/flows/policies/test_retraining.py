"""When to retrain: enough to learn from, and a model that is old or has got worse."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flows.policies.causes import DATA, SERVING
from flows.policies.retraining import (
    MAXIMUM_AGE_DAYS,
    DayFigure,
    Decision,
    Evidence,
    OpenIncident,
    decide,
)

Figures = Sequence[tuple[float, float]]  # value, standard error


def _decide(
    age_days: int = 3,
    unseen: int = 100,
    examples: int = 1000,
    recent: Figures = (),
    earlier: Figures = (),
    causes: Sequence[str] = (),
    incident_days: int = 3,
) -> Decision:
    return decide(
        Evidence(
            age_days=age_days,
            examples=examples,
            unseen_examples=unseen,
            recent=[DayFigure(*figure) for figure in recent],
            earlier=[DayFigure(*figure) for figure in earlier],
            incidents=[
                OpenIncident(f"search-1-{cause}", cause, incident_days, "it fell")
                for cause in causes
            ],
        )
    )


def test_a_young_model_whose_figures_hold_is_kept() -> None:
    decision = _decide(recent=[(0.5, 0.1)], earlier=[(0.5, 0.1)])
    assert decision == Decision("hold", "the model is 3 days old and its figures have not fallen")


@pytest.mark.parametrize(
    ("recent", "earlier"),
    [([], []), ([], [(0.5, 0.1)]), ([(0.5, 0.1)], [])],
    ids=["none", "earlier", "recent"],
)
def test_of_figures_that_are_not_there_nobody_says_that_they_have_not_fallen(
    recent: Figures, earlier: Figures
) -> None:
    assert _decide(recent=recent, earlier=earlier) == Decision(
        "hold",
        "the model is 3 days old, and too few days of its figures can be judged to tell whether "
        "it has got worse",
    )


@pytest.mark.parametrize(("days", "action"), [(-1, "hold"), (0, "retrain"), (1, "retrain")])
def test_a_model_of_the_greatest_age_is_retrained(days: int, action: str) -> None:
    assert _decide(age_days=MAXIMUM_AGE_DAYS + days).action == action


def test_an_old_model_is_retrained_with_its_age_and_what_is_new_as_the_reason() -> None:
    assert _decide(age_days=40, unseen=25).reason == (
        f"the model was trained 40 days ago (at most {MAXIMUM_AGE_DAYS} are allowed) and 2.5% of "
        "all examples are new to it"
    )


@pytest.mark.parametrize(("unseen", "action"), [(9, "hold"), (10, "retrain")])
def test_below_one_percent_of_new_purchases_there_is_nothing_to_learn(
    unseen: int, action: str
) -> None:
    assert _decide(age_days=100, unseen=unseen, examples=1000).action == action


def test_without_new_purchases_even_a_fallen_metric_does_not_retrain() -> None:
    decision = _decide(unseen=0, recent=[(0.1, 0.001)], earlier=[(0.5, 0.001)])
    assert decision == Decision(
        "hold", "only 0.0% of all examples are new to the model: nothing to learn yet"
    )


def test_a_shop_without_purchases_holds() -> None:
    assert _decide(age_days=100, unseen=0, examples=0).action == "hold"


def test_a_metric_that_fell_by_more_than_three_standard_errors_retrains_at_any_age() -> None:
    # 0.03 and 0.04 make 0.05; three of them are 0.15, and 0.16 was lost
    decision = _decide(age_days=0, recent=[(0.34, 0.03)], earlier=[(0.5, 0.04)])
    assert decision == Decision(
        "retrain",
        "the live metric fell from 0.5000 to 0.3400, by more than 3 standard errors of 0.0500",
    )


def test_a_fall_within_three_standard_errors_is_chance() -> None:
    assert _decide(recent=[(0.36, 0.03)], earlier=[(0.5, 0.04)]).action == "hold"


def test_exactly_three_standard_errors_are_still_chance() -> None:
    # 0.375 and 0.5 make 0.625: numbers that binary fractions hold exactly
    assert _decide(recent=[(0.125, 0.375)], earlier=[(2.0, 0.5)]).action == "hold"
    assert _decide(recent=[(0.124, 0.375)], earlier=[(2.0, 0.5)]).action == "retrain"


def test_days_are_averaged_and_their_errors_shrink_with_them() -> None:
    # recent: mean 0.4, error sqrt(0.03² + 0.04²) / 2 = 0.025; earlier: mean 0.5, error 0
    recent = [(0.35, 0.03), (0.45, 0.04)]
    assert _decide(recent=recent, earlier=[(0.5, 0.0)]).reason == (
        "the live metric fell from 0.5000 to 0.4000, by more than 3 standard errors of 0.0250"
    )
    assert _decide(recent=recent, earlier=[(0.47, 0.0)]).action == "hold"  # 2.8


def test_a_metric_that_rose_does_not_retrain() -> None:
    assert _decide(recent=[(0.9, 0.001)], earlier=[(0.5, 0.001)]).action == "hold"


@pytest.mark.parametrize(
    ("recent", "earlier"), [([], [(0.5, 0.001)]), ([(0.1, 0.001)], [])], ids=["recent", "earlier"]
)
def test_without_figures_to_compare_only_age_counts(recent: Figures, earlier: Figures) -> None:
    assert _decide(age_days=MAXIMUM_AGE_DAYS - 1, recent=recent, earlier=earlier).action == "hold"
    assert _decide(age_days=MAXIMUM_AGE_DAYS, recent=recent, earlier=earlier).action == "retrain"


def test_equal_figures_without_any_error_have_not_fallen() -> None:
    assert _decide(recent=[(0.5, 0.0)], earlier=[(0.5, 0.0)]).action == "hold"


def test_figures_that_fell_without_any_error_have_fallen() -> None:
    decision = _decide(recent=[(0.4, 0.0)], earlier=[(0.5, 0.0)])
    assert decision == Decision(
        "retrain",
        "the live metric fell from 0.5000 to 0.4000, by more than 3 standard errors of 0.0000",
    )


@pytest.mark.parametrize("cause", [*DATA, *SERVING])
def test_while_data_or_services_are_at_fault_nothing_is_retrained(cause: str) -> None:
    decision = _decide(age_days=MAXIMUM_AGE_DAYS, causes=["taste", cause])
    assert decision.action == "hold"
    assert decision.reason.startswith(f"search-1-{cause} is open, a fault of data or services")


@pytest.mark.parametrize("cause", ["taste", "new_products"])
def test_a_world_that_drifts_asks_for_a_new_model(cause: str) -> None:
    decision = _decide(age_days=4, causes=[cause], incident_days=3)
    assert decision == Decision("retrain", f"search-1-{cause}: it fell")


@pytest.mark.parametrize(("age_days", "incident_days"), [(4, 2), (3, 3), (2, 9)])
def test_a_model_that_has_seen_the_drift_or_can_learn_too_little_of_it_is_kept(
    age_days: int, incident_days: int
) -> None:
    decision = _decide(age_days=age_days, causes=["taste"], incident_days=incident_days)
    assert decision.action == "hold"


def test_a_drift_without_anything_to_learn_from_it_holds() -> None:
    assert _decide(age_days=4, unseen=0, causes=["taste"]).action == "hold"


def test_robots_and_seasons_change_nothing() -> None:
    usual = _decide(recent=[(0.5, 0.1)], earlier=[(0.5, 0.1)])
    assert (
        _decide(recent=[(0.5, 0.1)], earlier=[(0.5, 0.1)], causes=["bots", "season", "unknown"])
        == usual
    )
