"""A recommender in a folder: what is read is what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from numpy.testing import assert_allclose

from bentos.encoders.vectors import text_matrix
from bentos.recommend.ranker import Query, RecommendRanker
from bentos.recommend.scenario import RECOMMEND
from bentos.recommend.shop import Catalogue, shop_of
from bentos.recommend.store import Recommender, TextAxes, Vocabulary
from bentos.serving.state import OnlineState
from tests.unit.bentos.conftest import AS_OF, small_parameters
from tests.unit.bentos.recommend.corner_shop import CATALOGUE


def test_a_recommender_comes_back_as_it_was_saved(
    trained: Path, state: OnlineState, tmp_path: Path
) -> None:
    one = Recommender.load(trained)
    one.save(tmp_path / "copy")
    other = Recommender.load(tmp_path / "copy")
    assert other.vocabulary == one.vocabulary
    assert other.parameters == one.parameters == small_parameters()
    assert [m.shape for m in other.members] == [m.shape for m in one.members]
    query = Query("u01", AS_OF)
    pools = [RecommendRanker(r, state, "cpu").rank(query).pool for r in (one, other)]
    assert pools[0] == pools[1]


def test_the_same_recommender_is_saved_as_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    Recommender.load(trained).save(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in trained.iterdir()
    }


def test_a_loaded_model_is_ready_to_score(trained: Path) -> None:
    assert not any(model.training for model in Recommender.load(trained).members)


def test_what_is_not_in_the_vocabulary_is_row_zero() -> None:
    vocabulary = Vocabulary(
        product=("soap", "milk"), type=("food|bread", "food|dairy"), maker=("farm",)
    )
    codes = vocabulary.codes(CATALOGUE)
    assert codes.product.tolist() == [2, 0, 0, 1]
    assert codes.type.tolist() == [2, 2, 1, 0]
    assert codes.maker.tolist() == [1, 1, 0, 0]
    assert codes.text.tolist() == [0, 1, 2, 3]


def test_with_an_empty_vocabulary_everything_is_row_zero() -> None:
    codes = Vocabulary((), (), ()).codes(CATALOGUE)
    for code in (codes.product, codes.type, codes.maker):
        assert code.tolist() == [0, 0, 0, 0]


def test_products_bought_often_have_a_vector_of_their_own(
    trained: Path, state: OnlineState
) -> None:
    bought = state.tables["histories"]["product"].to_numpy()
    often = np.flatnonzero(np.bincount(bought) >= small_parameters().own_vector_from)
    known = Recommender.load(trained).vocabulary.product
    assert known == tuple(f"p{row:02}" for row in often)
    catalogue: Catalogue = shop_of(state).catalogue
    assert set(known) < set(catalogue.row_of)


def test_text_axes_are_the_principal_axes() -> None:
    rng = np.random.default_rng(6)
    vectors = (rng.normal(size=(40, 5)) * [5, 3, 1, 0.5, 0.1] + 7).astype(np.float32)
    found = TextAxes.of(vectors, 2).coordinates(vectors).numpy()
    centred = vectors - vectors.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ directions[:2].T
    expected /= expected.std()
    signs = np.sign((found * expected).sum(0))
    assert_allclose(found, expected * signs, atol=1e-3)
    assert found.std() == pytest.approx(1, rel=1e-3)


def test_there_are_no_more_axes_than_dimensions_and_equal_texts_have_no_extent() -> None:
    vectors = np.ones((3, 4), np.float32)
    axes = TextAxes.of(vectors, 64)
    assert axes.axes.shape == (4, 4)
    assert torch.equal(axes.coordinates(vectors), torch.zeros(3, 4))


def test_text_vectors_are_read_as_a_matrix_whatever_their_chunks() -> None:
    flat = np.arange(12, dtype=np.float16)
    table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(pa.array(flat), 3)})
    expected = flat.reshape(4, 3).astype(np.float32)
    np.testing.assert_array_equal(text_matrix(table), expected)
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    np.testing.assert_array_equal(text_matrix(chunked), expected)


def test_products_are_embedded_as_the_ranker_sees_them_and_unknown_ones_not_at_all(
    trained: Path, state: OnlineState
) -> None:
    ranker = RecommendRanker.load(trained, state, "cpu")
    seen = torch.cat([member.vectors for member in ranker._members], dim=1).numpy()
    products = shop_of(state).catalogue.product_id.to_pylist()
    first, last = products[0], products[-1]
    found = RECOMMEND.embeddings([last, "no such", first, last], trained, state)
    assert_allclose(found[[0, 2, 3]], seen[[-1, 0, -1]], rtol=1e-5, atol=1e-6)
    assert np.isnan(found[1]).all()
