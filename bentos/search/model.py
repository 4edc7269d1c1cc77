"""A cross-encoder: MiniLM reads query and product text together, a small head adds features.

Sentence embeddings are what MiniLM was trained for, not pairs; and there are few judged queries. So
the score begins as what the features say (see `bentos.search.features.PRIOR`), the head that reads
the encoder's states begins at zero, and fine-tuning adds to it what it can. Only the uppermost
layers learn: the states below them are the same in every epoch and are worked out once.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from transformers import BertModel

from bentos.search.head import Head
from bentos.search.parameters import Parameters

if TYPE_CHECKING:
    from peft import LoraModel


class CrossEncoder(nn.Module):
    """Scores pairs."""

    prior: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, encoder: BertModel, parameters: Parameters, prior: Sequence[float]) -> None:
        """``prior``: the weights [F] of the features to begin with; none where there are none."""
        super().__init__()
        self.encoder = encoder
        self.trained_layers = parameters.trained_layers
        self.register_buffer("prior", torch.tensor(prior, dtype=torch.float32))
        self.register_buffer("mean", torch.zeros(len(prior)))
        self.register_buffer("scale", torch.ones(len(prior)))
        self.head = nn.Linear(encoder.config.hidden_size, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.features = nn.Parameter(self.prior.clone())  # per standard deviation
        self._adapter = self._learn(parameters)

    @property
    def lower_layers(self) -> int:
        """How many stay as they are."""
        return len(self.encoder.encoder.layer) - self.trained_layers

    @property
    def upper_layers(self) -> nn.ModuleList:
        """Those that learn."""
        return self.encoder.encoder.layer[self.lower_layers :]

    def _learn(self, parameters: Parameters) -> "LoraModel | None":
        """Opens the upper layers, or low-rank adapters (Hu et al. 2021) of their attention."""
        self.encoder.requires_grad_(False)
        if not self.trained_layers:
            return None
        if parameters.adapter == "full":
            self.upper_layers.requires_grad_(True)
            return None
        from peft import LoraConfig, LoraModel  # what serves merged weights does without it

        n_layers = len(self.encoder.encoder.layer)
        config = LoraConfig(
            r=parameters.lora_rank,
            lora_alpha=2 * parameters.lora_rank,
            target_modules=["query", "value"],
            layers_to_transform=list(range(n_layers - self.trained_layers, n_layers)),
            layers_pattern="layer",
        )
        return LoraModel(self.encoder, config, "default")

    def merge(self) -> None:
        """Adds the adapters into the layers' own weights: what is served knows no adapters."""
        if self._adapter is not None:
            self._adapter.merge_and_unload()  # in place: the encoder is the one it was given
            self._adapter = None

    def layer_weights(self) -> list[nn.Parameter]:
        """The weights that MiniLM brings and that learn."""
        return [] if self._adapter is not None else _learning(self.encoder)

    def new_weights(self) -> list[nn.Parameter]:
        """The weights of the head, and of adapters."""
        adapters = [] if self._adapter is None else _learning(self.encoder)
        return [*self.head.parameters(), *adapters]

    def standardise(self, features: Tensor) -> None:
        """Takes mean and scale from features [N, F]; the weights go on meaning the same."""
        scale = features.std(0, correction=0) + 1e-6
        for weights in (self.prior, self.features.data):
            weights.mul_(scale / self.scale)
        self.mean.copy_(features.mean(0))
        self.scale.copy_(scale)

    def forward(self, states: Tensor, present: Tensor, features: Tensor) -> Tensor:
        """States [P, T, D] below the upper layers, features [P, F] -> scores [P]."""
        head = self.whole_head
        if not torch.is_grad_enabled() and head.reads_nothing:
            return head.beside(features)
        states = _through(self.upper_layers, states, present).float()
        pooled = (states * present[..., None]).sum(1) / present.sum(1, keepdim=True)
        return head.said(pooled) + head.beside(features)

    @property
    def whole_head(self) -> Head:
        """The head with the features beside it, as they are now."""
        linear = self.head
        return Head(linear.weight, linear.bias, self.features, self.mean, self.scale)

    def distance_to_prior(self) -> Tensor:
        """How far the features' weights are from where they began (Li et al., L2-SP, 2018)."""
        return ((self.features - self.prior) ** 2).sum()


def _learning(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]


def _through(layers: nn.ModuleList, states: Tensor, present: Tensor) -> Tensor:
    mask = present[:, None, None]  # [P, 1, 1, T]
    for layer in layers:
        states = layer(states, mask)
    return states
