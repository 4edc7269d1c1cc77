"""The model store: a tag names a model's cut and its contents."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from bentos.serving.errors import ModelUnloadable
from bentos.serving.store import WEIGHTS, model_folder, new_model_folder, save_model

CUT = date(2017, 11, 20)


def _made(folder: Path, weights: bytes = b"weights") -> Path:
    (folder / "words").mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(weights)
    (folder / "words" / "vocabulary.json").write_text("{}")
    return folder


def test_a_model_comes_back_with_all_of_its_files(model_store: Path, tmp_path: Path) -> None:
    tag = save_model("recommend", CUT, _made(tmp_path / "made"), {"epochs": 2})
    digest = sha256(b"weights").hexdigest()[:10]
    assert tag == f"recommend:20171120-{digest}"
    folder = model_folder(tag)
    assert folder.is_relative_to(model_store)
    assert (folder / WEIGHTS).read_bytes() == b"weights"
    assert (folder / "words" / "vocabulary.json").read_text() == "{}"


def test_the_same_weights_of_the_same_cut_are_one_model(model_store: Path, tmp_path: Path) -> None:
    made = _made(tmp_path / "made")
    tag = save_model("recommend", CUT, made, {})
    assert save_model("recommend", CUT, made, {}) == tag
    other = _made(tmp_path / "other", b"other weights")
    tags = {
        tag,
        save_model("recommend", CUT, other, {}),
        save_model("recommend", CUT.replace(day=21), made, {}),
        save_model("search", CUT, made, {}),
    }
    assert len(tags) == 4


@pytest.mark.parametrize("tag", ["recommend:nothing", "recommend", "recommend:", "no tag: at all"])
def test_a_model_that_is_not_there_is_refused(model_store: Path, tag: str) -> None:
    with pytest.raises(ModelUnloadable, match=f"no model {tag}"):
        model_folder(tag)


def test_a_folder_without_weights_is_no_model(model_store: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=WEIGHTS):
        save_model("recommend", CUT, tmp_path, {})
    assert list(model_store.iterdir()) == []


def test_a_new_models_folder_is_gone_afterwards_whatever_happened() -> None:
    with new_model_folder() as folder:
        (folder / WEIGHTS).write_bytes(b"weights")
    assert not folder.exists()
    with pytest.raises(RuntimeError), new_model_folder() as folder:
        raise RuntimeError
    assert not folder.exists()
