"""The two models of a reading service as folders that every peer can load.

The cross-encoder is our fine-tuned encoder with the head that reads the mean of its last states;
the features beside it are left out, for peers read texts alone. sentence-transformers takes the
folder as its modules (transformer, mean, linear), transformers as the class of
`peers/mean_head.py`.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import Tensor

from bentos.encoders.trainable import without_report
from bentos.encoders.weights import CONFIG, WEIGHTS, minilm_folder
from bentos.search.reranker import ENCODER, Reranker
from tests.benchmarks.environments import PEERS

_HEAD = "mean_head"
_CLASS = "MeanForSequenceClassification"

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Folders:
    """What a peer is given."""

    pairs: Path  # a cross-encoder
    texts: Path  # a sentence encoder


def export(model: Path, into: Path) -> Folders:
    """Exports the reranker that `Reranker.save` wrote to ``model``; texts are MiniLM's own.

    Raises:
        ValueError: the reranker has learnt nothing from texts: every score would be 0.
    """
    reranker = Reranker.load(model)
    if reranker.reads_nothing:
        raise ValueError(
            f"the reranker in {model} reads no texts: its head is at zero. Train one whose head "
            "learns something (SHOPKEEPER_SEARCH_EPOCHS of at least 1) before it is compared."
        )
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(model / ENCODER, into)  # its shape and its tokenizer
    weights = load_file(model / WEIGHTS)
    with without_report():
        _save_encoder(weights, reranker.parameters.tokens, into)
        _save_modules(weights, reranker.parameters.tokens, into)
    _save_class(weights, into)
    return Folders(pairs=into, texts=minilm_folder())


def _save_encoder(weights: Weights, tokens: int, into: Path) -> None:
    """The encoder, and how many tokens its tokenizer reads at most."""
    save_file(_encoder(weights), into / WEIGHTS, metadata={"format": "pt"})
    path = into / "tokenizer_config.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["model_max_length"] = tokens
    path.write_text(json.dumps(said), encoding="utf-8")


def _save_modules(weights: Weights, tokens: int, into: Path) -> None:
    """As sentence-transformers reads it."""
    dimensions = weights["head.weight"].shape[1]
    transformer = Transformer(str(into), max_seq_length=tokens)
    pooling = Pooling(dimensions, "mean")
    dense = Dense(
        dimensions,
        1,
        activation_function=torch.nn.Identity(),
        init_weight=weights["head.weight"],
        init_bias=weights["head.bias"],
        module_output_name="scores",
    )
    CrossEncoder(modules=[transformer, pooling, dense], device="cpu").save_pretrained(str(into))


def _save_class(weights: Weights, into: Path) -> None:
    """As transformers reads it: the same weights, under the names that the class gives them."""
    path = into / CONFIG
    said = json.loads(path.read_text(encoding="utf-8"))
    said |= {
        "architectures": [_CLASS],
        "auto_map": {"AutoModelForSequenceClassification": f"{_HEAD}.{_CLASS}"},
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
    }
    path.write_text(json.dumps(said), encoding="utf-8")
    shutil.copy(PEERS / f"{_HEAD}.py", into)
    whole = {f"bert.{name}": tensor for name, tensor in _encoder(weights).items()}
    whole |= {f"classifier.{name}": weights[f"head.{name}"] for name in ("weight", "bias")}
    save_file(whole, into / WEIGHTS, metadata={"format": "pt"})


def _encoder(weights: Weights) -> dict[str, Tensor]:
    """The encoder's own, by the names that transformers gives them."""
    prefix = f"{ENCODER}."
    return {n.removeprefix(prefix): t for n, t in weights.items() if n.startswith(prefix)}
