"""Which device and precision a model runs on."""

from typing import Literal

import torch

Device = Literal["auto", "cpu", "cuda"]


def best_device(wanted: Device = "auto") -> str:
    """``cuda`` where there is one, unless ``cpu`` is asked for.

    Raises:
        ValueError: ``cuda`` is asked for and there is none.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("SHOPKEEPER_DEVICE is cuda, but torch sees no GPU; set it to cpu or auto")
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted
