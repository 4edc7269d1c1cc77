"""Search as the flows see it, in shops that say little."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose

from bentos.encoders.text import TextEncoder, TextVectors
from bentos.scenario import MODEL_FOLDER, TrainingData
from bentos.search.ranker import SearchQuery
from bentos.serving.state import OnlineState
from tests.unit.bentos.search.conftest import SCENARIO
from tests.unit.bentos.search.electronics_shop import catalogue, quietly

TITLES = ["Red lamp", "Blue lamp", "Red chair", "Oak table"]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> OnlineState:
    home = tmp_path_factory.mktemp("home")
    products = catalogue([{"product_id": f"p{n}", "title": t} for n, t in enumerate(TITLES)])
    vectors = TextVectors(home / "vectors", TextEncoder())
    index = SCENARIO.build_index(products, vectors, home / "index", quietly)
    histories = pa.table(
        {"user_id": pa.array([], pa.string()), "product": pa.array([], pa.int32())}
    )
    tables = {"products": products.select(["product_id"]), "histories": histories}
    return OnlineState("v1", datetime(2024, 3, 15, tzinfo=UTC), tables, {"search": index})


def test_a_catalogue_of_bare_titles_is_searched_without_understanding_queries(
    state: OnlineState, tmp_path: Path
) -> None:
    gains = {"red lamp": [1.0, 0.0, 0.0, 0.0], "oak table": [0.0, 0.0, 0.0, 1.0]}
    judgments = pa.Table.from_pylist(
        [
            {"query_id": query, "product_id": f"p{n}", "gain": gain, "weak": False}
            for query, own in gains.items()
            for n, gain in enumerate(own)
        ]
    )
    figures = SCENARIO.train(TrainingData(state, judgments=judgments), tmp_path, quietly)
    assert not [name for name in figures if name.startswith("tagger_")]
    # Of so few titles none but fp32 is sure to be right; the model says how near it is.
    (agreement,) = (name for name in figures if name.startswith("agreement_"))
    assert agreement.endswith("_fp32")
    assert figures[agreement] > 0.9999
    assert figures[agreement.replace("agreement", "tolerance")] < 1e-5
    ranked = SCENARIO.load(tmp_path / MODEL_FOLDER, state, "cpu").rank(
        SearchQuery("red lamp", state.as_of)
    )
    assert ranked.pool[0].product_id == "p0"
    assert ranked.tags == []


def test_without_judged_queries_nothing_is_learnt(state: OnlineState, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="judged queries"):
        SCENARIO.train(TrainingData(state), tmp_path, quietly)


def test_queries_are_embedded_as_the_encoder_reads_them_and_again_the_same(
    state: OnlineState, tmp_path: Path
) -> None:
    asked = ["red lamp", "a table made of oak", "lamp"]
    found = SCENARIO.embeddings(asked, tmp_path, state)
    one_by_one = [TextEncoder().encode([query])[0] for query in asked]
    assert_allclose(found, one_by_one, atol=1e-3)
    assert np.array_equal(found, SCENARIO.embeddings(asked, tmp_path, state))
