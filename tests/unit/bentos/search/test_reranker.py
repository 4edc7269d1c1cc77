"""The reranker from judgments to a folder and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from bentos.search.judged import JudgedQuery
from bentos.search.loss import LOSSES
from bentos.search.pairs import PairReader
from bentos.search.reranker import Reranker, calibration_error
from tests.unit.bentos.conftest import DEVICES
from tests.unit.bentos.search.small_reranker import (
    FEATURES,
    judgments,
    quietly,
    small_model,
    small_parameters,
    small_reranker,
)


def _train(device: str = "cpu", **changes: object) -> tuple[Reranker, dict[str, float]]:
    table, texts, features = judgments()
    reranker = small_reranker(device, **changes)
    return reranker, reranker.train(table, texts, features, None, quietly)


def _weights(reranker: Reranker) -> dict[str, torch.Tensor]:
    return {name: w.cpu() for name, w in reranker.model.state_dict().items()}


def _same(one: Reranker, other: Reranker) -> bool:
    a, b = _weights(one), _weights(other)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("loss", LOSSES)
def test_fine_tuning_finds_what_was_looked_for_where_the_features_say_nothing(
    loss: str, device: str
) -> None:
    _, figures = _train(device, loss=loss, head_rate=3e-2, epochs=8)
    assert figures["held_out_ndcg@10"] > figures["untrained_ndcg@10"] + 0.05
    assert figures["epochs"] > 0
    assert figures["queries"] == 8
    assert 0 <= figures["calibration_error"] <= 1


@pytest.mark.parametrize("adapter", ["full", "lora"])
def test_the_same_seed_makes_the_same_weights_and_another_one_others(adapter: str) -> None:
    one, same = (_train(adapter=adapter, head_rate=3e-2)[0] for _ in range(2))
    other, _ = _train(adapter=adapter, head_rate=3e-2, seed=5)
    assert _same(one, same)
    assert not _same(one, other)


def test_lora_leaves_everything_but_its_targets_as_it_was() -> None:
    before = small_model(small_parameters()).state_dict()
    reranker, figures = _train(adapter="lora", head_rate=3e-2)
    assert figures["epochs"] > 0
    after = _weights(reranker)
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
    reranker = small_reranker()
    figures = reranker.train(table, texts, perfect, None, quietly)
    assert (figures["epochs"], figures["held_out_ndcg@10"]) == (0, 1)
    assert reranker.model.head.weight.abs().sum() == 0


def test_where_no_text_was_learnt_from_the_features_say_it_all() -> None:
    _, texts, features = judgments()
    reranker = small_reranker()
    some = list(texts.values())
    beside = features[: len(some)]
    assert_allclose(
        reranker.by_features(beside), reranker.score("a query", some, beside), atol=1e-6
    )


def test_validation_is_asked_of_the_finished_model() -> None:
    table, texts, features = judgments()
    reranker = small_reranker()
    asked: list[float] = []

    def validate() -> float:
        asked.append(float(reranker.probabilities(np.array([0.0]))[0]))
        return 0.5

    figures = reranker.train(table, texts, features, validate, quietly)
    assert figures["validation_ndcg@10"] == 0.5
    assert asked == [float(reranker.calibration(np.array([0.0]))[0].astype(np.float32))]


@pytest.mark.parametrize("method", ["platt", "isotonic"])
@pytest.mark.parametrize("adapter", ["full", "lora"])
def test_a_saved_reranker_answers_as_before(tmp_path: Path, method: str, adapter: str) -> None:
    reranker, _ = _train(adapter=adapter, calibration=method, head_rate=3e-2)
    texts, features = ["a lamp", "bag for a lamp"], np.array([[0.3, 1.0], [0.4, 0.0]], np.float32)
    scores = reranker.score("lamp", texts, features)
    reranker.save(tmp_path)
    loaded = Reranker.load(tmp_path)
    again = loaded.score("lamp", texts, features)
    assert_allclose(again, scores, atol=1e-6)
    assert_allclose(loaded.probabilities(again), reranker.probabilities(scores), atol=1e-6)
    assert loaded.parameters == reranker.parameters
    assert loaded.features == FEATURES


def test_a_folder_is_whole_without_minilm(tmp_path: Path) -> None:
    _train()[0].save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "encoder",
        "model.safetensors",
        "reranker.json",
    }
    assert (tmp_path / "encoder" / "tokenizer.json").exists()


@pytest.mark.parametrize("device", DEVICES)
def test_scores_stand_in_the_order_of_the_texts_however_many_there_are(device: str) -> None:
    reranker, _ = _train(device, head_rate=3e-2)
    rng = np.random.default_rng(2)
    texts = [f"{'very ' * int(rng.integers(9))}lamp {n}" for n in range(150)]
    features = rng.normal(size=(150, 2)).astype(np.float32)
    together = reranker.score("lamp", texts, features)
    assert together.dtype == np.float32
    alone = [reranker.score("lamp", texts[n : n + 1], features[n : n + 1])[0] for n in (0, 70, 149)]
    assert_allclose(together[[0, 70, 149]], alone, atol=1e-4)


def test_where_training_kept_no_epoch_no_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reranker = small_reranker()
    features = np.array([[1.0, 2.0], [0.0, 4.0]], np.float32)
    monkeypatch.setattr(PairReader, "read", lambda *_: pytest.fail("a text was read"))
    assert_allclose(reranker.score("lamp", ["a", "b"], features), [2 * 1 + 0.5 * 2, 0.5 * 4], 1e-5)


def test_without_features_only_the_texts_count() -> None:
    reranker, _ = _train(head_rate=3e-2)
    average = np.tile(reranker.model.mean.numpy(), (2, 1))
    texts = ["a lamp", "bag for a lamp"]
    assert_allclose(reranker.score("lamp", texts), reranker.score("lamp", texts, average))
    assert reranker.score("lamp", []).shape == (0,)


def test_features_of_another_shape_are_refused_with_the_names_of_what_is_wanted() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 2\), not \(1, 3\).*cosine, coverage"):
        small_reranker().score("pen", ["a pen"], np.zeros((1, 3), np.float32))


def test_hard_queries_have_scores() -> None:
    reranker = small_reranker()
    for query in ("", " ", "🦄" * 50, "<script>'; drop table", "x" * 10_000, "Ünïcode 混合"):
        assert np.isfinite(reranker.score(query, ["a pen", ""])).all()


def test_judgments_without_a_single_comparison_train_to_nothing() -> None:
    table, texts, features = judgments()
    none = table.set_column(2, "gain", [np.zeros(table.num_rows)])
    for loss in ("softmax", "ranknet", "lambda"):
        reranker = small_reranker(loss=loss)
        figures = reranker.train(none, texts, features, None, quietly)
        assert figures["held_out_ndcg@10"] == 0
        assert all(weights.isfinite().all() for weights in _weights(reranker).values())


def test_the_calibration_error_is_that_of_queries_the_curve_has_not_seen() -> None:
    rng = np.random.default_rng(4)
    gains = (rng.random((12, 6)) < 0.5).astype(np.float32)
    nothing, rows = np.zeros((6, 0), np.float32), np.arange(6)
    queries = [JudgedQuery(str(n), ("",) * 6, own, nothing, rows) for n, own in enumerate(gains)]
    noise = list(rng.normal(size=(12, 6)).astype(np.float32))
    # Fitted to the very scores it is held against, an isotonic curve would be off by nothing.
    assert calibration_error(queries, noise, small_parameters(calibration="isotonic")) > 0.1
