"""A small shop's online state, and a recommender fine-tuned on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from bentos.recommend.parameters import Parameters
from bentos.recommend.scenario import RecommendScenario
from bentos.scenario import MODEL_FOLDER, TrainingData, Validation
from bentos.serving.state import OnlineState

AS_OF = datetime(2024, 3, 15, tzinfo=UTC)
N_PRODUCTS, N_USERS, WEEKS = 50, 20, 14
WITHDRAWN = 49  # a row of a product that may not be recommended
UNSOLD = (47, 48)  # rows of products that nobody has bought, alike in all but their identifier
DEVICES = [
    "cpu",
    pytest.param(
        "cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
    ),
]


def product(row: int) -> str:
    return f"p{row:02}"


def small_parameters(**changes: Any) -> Parameters:
    """Enough to train within a second."""
    return Parameters(
        **{
            "weeks": 6,
            "candidates": 24,
            "sure": 10,
            "popular": 12,
            "negatives": 16,
            "own_vector_from": 5,
            "text_axes": 4,
            "batch": 6,
            "epochs": 2,
        }
        | changes
    )


def quietly(items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
    """A progress bar that shows nothing."""
    return items


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """What is as small as this only waits for other threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _products(rng: np.random.Generator) -> pa.Table:
    kind = np.arange(N_PRODUCTS) % 10
    kind[list(UNSOLD)] = 7
    text = np.arange(N_PRODUCTS) % 30
    text[list(UNSOLD)] = 17
    return pa.table(
        {
            "product_id": [product(row) for row in range(N_PRODUCTS)],
            "category": [None if k == 9 else f"category {k // 3}" for k in kind],
            "product_type": [f"type {k}" for k in kind],
            "supplier_id": [None if k == 8 else f"maker {k % 4}" for k in kind],
            "recommendable": [row != WITHDRAWN for row in range(N_PRODUCTS)],
            "text_row": pa.array(text, pa.int32()),
        }
    )


def _histories(rng: np.random.Generator) -> pa.Table:
    """Everybody shops about once a week and likes some ten products more than the others."""
    rows: list[dict[str, Any]] = []
    for user in range(N_USERS):
        liked = rng.choice(UNSOLD[0], 10, replace=False)
        for week in range(WEEKS, 0, -1):
            if rng.random() < 0.2:
                continue
            moment = AS_OF - timedelta(days=7 * week - int(rng.integers(7)), hours=-9)
            for row in np.unique(np.append(rng.choice(liked, 3), rng.integers(UNSOLD[0]))):
                rows.append(
                    {
                        "user_id": f"u{user:02}",
                        "session_id": f"u{user:02}-{week}",
                        "occurred_at": moment.replace(tzinfo=None),
                        "quantity": float(rng.integers(1, 4)),
                        "price": float(rng.integers(50, 500)) / 100,
                        "discount": 0.5 if rng.random() < 0.3 else 0.0,
                        "store_id": f"store {user % 2}",
                        "product": int(row),
                    }
                )
    schema = pa.schema(
        {
            "user_id": pa.string(),
            "session_id": pa.string(),
            "occurred_at": pa.timestamp("us"),
            "quantity": pa.float64(),
            "price": pa.float64(),
            "discount": pa.float64(),
            "store_id": pa.string(),
            "product": pa.int32(),
        }
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _promotions(rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """Each store promotes six products a week."""
    in_force, shares = [], []
    for week in range(WEEKS):
        for store in range(2):
            for row in np.sort(rng.choice(N_PRODUCTS, 6, replace=False)).tolist():
                mailer = int(rng.integers(0, 3))
                in_force.append((week, f"store {store}", row, bool(mailer != 1), mailer))
                if mailer:
                    shares.append((week, row, 0.5))
    names = ("weeks_back", "store_id", "product", "displayed", "mailer")
    types = (pa.int16(), pa.string(), pa.int32(), pa.bool_(), pa.int8())
    promotions = pa.table(
        {
            name: pa.array(values, kind)
            for name, kind, values in zip(names, types, zip(*in_force, strict=True), strict=True)
        }
    )
    once = {(week, row): share for week, row, share in shares}
    mailer_shares = pa.table(
        {
            "weeks_back": pa.array([week for week, _ in once], pa.int16()),
            "product": pa.array([row for _, row in once], pa.int32()),
            "share": pa.array(list(once.values()), pa.float64()),
        }
    )
    return promotions, mailer_shares


@pytest.fixture(scope="session")
def state() -> OnlineState:
    """50 products, 20 users, 14 weeks, two stores."""
    rng = np.random.default_rng(20240315)
    promotions, mailer_shares = _promotions(rng)
    vectors = rng.normal(size=(30, 8)).astype(np.float16)
    return OnlineState(
        "v1",
        AS_OF,
        {
            "products": _products(rng),
            "texts": pa.table(
                {"vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 8)}
            ),
            "histories": _histories(rng),
            "promotions": promotions,
            "mailer_shares": mailer_shares,
        },
    )


@pytest.fixture(scope="session")
def trained(state: OnlineState, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a recommender fine-tuned for two epochs."""
    folder = tmp_path_factory.mktemp("training")
    values = count(1)
    RecommendScenario(small_parameters()).train(
        TrainingData(state, Validation(state, lambda ranker: float(next(values)))), folder, quietly
    )
    return folder / MODEL_FOLDER


@pytest.fixture
def model_store(tmp_path: Path) -> Iterator[Path]:
    """BentoML's store, in a folder of the test."""
    from bentoml._internal.configuration.containers import BentoMLContainer
    from bentoml._internal.models import ModelStore

    folder = tmp_path / "models"
    folder.mkdir()
    BentoMLContainer.model_store.set(ModelStore(folder))
    yield folder
    BentoMLContainer.model_store.reset()
