"""Who asks in a world, and when."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.simulation.shop import synthetic
from tests.simulation.traffic import arrivals, population, promoted
from tests.simulation.world import Bots, Model, Promotions, Season, World

SHOP = synthetic(tastes=40, products=2000)
FRIDAY, SATURDAY = date(2024, 3, 1), date(2024, 3, 2)
QUIET = Bots(share=0.0)


def test_seasons_by_hand() -> None:
    season = Season(weekend=0.5, yearly=0.4, peak=61)  # the first of March in a leap year
    assert season.factor(FRIDAY) == pytest.approx(0.8 * 1.4)
    assert season.factor(SATURDAY) == pytest.approx(1.5 * 1.4, rel=1e-3)
    week = [season.factor(date(2024, 3, day)) / 1.4 for day in range(1, 8)]
    assert np.mean(week) == pytest.approx(1, abs=0.005)
    assert season.factor(date(2024, 8, 30)) == pytest.approx(0.8 * 0.6, rel=1e-3)  # half a year on


def test_requests_come_in_the_order_of_time_and_most_in_the_evening() -> None:
    world = World(requests_a_day=20_000, bots=QUIET)
    asked = arrivals(world, SHOP, population(world, SHOP), SATURDAY)
    expected = 20_000 * world.season.factor(SATURDAY)
    assert len(asked) == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert (np.diff(asked.at) >= np.timedelta64(0)).all()
    assert set(asked.at.astype("datetime64[D]").astype(str)) == {"2024-03-02"}
    hours = np.bincount(asked.at.astype("datetime64[h]").astype(int) % 24, minlength=24)
    assert hours[18] == pytest.approx(expected * 1.8 / 24, abs=4 * np.sqrt(expected * 1.8 / 24))
    assert hours[6] == pytest.approx(expected * 0.2 / 24, abs=4 * np.sqrt(expected * 0.2 / 24))


def test_shoppers_ask_as_often_as_their_households() -> None:
    world = World(shoppers=80, requests_a_day=30_000, bots=QUIET)
    people = population(world, SHOP)
    asked = arrivals(world, SHOP, people, FRIDAY)
    counts = np.bincount(asked.taste, minlength=40)
    expected = SHOP.weight * len(asked)
    assert (np.abs(counts - expected) <= 4 * np.sqrt(expected)).all()
    assert list(people.user_id[[0, 39, 40, 79]]) == ["u0", "u39", "u0-1", "u39-1"]
    assert (people.taste[asked.user] == asked.taste).all()


def test_bots_ask_at_even_intervals() -> None:
    world = World(requests_a_day=9000, bots=Bots(share=0.1, requests_a_day=500), shoppers=10)
    people = population(world, SHOP)
    assert list(people.bots) == [10, 11]  # 1,000 of 10,000 requests
    assert list(people.clicks_all[[10, 11]]) == [True, False]
    asked = arrivals(world, SHOP, people, FRIDAY)
    for bot in people.bots:
        moments = asked.at[asked.user == bot]
        assert len(moments) == 500
        seconds = np.diff(moments) / np.timedelta64(1, "s")
        np.testing.assert_allclose(seconds, 86400 / 500, atol=1e-5)


def test_the_challenger_answers_its_share_of_users_and_always_the_same_ones() -> None:
    world = World(shoppers=5000, challenger_share=0.2)
    first, again = population(world, SHOP), population(world, SHOP)
    assert (first.challenged == again.challenged).all()
    assert first.challenged.mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / 5000))
    alone = population(World(models=(Model("a", 1.0),)), SHOP)
    assert not alone.challenged.any()


def test_promotions_change_by_the_week() -> None:
    world = World(promotions=Promotions(share=0.25))
    monday, sunday, next_monday = date(2024, 3, 4), date(2024, 3, 10), date(2024, 3, 11)
    first = promoted(world, SHOP, monday)
    assert first.mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 2000))
    assert (first != promoted(world, SHOP, next_monday)).any()
    assert (first == promoted(world, SHOP, sunday)).all()


def test_a_day_is_the_same_whether_others_were_drawn_before_it_or_not() -> None:
    world = World(requests_a_day=100)
    people = population(world, SHOP)
    alone = arrivals(world, SHOP, people, SATURDAY)
    arrivals(world, SHOP, people, FRIDAY)
    assert (arrivals(world, SHOP, people, SATURDAY).at == alone.at).all()
