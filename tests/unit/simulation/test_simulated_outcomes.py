"""What comes of answers in a world: as often, and as late, as its truth says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.simulation.answers import LoggedAnswers
from tests.simulation.clicks import DBN, PBM, Cascade, ClickModel, power_bias
from tests.simulation.delays import USUAL
from tests.simulation.policies import PlackettLuce
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Block, Simulated
from tests.simulation.world import Bots, Failures, Funnel, Model, Promotions, World

DAY = date(2024, 3, 1)
PEOPLE = World(requests_a_day=20_000, bots=Bots(share=0.0), models=(Model("a", 0.5),))
SHOP = synthetic()


def _block(world: World) -> Block[LoggedAnswers]:
    simulated = Simulated(world, SHOP)
    return next(simulated.blocks(DAY, simulated.own_services()))


def _count(block: Block[Any], kind: str) -> int:
    return block.outcomes.events["event_type"].to_pylist().count(kind)


def _about(expected: float) -> Any:
    return pytest.approx(expected, abs=4 * np.sqrt(expected))


@pytest.mark.parametrize(
    "clicks", [PBM(power_bias(1.0, 10)), Cascade((1.0,) * 10), DBN(power_bias(0.5, 10))]
)
def test_events_come_as_often_as_was_to_be_expected(clicks: ClickModel) -> None:
    block = _block(replace(PEOPLE, clicks=clicks, policy=PlackettLuce()))
    found = block.outcomes
    assert _count(block, "click") == _about(found.click.sum())
    assert _count(block, "add_to_cart") == _about(0.3 * found.click.sum())
    assert _count(block, "purchase") == _about(found.purchase.sum())
    assert _count(block, "return") == _about(0.1 * found.purchase.sum())
    assert not found.examination[:, 10:].any()
    events = found.events
    bought = np.array(events["event_type"]) == "purchase"
    revenue = (events["price"].to_numpy() * events["quantity"].to_numpy())[bought].sum()
    assert revenue == pytest.approx(found.revenue.sum(), rel=0.15)


def _delays(block: Block[Any], kind: str) -> NDArray[np.float64]:
    events = block.outcomes.events
    asked = dict(zip(block.answers.request_id.tolist(), block.asked.at, strict=True))
    began = np.array([asked[request] for request in events["request_id"].to_pylist()])
    of_kind = np.array(events["event_type"]) == kind
    seconds = (events["occurred_at"].to_numpy() - began) / np.timedelta64(1, "s")
    return np.sort(seconds[of_kind])


@pytest.mark.parametrize("kind", USUAL)
def test_delays_follow_their_distribution(kind: str) -> None:
    often = replace(PEOPLE, funnel=Funnel(add_to_cart=0.9, purchase=0.9, returned=0.5))
    seconds = _delays(_block(often), kind)
    n = len(seconds)
    assert n > 1000
    expected = USUAL[kind].cdf(seconds)
    distance = np.abs(expected - (np.arange(n) + 0.5) / n).max() + 0.5 / n
    assert distance < 1.95 / np.sqrt(n)  # Kolmogorov and Smirnov: passed in 999 of 1,000 cases


def test_what_comes_of_a_click_comes_after_it() -> None:
    events = _block(PEOPLE).outcomes.events.to_pylist()
    moments = {
        (event["request_id"], event["rank"], event["event_type"]): event["occurred_at"]
        for event in events
    }
    kinds = list(USUAL)
    followed = 0
    for (request, rank, kind), moment in moments.items():
        if kind != "click":
            followed += 1
            assert moment > moments[request, rank, kinds[kinds.index(kind) - 1]]
    assert followed > 100


def test_bots_click_all_or_nothing_and_buy_nothing() -> None:
    world = replace(PEOPLE, requests_a_day=2000, bots=Bots(share=0.5, requests_a_day=1000))
    simulated = Simulated(world, SHOP)
    block = next(simulated.blocks(DAY, simulated.own_services()))
    people, user = simulated.people, block.asked.user
    shown = block.answers.listed[:, :10]
    for bots, share in ((people.clicks_all, 1.0), (people.clicks_none, 0.0)):
        theirs = bots[user]
        assert theirs.sum() == 1000
        assert (block.outcomes.click[theirs, :10] == share * shown[theirs]).all()
        assert not block.outcomes.purchase[theirs].any()
    by_bots = {str(name) for name in people.user_id[people.bots]}
    events = [e for e in block.outcomes.events.to_pylist() if e["user_id"] in by_bots]
    assert len(events) == shown[people.clicks_all[user]].sum()
    assert {event["event_type"] for event in events} == {"click"}


def test_promoted_products_are_bought_more_often_and_for_less() -> None:
    none = _block(replace(PEOPLE, promotions=Promotions(share=0.0)))
    world = replace(PEOPLE, promotions=Promotions(share=1.0, lift=1.5, discount=0.2))
    all_of_them = _block(world)
    np.testing.assert_allclose(all_of_them.outcomes.click, none.outcomes.click)
    np.testing.assert_allclose(all_of_them.outcomes.purchase, 1.5 * none.outcomes.purchase)
    assert _count(all_of_them, "purchase") == _about(1.5 * none.outcomes.purchase.sum())
    price = dict(zip(SHOP.product_ids.tolist(), SHOP.price.tolist(), strict=True))
    bought = [e for e in all_of_them.outcomes.events.to_pylist() if e["event_type"] == "purchase"]
    for event in bought:
        assert event["price"] == pytest.approx(0.8 * price[event["product_id"]], abs=0.006)
        assert event["price"] + event["discount"] == pytest.approx(price[event["product_id"]])


def test_nothing_comes_of_what_was_not_answered() -> None:
    failures = Failures(errors=0.1, client_gone=0.2, degraded=0.3)
    block = _block(replace(PEOPLE, failures=failures, policy=PlackettLuce()))
    answers, n = block.answers, len(block.asked)
    for found, share in ((answers.error, 0.1), (answers.client_gone, 0.2), (answers.degraded, 0.3)):
        assert found.sum() == _about(share * n)
    nothing = answers.error | answers.client_gone
    assert not answers.listed[nothing].any()
    assert answers.listed[~nothing].all()
    assert not block.outcomes.click[nothing].any()
    assert (answers.propensity[answers.degraded] == 1).all()
    assert len(np.unique(answers.product[answers.degraded], axis=0)) == 1
