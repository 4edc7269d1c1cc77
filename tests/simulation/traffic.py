"""Who asks, and when: shoppers by hour, weekday and season, and bots as regular as clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from bentos.serving.rollout import Beside, RolloutRecord
from bentos.serving.variants import assigned
from tests.simulation.arrays import Array, Bools, Floats, Ints, Strings, Times
from tests.simulation.shop import Shop
from tests.simulation.world import World

_HOURS = 1 + 0.8 * np.cos(2 * np.pi * (np.arange(24) - 18) / 24)  # busiest at six in the evening
_DAY_SECONDS = 86400


@dataclass(frozen=True, eq=False)
class Population:
    """Everybody who asks: people first, then bots."""

    user_id: Strings  # [U]
    taste: Ints  # [U]; where a shop searches it is each request's own
    often: Floats  # of people: their share of the requests
    challenged: Bools  # [U] whom the challenger answers, always
    clicks_all: Bools  # [U] bots
    clicks_none: Bools  # [U] bots

    @property
    def bots(self) -> Ints:
        """Their rows."""
        return np.flatnonzero(self.clicks_all | self.clicks_none)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Requests in the order of time."""

    at: Times  # [n]
    user: Ints  # [n] rows of the population
    taste: Ints  # [n] rows of the shop's tastes

    def __len__(self) -> int:
        return len(self.at)

    def part(self, rows: slice) -> "Arrivals":
        """Some of them."""
        return Arrivals(self.at[rows], self.user[rows], self.taste[rows])


def model_tags(world: World, scenario: str) -> list[str]:
    """The models as logs name them, the champion first."""
    return [f"{scenario}:{model.name}" for model in world.models]


def population(world: World, shop: Shop) -> Population:
    """The world's people, as often as their tastes ask, and its bots.

    There may be more people than households: then several are of the same taste.
    """
    people, bots = world.shoppers, _n_bots(world)
    taste = np.arange(people + bots) % len(shop.tastes)
    user_id = np.array([_user_id(shop, n) for n in range(people + bots)])
    often = np.ones(people) if shop.scenario == "search" else shop.weight[taste[:people]]
    is_bot = np.arange(people + bots) >= people
    odd = (np.arange(people + bots) - people) % 2 == 1
    return Population(
        user_id=user_id,
        taste=taste,
        often=often / often.sum(),
        challenged=_challenged(world, shop, user_id),
        clicks_all=is_bot & ~odd,
        clicks_none=is_bot & odd,
    )


def arrivals(world: World, shop: Shop, people: Population, day: date) -> Arrivals:
    """A day's requests."""
    rng = world.rng(_number(day), 0)
    n = int(rng.poisson(world.requests_a_day * world.season.factor(day)))
    seconds = rng.choice(24, n, p=_HOURS / _HOURS.sum()) * 3600 + rng.random(n) * 3600
    user = rng.choice(len(people.often), n, p=people.often)
    bots, their_seconds = _of_bots(world, people, rng)
    seconds, user = np.concatenate([seconds, their_seconds]), np.concatenate([user, bots])
    order = np.argsort(seconds, kind="stable")
    at = np.datetime64(day, "us") + (seconds[order] * 1e6).astype("timedelta64[us]")
    taste = people.taste[user[order]]
    if shop.scenario == "search":
        taste = rng.choice(len(shop.tastes), len(at), p=shop.weight)
    return Arrivals(at, user[order], taste)


def promoted(world: World, shop: Shop, day: date) -> Bools:
    """[P]: which products are cheaper in the week of the day."""
    week = (_number(day) - 1) // 7  # from Monday
    chance = world.rng(week, 7).random(len(shop.product_ids))
    found: Bools = chance < world.promotions.share
    return found


def _number(day: date) -> int:
    return day.toordinal()


def _of_bots(world: World, people: Population, rng: np.random.Generator) -> tuple[Array, Floats]:
    """Who of them asks at which second of the day."""
    each = world.bots.requests_a_day
    interval = _DAY_SECONDS / each
    first = rng.random(len(people.bots)) * interval
    seconds = first[:, None] + interval * np.arange(each)
    return np.repeat(people.bots, each), seconds.ravel()


def _n_bots(world: World) -> int:
    share = world.bots.share
    requests = world.requests_a_day * share / (1 - share)
    return round(requests / world.bots.requests_a_day)


def _user_id(shop: Shop, n: int) -> str:
    """A household's own, where the shop knows households and this is the first of its taste."""
    copy, taste = divmod(n, len(shop.tastes))
    if shop.scenario == "search":
        return f"shopper-{n}"
    return f"{shop.tastes[taste]}-{copy}" if copy else str(shop.tastes[taste])


def _challenged(world: World, shop: Shop, user_ids: Sequence[str] | Strings) -> Bools:
    champion, *others = model_tags(world, shop.scenario)
    if not others:
        return np.zeros(len(user_ids), bool)
    record = RolloutRecord(
        scenario=shop.scenario,
        version=1,
        champion=champion,
        beside=Beside(model_tag=others[0], role="challenger", share=world.challenger_share),
        bento_tag=f"{shop.scenario}:simulated",
        reason="simulated",
    )
    return np.array([assigned(record, str(user)) == "challenger" for user in user_ids])
