"""What looks like a fault, and is how the world goes."""

from dataclasses import replace

import numpy as np

from tests.benchmarks.incidents.faults.fault import RECOMMEND, RETAIL, SEARCH, Fault
from tests.benchmarks.incidents.simulated import Scene
from tests.simulation.world import Promotions

_NEW = "if(picked(product_id, $amount), product_id || '-new', product_id)"


def _busier(scene: Scene, times: float) -> Scene:
    world = scene.world
    return replace(scene, world=replace(world, requests_a_day=round(world.requests_a_day * times)))


def _in_season(scene: Scene, times: float) -> Scene:
    """More come, and for a tenth of the products."""
    scene = _busier(scene, times)
    wanted = scene.world.rng(13).random(len(scene.shop.product_ids)) < 0.1
    relevance = np.minimum(scene.shop.relevance * np.where(wanted, times, 1.0), 1.0)
    return replace(scene, shop=replace(scene.shop, relevance=relevance))


def _promoted(scene: Scene, share: float) -> Scene:
    promotions = Promotions(share=share, lift=1.5, discount=0.3)
    return replace(scene, world=replace(scene.world, promotions=promotions))


def _other_tastes(scene: Scene, share: float) -> Scene:
    """A share of the shoppers wants what others wanted; the model has not noticed."""
    shop, n = scene.shop, len(scene.shop.tastes)
    rng = scene.world.rng(14)
    like = np.where(rng.random(n) < share, rng.permutation(n), np.arange(n))
    return replace(scene, shop=replace(shop, relevance=shop.relevance[like]))


def _other_queries(scene: Scene, share: float) -> Scene:
    """A share of the searches is for what was rarely asked before."""
    shop = scene.shop
    order = np.argsort(shop.weight)
    rare = np.empty_like(shop.weight)
    rare[order] = shop.weight[order[::-1]]
    weight = (1 - share) * shop.weight + share * rare
    return replace(scene, shop=replace(shop, weight=weight))


FAULTS = (
    Fault(
        name="a season",
        cause="season",
        stream=RECOMMEND,
        says="{:g} times as many ask, and a tenth of the products is wanted so much more",
        amounts=(1.15, 1.5, 2.5),
        evidence="requests",
        direction=1,
        scene=_in_season,
        benign=True,
    ),
    Fault(
        name="traffic doubles",
        cause="season",
        stream=SEARCH,
        says="{:g} times as many ask, for what was always asked for",
        amounts=(1.3, 2.0, 4.0),
        evidence="requests",
        direction=1,
        scene=_busier,
        benign=True,
    ),
    Fault(
        name="a week of promotions",
        cause="promotion",
        stream=RECOMMEND,
        says="{:.0%} of the products are three tenths cheaper, where 5% by a fifth are usual",
        amounts=(0.15, 0.4, 0.9),
        evidence="discounted_purchases",
        direction=1,
        scene=_promoted,
        benign=True,
    ),
    Fault(
        name="closed",
        cause="holiday",
        stream=RETAIL,
        says="the shop is closed for {:.0f} days",
        amounts=(1, 2, 4),
        evidence="events",
        direction=-1,
        catalogue="from rows where date_diff('day', $first::date, $day::date) >= $amount",
        served="from rows where date_diff('day', $first::date, $day::date) >= $amount",
        events="from rows where date_diff('day', $first::date, $day::date) >= $amount",
        benign=True,
    ),
    Fault(
        name="holidays",
        cause="holiday",
        stream=RECOMMEND,
        says="{:.0%} of the usual requests come",
        amounts=(0.8, 0.5, 0.1),
        evidence="requests",
        direction=-1,
        scene=_busier,
        benign=True,
    ),
    Fault(
        name="new products",
        cause="new_products",
        stream=SEARCH,
        says="{:.0%} of what is shown are products that were never sold before",
        amounts=(0.03, 0.15, 0.5),
        evidence="new_products_shown",
        direction=1,
        catalogue="""
            from rows
            union all by name
            select * replace (
                product_id || '-new' as product_id, title || ' II' as title,
                round(price * 1.1, 2) as price, row_number + 1_000_000 as row_number
            )
            from rows where picked(product_id, $amount)
        """,
        served=f"""
            select * exclude (candidates), [
                {{
                    'product_id': {_NEW.replace("product_id", "c.product_id")},
                    'rank': c."rank", 'score': c.score, 'propensity': c.propensity,
                    'stage': c.stage, 'variant': c.variant
                }}
                for c in candidates
            ] as candidates
            from rows
        """,
        events=f"select * replace ({_NEW} as product_id) from rows",
        benign=True,
    ),
    Fault(
        name="other tastes",
        cause="taste",
        stream=RECOMMEND,
        says="{:.0%} of the shoppers want what others wanted",
        amounts=(0.2, 0.5, 1.0),
        evidence="clicked_answers",
        direction=-1,
        scene=_other_tastes,
    ),
    Fault(
        name="other queries",
        cause="taste",
        stream=SEARCH,
        says="{:.0%} of the searches are for what was asked rarely",
        amounts=(0.1, 0.3, 0.9),
        evidence="usualness_of_queries",
        direction=-1,
        scene=_other_queries,
    ),
)
