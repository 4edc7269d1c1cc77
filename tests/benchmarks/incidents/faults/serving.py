"""Faults of models, indexes and services."""

from dataclasses import replace

import numpy as np

from tests.benchmarks.incidents.faults.fault import RECOMMEND, SEARCH, Fault
from tests.benchmarks.incidents.simulated import Scene, rank
from tests.simulation.world import Model

_OLD = "strftime($first::date - {days}::int, '%Y%m%dT000000-simulated')"
_MONTH = 30.0


def _noisier(scene: Scene, noise: float) -> Scene:
    """The model sees less of what is relevant."""
    model = Model("a", noise=noise)
    return replace(scene, rankings=rank(scene.world, scene.shop, model))


def _stale(scene: Scene, days: float) -> Scene:
    """What it knows fades in months."""
    return _noisier(scene, scene.world.models[0].noise + days / _MONTH)


def _mixed_up(scene: Scene, share: float) -> Scene:
    """A share of tastes is taken for others."""
    rankings, n = scene.rankings, len(scene.shop.tastes)
    rng = scene.world.rng(11)
    taken_for = np.where(rng.random(n) < share, rng.permutation(n), np.arange(n))
    return replace(
        scene, rankings=type(rankings)(rankings.product[taken_for], rankings.score[taken_for])
    )


def _unindexed(scene: Scene, share: float) -> Scene:
    """A share of the products is not found; what stood below them moves up."""
    products = len(scene.shop.product_ids)
    missing = scene.world.rng(12).random(products) < share
    whole = rank(replace(scene.world, pool=min(products, 100)), scene.shop, scene.world.models[0])
    kept = np.argsort(missing[whole.product], axis=1, kind="stable")[:, : scene.world.pool]
    product = np.take_along_axis(whole.product, kept, axis=1)
    score = np.take_along_axis(whole.score, kept, axis=1)
    return replace(scene, rankings=type(scene.rankings)(product, score))


def _logits(scene: Scene, slope: float, offset: float) -> Scene:
    score = scene.rankings.score
    with np.errstate(divide="ignore"):
        told = slope * (np.log(score) - np.log1p(-score)) + offset
    scaled = np.where(score > 0, 1 / (1 + np.exp(-told)), 0.0)
    return replace(scene, rankings=type(scene.rankings)(scene.rankings.product, scaled))


def _flatter(scene: Scene, slope: float) -> Scene:
    return _logits(scene, slope, 0.0)


def _lower(scene: Scene, by: float) -> Scene:
    return _logits(scene, 1.0, -by)


def _slower(stage: str) -> str:
    """Of all requests, with the rest that a stage takes longer."""
    others = ("retrieve", "features", "queue", "score")
    stages = ", ".join(
        f"'{name}': timings_ms.{name}" + (" * $amount" if name == stage else "") for name in others
    )
    total = f"timings_ms.total + timings_ms.{stage} * ($amount - 1)"
    return f"select * replace ({{{stages}, 'total': {total}}} as timings_ms) from rows"


FAULTS = (
    Fault(
        name="an old model",
        cause="stale_model",
        stream=RECOMMEND,
        says="the model and its state are {:.0f} days old, and have forgotten accordingly",
        amounts=(7, 28, 90),
        evidence="age_of_state",
        direction=1,
        scene=_stale,
        served=f"select * replace ({_OLD.format(days='$amount')} as state_version) from rows",
    ),
    Fault(
        name="an old index",
        cause="stale_index",
        stream=SEARCH,
        says="the index is a week old when it begins, and lacks {:.0%} of the products",
        amounts=(0.05, 0.2, 0.6),
        evidence="products_shown",
        direction=-1,
        scene=_unindexed,
        served=f"select * replace ({_OLD.format(days='7')} as index_version) from rows",
    ),
    Fault(
        name="queries encoded wrongly",
        cause="wrong_encoder",
        stream=SEARCH,
        says="queries are read with a noise of {:g} logits, where 1 is usual",
        amounts=(2.0, 4.0, 30.0),
        evidence="clicked_answers",
        direction=-1,
        scene=_noisier,
    ),
    Fault(
        name="users encoded wrongly",
        cause="wrong_encoder",
        stream=RECOMMEND,
        says="{:.0%} of the users are taken for others",
        amounts=(0.2, 0.5, 1.0),
        evidence="clicked_answers",
        direction=-1,
        scene=_mixed_up,
    ),
    Fault(
        name="a slow model",
        cause="latency",
        stream=RECOMMEND,
        says="scoring takes {:g} times as long",
        amounts=(1.1, 1.5, 10.0),
        evidence="log_latency",
        direction=1,
        served=_slower("score"),
    ),
    Fault(
        name="slow retrieval",
        cause="latency",
        stream=SEARCH,
        says="retrieval takes {:g} times as long",
        amounts=(2.0, 10.0, 100.0),
        evidence="log_latency",
        direction=1,
        served=_slower("retrieve"),
    ),
    Fault(
        name="flat scores",
        cause="score_scale",
        stream=RECOMMEND,
        says="scores' logits are {:g} times what they were; their order stays",
        amounts=(0.97, 0.85, 0.3),
        evidence="log_best_score",
        direction=-1,
        scene=_flatter,
    ),
    Fault(
        name="shifted scores",
        cause="score_scale",
        stream=SEARCH,
        says="scores' logits are {:g} lower; their order stays",
        amounts=(0.1, 0.5, 3.0),
        evidence="log_best_score",
        direction=-1,
        scene=_lower,
    ),
)
