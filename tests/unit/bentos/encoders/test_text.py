"""Text vectors: each distinct text encoded once, as the model's authors would encode it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from numpy.testing import assert_array_equal

from bentos.encoders.text import DIMENSIONS, TextEncoder, TextVectors, Vectors
from bentos.encoders.weights import minilm_folder

TEXTS = ["whole milk, one gallon", "shampoo", "organic whole milk"]


class Counting(TextEncoder):
    """An encoder made by hand: a text's vector is its length everywhere. Remembers its work."""

    def __init__(self, digest: str = "by-hand") -> None:
        self.digest = digest
        self.encoded: list[str] = []

    def choose_backend(self, texts: Sequence[str]) -> None:
        """Hands have one way."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        lengths = np.array([len(text) for text in texts], np.float16)
        return np.repeat(lengths[:, None], DIMENSIONS, 1)


def _quietly(done: Iterable[Vectors], total: int) -> Iterable[Vectors]:
    return done


def _lengths(vectors: Vectors) -> list[int]:
    assert vectors.shape[1] == DIMENSIONS
    return [int(row[0]) for row in vectors]


def test_vectors_come_in_the_order_of_their_texts(tmp_path: Path) -> None:
    texts = ["ccc", "a", "bb", "a"]
    assert _lengths(TextVectors(tmp_path, Counting()).of(texts, _quietly)) == [3, 1, 2, 1]


def test_only_distinct_texts_that_are_new_are_encoded(tmp_path: Path) -> None:
    encoder = Counting()
    vectors = TextVectors(tmp_path, encoder)
    vectors.of(["a", "bb", "a"], _quietly)
    assert sorted(encoder.encoded) == ["a", "bb"]
    assert _lengths(vectors.of(["bb", "dddd", "a"], _quietly)) == [2, 4, 1]
    assert encoder.encoded[2:] == ["dddd"]


def test_encoding_a_catalogue_leaves_torch_the_threads_it_had(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    seen = []

    class Watching(Counting):
        def encode(self, texts: Sequence[str]) -> Vectors:
            seen.append(torch.get_num_threads())
            return super().encode(texts)

    TextVectors(tmp_path, Watching()).of(["a", "bb"], _quietly)
    assert seen == [1]
    assert torch.get_num_threads() == before


def test_vectors_outlast_the_process(tmp_path: Path) -> None:
    TextVectors(tmp_path, Counting()).of(["a", "bb"], _quietly)
    later = Counting()
    assert _lengths(TextVectors(tmp_path, later).of(["bb", "a"], _quietly)) == [2, 1]
    assert later.encoded == []


def test_vectors_of_two_encoders_are_never_mixed(tmp_path: Path) -> None:
    TextVectors(tmp_path, Counting("one")).of(["a"], _quietly)
    other = Counting("other")
    TextVectors(tmp_path, other).of(["a"], _quietly)
    assert other.encoded == ["a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.parquet", "other.parquet"]


def test_no_texts_have_no_vectors_and_make_no_file(tmp_path: Path) -> None:
    found = TextVectors(tmp_path / "none", Counting()).of([], _quietly)
    assert found.shape == (0, DIMENSIONS)
    assert not (tmp_path / "none").exists()


def test_an_empty_text_has_a_vector_too(tmp_path: Path) -> None:
    assert _lengths(TextVectors(tmp_path, Counting()).of(["", "a"], _quietly)) == [0, 1]


def test_many_texts_are_encoded_in_chunks_that_the_progress_bar_counts(tmp_path: Path) -> None:
    totals = []

    def bar(chunks: Iterable[Sequence[str]], total: int) -> Iterable[Sequence[str]]:
        totals.append(total)
        return chunks

    texts = [f"{n:04}" + "x" * (n % 7) for n in range(1100)]
    encoder = Counting()
    found = TextVectors(tmp_path, encoder).of(texts, bar)
    assert _lengths(found) == [len(text) for text in texts]
    assert totals == [3]
    lengths = [len(text) for text in encoder.encoded]
    assert lengths == sorted(lengths)  # so that little of a batch is padding


def test_an_encoding_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    class Failing(Counting):
        def encode(self, texts: Sequence[str]) -> Vectors:
            raise RuntimeError

    TextVectors(tmp_path, Counting()).of(["a"], _quietly)
    with pytest.raises(RuntimeError):
        TextVectors(tmp_path, Failing()).of(["a", "bb"], _quietly)
    assert pq.read_table(tmp_path / "by-hand.parquet")["text"].to_pylist() == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["by-hand.parquet"]


# The real encoder.


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder()


@pytest.fixture(scope="module")
def vectors(encoder: TextEncoder) -> Vectors:
    return encoder.encode(TEXTS)


def test_a_vector_is_the_mean_of_its_words_of_length_one(vectors: Vectors) -> None:
    """As the model card says it, with transformers alone, in fp32."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(minilm_folder())
    model = AutoModel.from_pretrained(minilm_folder(), dtype=torch.float32).eval()
    words = tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = model(**words).last_hidden_state
    mask = words["attention_mask"][..., None]
    expected = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
    cosines = (expected.numpy() * vectors.astype(np.float32)).sum(1)
    assert (cosines > 0.999).all()  # what bf16 leaves of it


def test_vectors_have_length_one_and_like_texts_lie_closer(vectors: Vectors) -> None:
    assert vectors.dtype == np.float16
    as_fp32 = vectors.astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(as_fp32, axis=1), 1, atol=1e-3)
    milk, shampoo, other_milk = as_fp32
    assert milk @ other_milk > milk @ shampoo + 0.2


def test_what_is_kept_is_what_was_encoded(
    encoder: TextEncoder, vectors: Vectors, tmp_path: Path
) -> None:
    kept = TextVectors(tmp_path, encoder)
    kept.of(TEXTS, _quietly)
    again = TextVectors(tmp_path, encoder).of(TEXTS[::-1], _quietly)
    cosines = (again.astype(np.float32) * vectors[::-1].astype(np.float32)).sum(1)
    assert (cosines > 0.999).all()  # padding differs with the order, by what bf16 leaves
    assert_array_equal(again, kept.of(TEXTS[::-1], _quietly))


def test_the_digest_names_the_weights(encoder: TextEncoder, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"others")
    assert TextEncoder().digest == encoder.digest
    assert TextEncoder(tmp_path).digest != encoder.digest
    assert len(encoder.digest) == 16
