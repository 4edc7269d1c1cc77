"""The two models of a reading service as folders that every peer can load.

The cross-encoder is our fine-tuned encoder with the head that reads the mean of its last states;
the features beside it are left out, for peers read texts alone. sentence-transformers takes the
folder as its modules (transformer, mean, linear), transformers as the class of
`peers/mean_head.py`.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

from bentos.encoders.weights import minilm_folder, without_report
from bentos.search.reranker import Reranker
from bentos.serving.store import WEIGHTS
from tests.benchmarks.environments import PEERS

_HEAD = "mean_head"
_CLASS = "MeanForSequenceClassification"
_CONFIG = "config.json"


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
    if reranker.model.reads_nothing:
        raise ValueError(
            f"the reranker in {model} reads no texts: its head is at zero. Train one whose head "
            "learns something (SHOPKEEPER_SEARCH_EPOCHS of at least 1) before it is compared."
        )
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(model / "encoder", into)  # its shape and its tokenizer
    with without_report():
        _save_encoder(reranker, into)
        _save_modules(reranker, into)
    _save_class(reranker, into)
    return Folders(pairs=into, texts=minilm_folder())


def _save_encoder(reranker: Reranker, into: Path) -> None:
    """The encoder, and how many tokens its tokenizer reads at most."""
    reranker.model.encoder.save_pretrained(into)
    path = into / "tokenizer_config.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["model_max_length"] = reranker.parameters.tokens
    path.write_text(json.dumps(said), encoding="utf-8")


def _save_modules(reranker: Reranker, into: Path) -> None:
    """As sentence-transformers reads it."""
    head = reranker.model.head
    transformer = Transformer(str(into), max_seq_length=reranker.parameters.tokens)
    pooling = Pooling(head.in_features, "mean")
    dense = Dense(
        head.in_features,
        1,
        activation_function=torch.nn.Identity(),
        init_weight=head.weight.detach(),
        init_bias=head.bias.detach(),
        module_output_name="scores",
    )
    CrossEncoder(modules=[transformer, pooling, dense], device="cpu").save_pretrained(str(into))


def _save_class(reranker: Reranker, into: Path) -> None:
    """As transformers reads it: the same weights, under the names that the class gives them."""
    path = into / _CONFIG
    said = json.loads(path.read_text(encoding="utf-8"))
    said |= {
        "architectures": [_CLASS],
        "auto_map": {"AutoModelForSequenceClassification": f"{_HEAD}.{_CLASS}"},
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
    }
    path.write_text(json.dumps(said), encoding="utf-8")
    shutil.copy(PEERS / f"{_HEAD}.py", into)
    model = reranker.model
    weights = {f"bert.{name}": tensor for name, tensor in model.encoder.state_dict().items()}
    weights |= {f"classifier.{name}": tensor for name, tensor in model.head.state_dict().items()}
    whole = {name: tensor.contiguous() for name, tensor in weights.items()}
    save_file(whole, into / WEIGHTS, metadata={"format": "pt"})
