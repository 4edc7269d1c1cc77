"""What all fine-tuning shares: the schedule of learning rates, and sums that can be repeated."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import cos, pi
from typing import Any

import torch

from bentos.serving.device import Precision, fast_type

_WARM_UP = 0.1  # of all steps


def rate_share(step: int, steps: int) -> float:
    """The share of the learning rate at a step: a linear warm-up, then a half cosine to nothing."""
    done = (step + 1) / (steps + 1)
    if done < _WARM_UP:
        return done / _WARM_UP
    return (1 + cos(pi * (done - _WARM_UP) / (1 - _WARM_UP))) / 2


@contextmanager
def repeatable(threads: int = 1) -> Iterator[None]:
    """So many threads a model, and sums in a fixed order: the same seed makes the same weights."""
    before, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    memory: Any = torch.utils.deterministic  # its types lack the setting
    filled = memory.fill_uninitialized_memory
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    memory.fill_uninitialized_memory = False  # nothing reads what it did not set
    try:
        yield
    finally:
        memory.fill_uninitialized_memory = filled
        torch.use_deterministic_algorithms(deterministic)
        torch.set_num_threads(before)


def autocast(device: torch.device, precision: Precision = "auto") -> torch.autocast:
    """Matrix products in ``precision``, or in the type that is fastest here.

    Casts are not kept: their cache is one for all threads, and models that learn side by side
    would disturb each other's sums.
    """
    dtype = fast_type(device.type, precision)
    half = dtype is not torch.float32
    return torch.autocast(device.type, torch.bfloat16, enabled=half, cache_enabled=False)
