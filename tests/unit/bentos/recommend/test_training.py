"""Fine-tuning: it can be put down and taken up, and the best epoch is what stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from bentos.recommend.scenario import RecommendScenario
from bentos.recommend.training import STEPS_APART, take_apart
from bentos.scenario import MODEL_FOLDER, Ranker, TrainingData, Validation
from bentos.serving.state import OnlineState
from bentos.serving.store import WEIGHTS
from tests.unit.bentos.conftest import quietly, small_parameters

Weights = dict[str, Tensor]


class Interrupted(Exception):
    """The machine went away."""


def _interrupted_in(epoch: int) -> Callable[..., Iterable[Any]]:
    """A progress bar under which the machine goes away: it shows the examples, then the epochs."""
    shown = 0

    def bar(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
        nonlocal shown
        shown += 1
        for n, item in enumerate(items):
            if shown == epoch + 1 and n == 1:
                raise Interrupted
            yield item

    return bar


def _train(
    state: OnlineState,
    folder: Path,
    values: Sequence[float] = (1.0, 2.0, 3.0, 4.0),
    progress: Callable[..., Iterable[Any]] = quietly,
    **changes: Any,
) -> dict[str, float]:
    """Trains; validation says the ``values``, epoch by epoch."""
    said = iter(values)
    scenario = RecommendScenario(small_parameters(**changes))
    return dict(
        scenario.train(
            TrainingData(state, Validation(state, lambda _: next(said))), folder, progress
        )
    )


def _weights(folder: Path) -> Weights:
    return load_file(folder / MODEL_FOLDER / WEIGHTS)


def _same(one: Weights, other: Weights) -> bool:
    assert one.keys() == other.keys()
    return all(torch.equal(one[name], other[name]) for name in one)


def test_the_same_seed_makes_the_same_weights_and_another_one_others(
    state: OnlineState, tmp_path: Path
) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        _train(state, tmp_path / folder, seed=seed, epochs=1)
    assert _same(_weights(tmp_path / "a"), _weights(tmp_path / "b"))
    assert not _same(_weights(tmp_path / "a"), _weights(tmp_path / "c"))


def test_a_run_that_was_interrupted_goes_on_to_the_weights_of_one_that_was_not(
    state: OnlineState, tmp_path: Path
) -> None:
    whole = _train(state, tmp_path / "whole", epochs=3, batch=2)
    with pytest.raises(Interrupted):
        _train(state, tmp_path / "torn", progress=_interrupted_in(2), epochs=3, batch=2)
    assert not (tmp_path / "torn" / MODEL_FOLDER).exists()
    torn = _train(state, tmp_path / "torn", values=(2.0, 3.0), epochs=3, batch=2)
    assert torn == whole
    assert _same(_weights(tmp_path / "torn"), _weights(tmp_path / "whole"))


def test_a_checkpoint_of_other_parameters_is_not_gone_on_with(
    state: OnlineState, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted):
        _train(state, tmp_path / "torn", progress=_interrupted_in(2), seed=1, batch=2)
    _train(state, tmp_path / "torn", seed=2, batch=2)
    _train(state, tmp_path / "whole", seed=2, batch=2)
    assert _same(_weights(tmp_path / "torn"), _weights(tmp_path / "whole"))


def test_training_stops_when_it_gets_worse_and_keeps_the_best_epoch(
    state: OnlineState, tmp_path: Path
) -> None:
    figures = _train(state, tmp_path / "stopped", values=(0.5, 0.4), epochs=4)
    assert (figures["validation_ndcg@10"], figures["epochs"]) == (0.5, 1)
    later = _train(state, tmp_path / "later", values=(0.5, 0.6, 0.1), epochs=4)
    assert (later["validation_ndcg@10"], later["epochs"]) == (0.6, 2)
    assert not _same(_weights(tmp_path / "stopped"), _weights(tmp_path / "later"))


def test_what_is_kept_is_what_validation_saw_at_its_best(
    state: OnlineState, tmp_path: Path
) -> None:
    seen: list[list[tuple[str, float]]] = []
    users = ["u00", "u01"]

    def validate(ranker: Ranker) -> float:
        run = ranker.run(users, {}).to_pylist()
        seen.append([(row["product_id"], row["score"]) for row in run])
        return (0.5, 0.7, 0.6)[len(seen) - 1]

    scenario = RecommendScenario(small_parameters(epochs=3))
    figures = scenario.train(TrainingData(state, Validation(state, validate)), tmp_path, quietly)
    kept = scenario.load(tmp_path / MODEL_FOLDER, state, "cpu").run(users, {}).to_pylist()
    assert figures["epochs"] == 2
    assert [(row["product_id"], row["score"]) for row in kept] == seen[1]
    assert seen[0] != seen[1]


def test_a_finished_run_leaves_a_model_and_curves_but_no_checkpoint(
    state: OnlineState, tmp_path: Path
) -> None:
    figures = _train(state, tmp_path, epochs=1)
    assert {path.name for path in tmp_path.iterdir()} == {MODEL_FOLDER, "curves"}
    assert list((tmp_path / "curves").iterdir())
    assert figures["examples"] > 0
    assert figures["training_loss"] > 0


def test_every_weight_is_a_number(trained: Path) -> None:
    assert all(weights.isfinite().all() for weights in load_file(trained / WEIGHTS).values())


@pytest.fixture(scope="module")
def n_examples(state: OnlineState, tmp_path_factory: pytest.TempPathFactory) -> int:
    return int(_train(state, tmp_path_factory.mktemp("run"), epochs=1)["examples"])


@pytest.mark.parametrize("steps", [1, 2, 5, 10])
def test_a_training_may_be_as_short_as_it_is(
    state: OnlineState, tmp_path: Path, n_examples: int, steps: int
) -> None:
    figures = _train(state, tmp_path, epochs=1, batch=n_examples // steps)
    assert figures["training_loss"] > 0


def test_a_shop_with_fewer_examples_than_a_batch_learns_from_them_all_the_same(
    state: OnlineState, tmp_path: Path, n_examples: int
) -> None:
    figures = _train(state, tmp_path, epochs=1, batch=n_examples + 1)
    assert figures["training_loss"] > 0


def test_no_step_is_lost_between_the_rounds_in_which_members_wait_for_each_other() -> None:
    steps = iter([float(n) for n in range(2 * STEPS_APART + 3)])
    rounds = [take_apart(steps) for _ in range(3)]
    assert [len(some) for some in rounds] == [STEPS_APART, STEPS_APART, 3]
    assert [loss for some in rounds for loss in some] == list(range(2 * STEPS_APART + 3))
