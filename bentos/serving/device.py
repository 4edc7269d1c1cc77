"""Which device and precision a model runs on."""

import time
from functools import cache
from typing import Literal

import torch

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "bfloat16", "float32"]

_ROUNDS = 5
_WORTH_IT = 1.2  # times as fast, from which the digits that bf16 lacks are given up
_ROWS, _DIMENSIONS, _WIDE = 512, 384, 1536  # of MiniLM's widest product


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


def device_of(worker: int, wanted: Device = "auto") -> str:
    """A worker's own device: where there are several GPUs, workers take them in turns.

    Raises:
        ValueError: ``cuda`` is asked for and there is none.
    """
    device = best_device(wanted)
    return device if device == "cpu" else f"cuda:{worker % torch.cuda.device_count()}"


def fast_type(device: str, wanted: Precision = "auto") -> torch.dtype:
    """The type to multiply matrices in: what is wanted, or what is fastest here.

    A GPU is taken to be fast in bf16. A CPU is measured: with AMX bf16 takes an eighth of fp32's
    time, without it nearly twice as long.
    """
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bfloat16" else torch.float32
    if device != "cpu":
        return torch.bfloat16
    return _measured()


@cache
def _measured() -> torch.dtype:
    seconds = {torch.float32: float("inf"), torch.bfloat16: float("inf")}
    for _ in range(_ROUNDS + 1):  # taking turns, so that a busy moment meets both
        for dtype in seconds:
            rows, weights = (torch.ones(n, _DIMENSIONS, dtype=dtype) for n in (_ROWS, _WIDE))
            began = time.perf_counter()
            torch.nn.functional.linear(rows, weights)
            seconds[dtype] = min(seconds[dtype], time.perf_counter() - began)
    faster = seconds[torch.float32] / seconds[torch.bfloat16]
    return torch.bfloat16 if faster > _WORTH_IT else torch.float32
