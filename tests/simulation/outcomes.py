"""What shoppers do with what they are shown, and how likely it was."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.simulation.answers import Answers, lateness
from tests.simulation.arrays import Bools, Floats, Ints, spans
from tests.simulation.shop import Shop
from tests.simulation.traffic import Arrivals, Population
from tests.simulation.world import World

_REPORTED_SECONDS = 2.0  # on average until an event is in the log
_MORE = 0.2  # units beyond the first of what is bought, on average
_BOT_SECONDS = 0.2  # for each rank: how fast a bot clicks


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The truth of each candidate, and the events that come of all of them, whenever they do."""

    relevance: Floats  # [n, K]; 0 where there is no product
    examination: Floats  # [n, K]; given the list, 0 where it was not shown
    click: Floats  # [n, K] probability
    purchase: Floats  # [n, K] probability
    revenue: Floats  # [n, K] expected
    events: pa.Table  # in the order of time


@dataclass(frozen=True, eq=False)
class _Clicks:
    """What was clicked, and what may come of it."""

    row: Ints  # [c] of the request
    place: Ints  # [c] rank - 1
    product: Ints  # [c]
    by_bot: Bools  # [c]
    purchase: Floats  # [c] probability, once it is in the cart

    def part(self, kept: Bools) -> "_Clicks":
        return _Clicks(
            self.row[kept],
            self.place[kept],
            self.product[kept],
            self.by_bot[kept],
            self.purchase[kept],
        )


class Shoppers:
    """The people of a world, and its bots, before their answers."""

    def __init__(self, world: World, shop: Shop, people: Population) -> None:
        self._world = world
        self._shop = shop
        self._people = people

    def outcomes(
        self, asked: Arrivals, answers: Answers, promoted: Bools, rng: np.random.Generator
    ) -> Outcomes:
        """They look through the first ``limit`` products of each answer."""
        world, people = self._world, self._people
        listed, shown = answers.listed, slice(None, world.limit)
        truth = self._shop.relevance[asked.taste[:, None], answers.product]
        relevance = np.where(listed, truth, 0.0)
        examination = np.zeros(relevance.shape)
        clicked = np.zeros(relevance.shape, bool)
        examination[:, shown] = world.clicks.examination(relevance[:, shown]) * listed[:, shown]
        clicked[:, shown] = world.clicks.clicks(relevance[:, shown], rng)
        click = examination * relevance
        by_bot = np.isin(asked.user, people.bots)
        for bots, does in ((people.clicks_all, 1.0), (people.clicks_none, 0.0)):
            theirs = bots[asked.user]
            examination[theirs, shown] = click[theirs, shown] = does * listed[theirs, shown]
            clicked[theirs] = click[theirs] > 0
        lift = np.where(promoted, world.promotions.lift, 1.0)[answers.product]
        bought = np.minimum(world.funnel.purchase * lift, 1.0)
        purchase = click * world.funnel.add_to_cart * bought * ~by_bot[:, None]
        row, place = np.nonzero(clicked)
        clicks = _Clicks(row, place, answers.product[row, place], by_bot[row], bought[row, place])
        events = self._events(asked, answers, promoted, clicks, rng)
        revenue = purchase * self._paid(promoted)[answers.product] * (1 + _MORE)
        return Outcomes(relevance, examination, click, purchase, revenue, events)

    def _paid(self, promoted: Bools) -> Floats:
        """[P]: the price of a unit."""
        off = np.where(promoted, self._world.promotions.discount, 0.0)
        paid: Floats = np.round(self._shop.price * (1 - off), 2)
        return paid

    def _events(
        self,
        asked: Arrivals,
        answers: Answers,
        promoted: Bools,
        clicks: _Clicks,
        rng: np.random.Generator,
    ) -> pa.Table:
        funnel, n = self._world.funnel, len(clicks.row)
        haste = rng.random(n)  # one draw of a share: what comes of a click comes in its order
        quantity = 1.0 + rng.poisson(_MORE, n)
        carted = (rng.random(n) < funnel.add_to_cart) & ~clicks.by_bot
        purchased = carted & (rng.random(n) < clicks.purchase)
        returned = purchased & (rng.random(n) < funnel.returned)
        came = {
            "click": np.ones(n, bool),
            "add_to_cart": carted,
            "purchase": purchased,
            "return": returned,
        }
        events = pa.concat_tables(
            self._of_kind(
                kind, asked, answers, promoted, clicks.part(kept), haste[kept], quantity[kept]
            )
            for kind, kept in came.items()
        )
        seconds = rng.exponential(_REPORTED_SECONDS, len(events))
        late = lateness(self._world, len(events), rng)
        written = events["occurred_at"].to_numpy() + spans(seconds + late)
        events = events.append_column("written_at", pa.array(written))
        return events.sort_by([("occurred_at", "ascending"), ("event_id", "ascending")])

    def _of_kind(
        self,
        kind: str,
        asked: Arrivals,
        answers: Answers,
        promoted: Bools,
        clicks: _Clicks,
        haste: Floats,
        quantity: Floats,
    ) -> pa.Table:
        seconds = self._world.delays[kind].quantile(haste)
        if kind == "click":
            seconds = np.where(clicks.by_bot, _BOT_SECONDS * (1 + clicks.place), seconds)
        request = pa.array(answers.request_id[clicks.row], pa.string())
        rank = pa.array(clicks.place + 1)
        pays = kind in ("purchase", "return")
        paid = self._paid(promoted)
        off = np.round(self._shop.price - paid, 2)
        none = pa.nulls(len(rank), pa.float64())
        return pa.table(
            {
                "event_id": pc.binary_join_element_wise(request, rank.cast(pa.string()), kind, "-"),
                "event_type": pa.repeat(pa.scalar(kind), len(rank)),
                "product_id": pa.array(self._shop.product_ids[clicks.product], pa.string()),
                "user_id": pa.array(self._people.user_id[asked.user[clicks.row]], pa.string()),
                "occurred_at": pa.array(asked.at[clicks.row] + spans(seconds)),
                "request_id": request,
                "rank": rank,
                "quantity": pa.array(quantity if pays else np.ones(len(rank))),
                "price": pa.array(paid[clicks.product]) if pays else none,
                "discount": pa.array(off[clicks.product]) if pays else none,
            }
        )
