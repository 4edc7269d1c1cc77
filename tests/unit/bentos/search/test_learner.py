"""Fine-tuning the reranker: what it finds, what it leaves alone, and that it can be repeated."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bentos.search.judged import JudgedQuery
from bentos.search.learner import Learner, calibration_error
from bentos.search.loss import LOSSES
from tests.unit.bentos.conftest import DEVICES
from tests.unit.bentos.search.small_reranker import (
    judgments,
    quietly,
    small_learner,
    small_model,
    small_parameters,
    trained,
)


def _weights(learner: Learner) -> dict[str, torch.Tensor]:
    return {name: w.cpu() for name, w in learner.model.state_dict().items()}


def _same(one: Learner, other: Learner) -> bool:
    a, b = _weights(one), _weights(other)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("loss", LOSSES)
def test_fine_tuning_finds_what_was_looked_for_where_the_features_say_nothing(
    loss: str, device: str
) -> None:
    _, figures = trained(device, loss=loss, head_rate=3e-2, epochs=8)
    assert figures["held_out_ndcg@10"] > figures["untrained_ndcg@10"] + 0.05
    assert figures["epochs"] > 0
    assert figures["queries"] == 8
    assert 0 <= figures["calibration_error"] <= 1


@pytest.mark.parametrize("adapter", ["full", "lora"])
def test_the_same_seed_makes_the_same_weights_and_another_one_others(adapter: str) -> None:
    one, same = (trained(adapter=adapter, head_rate=3e-2)[0] for _ in range(2))
    other, _ = trained(adapter=adapter, head_rate=3e-2, seed=5)
    assert _same(one, same)
    assert not _same(one, other)


def test_lora_leaves_everything_but_its_targets_as_it_was() -> None:
    before = small_model(small_parameters()).state_dict()
    learner, figures = trained(adapter="lora", head_rate=3e-2)
    assert figures["epochs"] > 0
    after = _weights(learner)
    changed = {
        name
        for name in before
        if name.startswith("encoder.") and not torch.equal(before[name], after[name])
    }
    assert changed
    assert all(".query.weight" in name or ".value.weight" in name for name in changed)


def test_what_training_does_not_better_is_left_as_it_began() -> None:
    table, texts, _ = judgments()
    perfect = np.stack([table["gain"].to_numpy(), np.zeros(table.num_rows)], 1).astype(np.float32)
    learner = small_learner()
    figures = learner.train(table, texts, perfect, None, quietly)
    assert (figures["epochs"], figures["held_out_ndcg@10"]) == (0, 1)
    assert learner.model.head.weight.abs().sum() == 0


def test_validation_is_asked_of_the_finished_model() -> None:
    table, texts, features = judgments()
    learner = small_learner()
    asked: list[float] = []

    def validate() -> float:
        asked.append(float(learner.reranker().probabilities(np.array([0.0]))[0]))
        return 0.5

    figures = learner.train(table, texts, features, validate, quietly)
    assert figures["validation_ndcg@10"] == 0.5
    assert asked == [float(learner.reranker().calibration(np.array([0.0]))[0].astype(np.float32))]


def test_judgments_without_a_single_comparison_train_to_nothing() -> None:
    table, texts, features = judgments()
    none = table.set_column(2, "gain", [np.zeros(table.num_rows)])
    for loss in ("softmax", "ranknet", "lambda"):
        learner = small_learner(loss=loss)
        figures = learner.train(none, texts, features, None, quietly)
        assert figures["held_out_ndcg@10"] == 0
        assert all(weights.isfinite().all() for weights in _weights(learner).values())


def test_the_calibration_error_is_that_of_queries_the_curve_has_not_seen() -> None:
    rng = np.random.default_rng(4)
    gains = (rng.random((12, 6)) < 0.5).astype(np.float32)
    nothing, rows = np.zeros((6, 0), np.float32), np.arange(6)
    queries = [JudgedQuery(str(n), ("",) * 6, own, nothing, rows) for n, own in enumerate(gains)]
    noise = list(rng.normal(size=(12, 6)).astype(np.float32))
    # Fitted to the very scores it is held against, an isotonic curve would be off by nothing.
    assert calibration_error(queries, noise, small_parameters(calibration="isotonic")) > 0.1
