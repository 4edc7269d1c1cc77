"""The head of the reranker: what it makes of a pair's states, and of the features beside them."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Head:
    """Weights over a pair's mean state, and over its features."""

    weight: Tensor  # [1, D]
    bias: Tensor  # [1]
    features: Tensor  # [F] weights, per standard deviation
    mean: Tensor  # [F]
    scale: Tensor  # [F]

    def said(self, pooled: Tensor) -> Tensor:
        """The mean states of pairs [P, D] -> [P], the part of the scores that is read."""
        return nn.functional.linear(pooled, self.weight, self.bias).squeeze(-1).float()

    def beside(self, features: Tensor) -> Tensor:
        """Features [P, F] -> [P], the part of the scores that needs no text to be read."""
        return ((features - self.mean) / self.scale) @ self.features

    @property
    def reads_nothing(self) -> bool:
        """Whether it is at zero still: whatever the encoder makes of a pair, it adds 0."""
        return not (self.weight.any() or self.bias.any())
