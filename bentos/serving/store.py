"""The model store: BentoML's, where a model's tag names its cut and its contents."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import bentoml

from bentos.serving.errors import ModelUnloadable

WEIGHTS = "model.safetensors"


@contextmanager
def new_model_folder() -> Iterator[Path]:
    """A folder to write a model to, gone afterwards: what is to stay goes to ``save_model``."""
    folder = Path(tempfile.mkdtemp(prefix="shopkeeper-model-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def save_model(scenario: str, cut: date, folder: Path, metadata: Mapping[str, Any]) -> str:
    """Puts a folder with ``model.safetensors`` into the store and returns the model's tag.

    The tag ends in a digest of the weights: saving the same model again is one model.
    """
    digest = sha256((folder / WEIGHTS).read_bytes()).hexdigest()[:10]
    tag = f"{scenario}:{cut:%Y%m%d}-{digest}"
    try:
        bentoml.models.get(tag)
    except bentoml.exceptions.NotFound:
        with bentoml.models.create(tag, metadata=dict(metadata)) as model:
            shutil.copytree(folder, model.path, dirs_exist_ok=True)
    return tag


def stored_models(scenario: str) -> list[str]:
    """The tags of a scenario's models in the store, the newest first."""
    try:
        models = bentoml.models.list(scenario)
    except bentoml.exceptions.NotFound:
        return []
    models.sort(key=lambda model: model.info.creation_time, reverse=True)
    return [str(model.tag) for model in models]


def model_folder(tag: str) -> Path:
    """Where a model's files lie.

    Raises:
        ModelUnloadable: the store has no such model.
    """
    try:
        return Path(bentoml.models.get(tag).path)
    except bentoml.exceptions.BentoMLException as error:  # not found, or no tag at all
        raise ModelUnloadable(f"the model store has no model {tag}") from error
