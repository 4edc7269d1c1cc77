"""Judged queries over a few products, and a reranker small enough to train within a second."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel

from bentos.encoders.trainable import without_dropout
from bentos.encoders.weights import minilm_folder
from bentos.search.learner import Learner
from bentos.search.model import CrossEncoder
from bentos.search.pairs import PairReader
from bentos.search.parameters import Parameters

FEATURES = {"cosine": 2.0, "coverage": 0.5}
THINGS = ("lamp", "chair", "mug", "pen", "cable", "shoe", "hat", "clock")


def small_parameters(**changes: Any) -> Parameters:
    return Parameters(
        **{"epochs": 3, "folds": 2, "queries": 2, "tokens": 24, "rate": 1e-3} | changes
    )


def small_encoder(seed: int = 7) -> BertModel:
    """Three layers of 32 dimensions over MiniLM's vocabulary."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=30522,
            hidden_size=32,
            num_hidden_layers=3,
            num_attention_heads=2,
            intermediate_size=64,
        )
        return without_dropout(BertModel(config, add_pooling_layer=False))


def small_model(parameters: Parameters, prior: tuple[float, ...] = (2.0, 0.5)) -> CrossEncoder:
    with torch.random.fork_rng():
        torch.manual_seed(parameters.seed)
        return CrossEncoder(small_encoder(), parameters, prior).eval()


def small_learner(device: str = "cpu", **changes: Any) -> Learner:
    parameters = small_parameters(**changes)
    model = small_model(parameters).to(device)
    return Learner(model, PairReader(minilm_folder(), parameters.tokens), FEATURES, parameters)


def trained(device: str = "cpu", **changes: Any) -> tuple[Learner, dict[str, float]]:
    """One that has learnt from `judgments`, and its figures."""
    table, texts, features = judgments()
    learner = small_learner(device, **changes)
    return learner, learner.train(table, texts, features, None, quietly)


def judgments() -> tuple[pa.Table, dict[str, str], NDArray[np.float32]]:
    """Eight queries of six products; the first two of each are what was looked for."""
    rng = np.random.default_rng(11)
    rows, texts = [], {}
    for thing in THINGS:
        for place in range(6):
            product = f"{thing}-{place}"
            texts[product] = f"a {thing}" if place < 2 else f"bag for a {thing}, number {place}"
            rows.append(
                {"query_id": thing, "product_id": product, "gain": (7.0, 3.0, 0, 0, 0, 0)[place]}
            )
    features = rng.normal(size=(len(rows), 2)).astype(np.float32)
    return pa.Table.from_pylist(rows), texts, features


def quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
    return items
