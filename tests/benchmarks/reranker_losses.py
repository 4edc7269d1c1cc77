"""The reranker's losses on the judged pools of Chorus: five folds by query, several seeds.

Prints a row a ranker, number of epochs and segment: ndcg@10 with its 95% interval over queries, the
paired difference to MiniLM on title and short description with its interval, and each seed's mean.
A query's value is its mean over the seeds. `shopkeeper` chooses its number of epochs inside each
fold, on queries held out of what it learns from; the other rows show every number of epochs, so the
best of them is no estimate of anything.

    python -m tests.benchmarks.reranker_losses --seeds 5
"""

import argparse
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bentos.fitting import repeatable
from bentos.search.features import PRIOR
from bentos.search.judged import JudgedQuery, query_folds
from bentos.search.learner import Learner
from bentos.search.parameters import Parameters
from bentos.search.training import Lists, fit, score_lists
from tests.benchmarks.figures import say, show_object
from tests.benchmarks.pools import Pools, Values, chorus_pools
from warehouse.intervals import bootstrap_intervals, paired_difference

FOLDS = 5
BASELINE = "minilm"
NESTED = "shopkeeper"
UNTRAINED = "untrained"  # what needs no training: the stages before, and their blend
BLENDS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "softmax": {},
    "lambda": {"loss": "lambda"},
    "ranknet": {"loss": "ranknet"},
    "pointwise": {"loss": "pointwise"},
    "softmax, lora": {"adapter": "lora"},
    "softmax, features only": {"trained_layers": 0, "head_rate": 0.0},
    "softmax, texts only": {},
    NESTED: {},
}

Scores = list[NDArray[np.float32]]

_known: dict[int, Lists] = {}  # by layers that learn


