"""Matrix products with what follows them, as PyTorch has them and as oneDNN fuses them."""

from typing import Protocol

import torch
from torch import Tensor, nn

_GRAINS = {128: 16, 512: 32}  # that states are filled up to multiples of: up to so many
_COARSEST = 64


class Product(Protocol):
    """A linear layer over states [N, D]."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        """Weight [E, D] and bias [E]."""

    @staticmethod
    def filled(n: int) -> int:
        """The N that ``n`` states are best filled up to."""

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

    @staticmethod
    def filled(n: int) -> int:
        """As they are."""
        return n

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

    @staticmethod
    def filled(n: int) -> int:
        """So that few different N are met.

        For each N oneDNN compiles code of its own, which takes milliseconds, and keeps it, 0.6 MB
        a product, of up to 1,024 products.
        """
        grain = next((grain for most, grain in _GRAINS.items() if n <= most), _COARSEST)
        return -(-n // grain) * grain

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
