"""Matrix products with what follows them, as PyTorch has them and as oneDNN fuses them."""

from typing import Protocol

import torch
from torch import Tensor, nn


class Product(Protocol):
    """A linear layer over states [N, D]."""

    def __call__(self, states: Tensor) -> Tensor:
        """-> [N, E]."""

    def gelu(self, states: Tensor) -> Tensor:
        """-> [N, E], through GELU."""

    def plus(self, states: Tensor, others: Tensor) -> Tensor:
        """-> [N, E], with others [N, E] added."""


class TorchProduct:
    """One step after another."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """Weight [E, D] and bias [E]."""
        self._weight, self._bias = weight, bias

    def __call__(self, states: Tensor) -> Tensor:
        """See `Product`."""
        return nn.functional.linear(states, self._weight, self._bias)

    def gelu(self, states: Tensor) -> Tensor:
        """See `Product`."""
        return nn.functional.gelu(self(states))

    def plus(self, states: Tensor, others: Tensor) -> Tensor:
        """See `Product`."""
        return self(states).add_(others)


class OneDnnProduct:
    """Weights in oneDNN's own order, and what follows done before a row leaves the cache.

    These are the operators that `torch.compile` makes use of, without the compiler that it needs.
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """Weight [E, D] and bias [E]."""
        self._operators = torch.ops.mkldnn
        self._weight = self._operators._reorder_linear_weight(weight.contiguous())
        self._bias = bias
        self._linear = self._operators._linear_pointwise

    def __call__(self, states: Tensor) -> Tensor:
        """See `Product`."""
        found: Tensor = self._linear(states, self._weight, self._bias, "none", [], "")
        return found

    def gelu(self, states: Tensor) -> Tensor:
        """See `Product`."""
        found: Tensor = self._linear(states, self._weight, self._bias, "gelu", [], "none")
        return found

    def plus(self, states: Tensor, others: Tensor) -> Tensor:
        """See `Product`."""
        found: Tensor = self._linear.binary(states, others, self._weight, self._bias, "add")
        return found