def main() -> None:
    """Runs the study as the command line asks."""
    arguments = _arguments()
    pools = chorus_pools(arguments.data / "chorus")
    baseline = pools.ndcg(pools.scores[BASELINE])
    wanted = arguments.only or [UNTRAINED, *VARIANTS]
    if UNTRAINED in wanted:
        for name, scores in pools.scores.items():
            _show(pools, baseline, name, None, [pools.ndcg(scores)], 0.0)
        chosen = [_chosen_blend(pools, seed) for seed in range(arguments.seeds)]
        _show(pools, baseline, "blend, weight chosen in each fold", None, chosen, 0.0)
    for name in wanted:
        if name == UNTRAINED:
            continue
        for epochs, values, seconds in _measured(name, pools, arguments.seeds):
            _show(pools, baseline, name, epochs, values, seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(os.environ.get("SHOPKEEPER_TEST_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data, help="the folder that chorus/ lies in")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--only", choices=[UNTRAINED, *VARIANTS], action="append", help="may be repeated"
    )
    return parser.parse_args()


def _measured(
    name: str, pools: Pools, n_seeds: int
) -> Iterable[tuple[int | None, list[Values], float]]:
    """For each number of epochs, ndcg@10 [Q] by seed; and the seconds that all of them took."""
    parameters = Parameters(**VARIANTS[name])
    texts_only = name.endswith("texts only")
    features = {} if texts_only else PRIOR
    lists = _read(pools, parameters.trained_layers)
    if texts_only:
        lists = replace(lists, queries=[_without_features(query) for query in lists.queries])
    started = time.perf_counter()
    by_seed = []
    for seed in range(n_seeds):
        seeded = parameters.model_copy(update={"seed": seed})
        learn = _nested if name == NESTED else _every_epoch
        by_seed.append(
            _out_of_fold(lists, partial(learn, parameters=seeded, features=features), seed)
        )
        say(f"{name}: seed {seed} after {time.perf_counter() - started:.0f} s")
    seconds = time.perf_counter() - started
    for place in range(len(by_seed[0])):
        epochs = None if name == NESTED else place
        yield epochs, [pools.ndcg(epoch[place]) for epoch in by_seed], seconds


def _chosen_blend(pools: Pools, seed: int) -> Values:
    """[Q] ndcg@10 of cosine + weight * coverage; each fold's weight is best on the other folds."""
    cosine, coverage = (list(PRIOR).index(name) for name in ("cosine", "coverage"))
    table = np.stack(
        [
            pools.ndcg(
                [q.features[:, cosine] + weight * q.features[:, coverage] for q in pools.queries]
            )
            for weight in BLENDS
        ]
    )
    found = np.empty(len(pools.queries))
    for own, others in query_folds(len(pools.queries), FOLDS, seed):
        best = np.nanmean(table[:, own[pools.informative[own]]], axis=1).argmax()
        found[others] = table[best, others]
    return found


def _read(pools: Pools, trained_layers: int) -> Lists:
    """The states below the layers that learn: those of MiniLM, whatever fold, seed and loss."""
    if trained_layers not in _known:
        parameters = Parameters(trained_layers=trained_layers)
        _known[trained_layers] = Learner.fresh(parameters, PRIOR).lists(pools.queries)
    return _known[trained_layers]


def _without_features(query: JudgedQuery) -> JudgedQuery:
    return replace(query, features=query.features[:, :0])


Learn = Callable[[Lists], Callable[[Lists], list[Scores]]]


def _out_of_fold(lists: Lists, learn: Learn, seed: int) -> list[Scores]:
    """The scores of every query, by models that have not seen it: one list for each state."""
    found: list[Scores] = []
    n = len(lists.queries)
    for own, others in query_folds(n, FOLDS, seed):
        for place, scores in enumerate(learn(lists[own])(lists[others])):
            if place == len(found):
                found.append([np.empty(0, np.float32)] * n)
            for query, own_scores in zip(others, scores, strict=True):
                found[place][query] = own_scores
    return found


def _every_epoch(
    lists: Lists, parameters: Parameters, features: Mapping[str, float]
) -> Callable[[Lists], list[Scores]]:
    """Trains for all epochs; the scores before the first and after each."""
    learner = Learner.fresh(parameters, features)

    def scored(others: Lists) -> list[Scores]:
        learner.standardise(lists)
        found = [score_lists(learner.model, others)]
        with repeatable():
            fit(
                learner.model,
                lists,
                parameters,
                lambda: found.append(score_lists(learner.model, others)),
            )
        return found

    return scored


def _nested(
    lists: Lists, parameters: Parameters, features: Mapping[str, float]
) -> Callable[[Lists], list[Scores]]:
    """Trains as a shop would: the epochs are chosen without the fold."""
    learner = Learner.fresh(parameters, features)
    figures = learner.learn(lists, None, _quietly)
    say(f"epochs {figures['epochs']:.0f}, calibration error {figures['calibration_error']:.3f}")
    return lambda others: [score_lists(learner.model, others)]


def _quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
    return items


def _show(
    pools: Pools,
    baseline: Values,
    name: str,
    epochs: int | None,
    by_seed: Sequence[Values],
    seconds: float,
) -> None:
    every = np.mean(by_seed, axis=0)
    for segment, members in (("informative", pools.informative), ("all", pools.answerable)):
        values = every[members]
        ((low, high),) = bootstrap_intervals(values[np.newaxis])
        over = paired_difference(values, baseline[members])
        show_object(
            {
                "study": "reranker_losses",
                "ranker": name,
                "epochs": epochs,
                "segment": segment,
                "metric": "ndcg@10",
                "value": round(float(values.mean()), 5),
                "low": round(float(low), 5),
                "high": round(float(high), 5),
                "n": len(values),
                "over_minilm": round(over.mean, 5),
                "over_minilm_low": round(over.low, 5),
                "over_minilm_high": round(over.high, 5),
                "by_seed": [round(float(seed[members].mean()), 5) for seed in by_seed],
                "seconds": round(seconds, 1),
            }
        )


if __name__ == "__main__":
    torch.set_num_threads(os.cpu_count() or 1)
    main()
