"""MiniLM as transformers has it: what is trained."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn
from transformers import BertModel
from transformers.utils import logging


def minilm(folder: Path, device: str = "cpu") -> BertModel:
    """The encoder in ``folder``, in fp32."""
    with without_report():
        model: BertModel = BertModel.from_pretrained(
            folder, add_pooling_layer=False, dtype="float32"
        )
    nn.Module.to(model, device)  # transformers' own ``to`` is typed wrongly
    return without_dropout(model)


def without_dropout(model: BertModel) -> BertModel:
    """Dropout draws from one generator for all threads: folds side by side would not repeat."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    model.eval()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    return model


@contextmanager
def without_report() -> Iterator[None]:
    """Nothing is wrong with an encoder that lacks a head for labels, or has weights left over."""
    controls: Any = logging  # it brings no types
    verbosity, bar = controls.get_verbosity(), controls.is_progress_bar_enabled()
    controls.set_verbosity_error()
    controls.disable_progress_bar()
    try:
        yield
    finally:
        controls.set_verbosity(verbosity)
        if bar:
            controls.enable_progress_bar()
