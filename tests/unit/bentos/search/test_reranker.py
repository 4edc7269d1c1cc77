"""The reranker in service: from what was learnt to scores, through a folder or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bentos.search.judged import judged_queries
from bentos.search.pairs import PairReader
from bentos.search.reranker import Reranker
from bentos.search.training import score_lists
from tests.unit.bentos.conftest import DEVICES
from tests.unit.bentos.search.small_reranker import FEATURES, judgments, small_learner, trained


def test_where_no_text_was_learnt_from_the_features_say_it_all() -> None:
    _, texts, features = judgments()
    reranker = small_learner().reranker()
    some = list(texts.values())
    beside = features[: len(some)]
    assert_allclose(
        reranker.by_features(beside), reranker.score("a query", some, beside), atol=1e-6
    )


@pytest.mark.parametrize("method", ["platt", "isotonic"])
@pytest.mark.parametrize("adapter", ["full", "lora"])
def test_a_saved_reranker_answers_as_before(tmp_path: Path, method: str, adapter: str) -> None:
    learner, _ = trained(adapter=adapter, calibration=method, head_rate=3e-2)
    reranker = learner.reranker()
    texts, features = ["a lamp", "bag for a lamp"], np.array([[0.3, 1.0], [0.4, 0.0]], np.float32)
    scores = reranker.score("lamp", texts, features)
    learner.save(tmp_path)
    loaded = Reranker.load(tmp_path)
    again = loaded.score("lamp", texts, features)
    assert_allclose(again, scores, atol=1e-6)
    assert_allclose(loaded.probabilities(again), reranker.probabilities(scores), atol=1e-6)
    assert loaded.parameters == reranker.parameters
    assert loaded.features == FEATURES


def test_what_serves_says_what_was_trained() -> None:
    learner, _ = trained(head_rate=3e-2)
    table, texts, features = judgments()
    lists = learner.lists(judged_queries(table, texts, features))
    reranker = learner.reranker()
    for query, expected in zip(lists.queries, score_lists(learner.model, lists), strict=True):
        found = reranker.score(query.query, query.texts, query.features)
        assert_allclose(found, expected, atol=1e-5)


def test_a_folder_is_whole_without_minilm(tmp_path: Path) -> None:
    trained()[0].save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "encoder",
        "model.safetensors",
        "reranker.json",
    }
    assert {path.name for path in (tmp_path / "encoder").iterdir()} == {
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",  # for those who load the encoder with transformers
    }


@pytest.mark.parametrize("device", DEVICES)
def test_scores_stand_in_the_order_of_the_texts_however_many_there_are(device: str) -> None:
    reranker = trained(device, head_rate=3e-2)[0].reranker()
    rng = np.random.default_rng(2)
    texts = [f"{'very ' * int(rng.integers(9))}lamp {n}" for n in range(150)]
    features = rng.normal(size=(150, 2)).astype(np.float32)
    together = reranker.score("lamp", texts, features)
    assert together.dtype == np.float32
    alone = [reranker.score("lamp", texts[n : n + 1], features[n : n + 1])[0] for n in (0, 70, 149)]
    assert_allclose(together[[0, 70, 149]], alone, atol=1e-4)


def test_where_training_kept_no_epoch_no_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reranker = small_learner().reranker()
    features = np.array([[1.0, 2.0], [0.0, 4.0]], np.float32)
    monkeypatch.setattr(PairReader, "read", lambda *_: pytest.fail("a text was read"))
    assert_allclose(reranker.score("lamp", ["a", "b"], features), [2 * 1 + 0.5 * 2, 0.5 * 4], 1e-5)


def test_without_features_only_the_texts_count() -> None:
    learner, _ = trained(head_rate=3e-2)
    reranker = learner.reranker()
    average = np.tile(learner.model.mean.numpy(), (2, 1))
    texts = ["a lamp", "bag for a lamp"]
    assert_allclose(reranker.score("lamp", texts), reranker.score("lamp", texts, average))
    assert reranker.score("lamp", []).shape == (0,)


def test_features_of_another_shape_are_refused_with_the_names_of_what_is_wanted() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 2\), not \(1, 3\).*cosine, coverage"):
        small_learner().reranker().score("pen", ["a pen"], np.zeros((1, 3), np.float32))


def test_hard_queries_have_scores() -> None:
    reranker = small_learner().reranker()
    for query in ("", " ", "🦄" * 50, "<script>'; drop table", "x" * 10_000, "Ünïcode 混合"):
        assert np.isfinite(reranker.score(query, ["a pen", ""])).all()
