"""Which device and precision a model runs on."""

from __future__ import annotations

import pytest
import torch

from bentos.serving.device import best_device, fast_type


def test_a_gpu_that_is_not_there_is_refused_by_name() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(ValueError, match="SHOPKEEPER_DEVICE is cuda"):
        best_device("cuda")
    assert best_device("auto") == best_device("cpu") == "cpu"


def test_a_precision_that_is_asked_for_is_taken() -> None:
    assert fast_type("cpu", "bfloat16") is torch.bfloat16
    assert fast_type("cpu", "float32") is torch.float32


def test_a_gpu_computes_in_bf16_and_a_cpu_in_what_it_is_faster_at() -> None:
    assert fast_type("cuda") is torch.bfloat16
    assert fast_type("cpu") in (torch.bfloat16, torch.float32)
    assert fast_type("cpu") is fast_type("cpu")


def test_a_cpu_with_matrix_units_for_bf16_uses_them() -> None:
    if not torch.cpu._is_amx_tile_supported():
        pytest.skip("this CPU has no AMX")
    assert fast_type("cpu") is torch.bfloat16
