"""A shop of 81 things for the desk, its online state, and a search model fine-tuned on it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file, save_file

from bentos.encoders.text import TextEncoder, TextVectors
from bentos.scenario import MODEL_FOLDER, TrainingData
from bentos.search.parameters import Parameters
from bentos.search.ranker import SearchRanker
from bentos.search.scenario import SearchScenario
from bentos.search.understanding.parameters import TaggerParameters
from bentos.serving.state import OnlineState
from bentos.serving.store import WEIGHTS
from tests.unit.bentos.search.electronics_shop import catalogue, quietly

NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)
BRANDS = ("Acme", "Bolt", "Core")
TYPES = ("cable", "lamp", "printer", "mouse", "keyboard", "monitor", "speaker", "camera", "router")
COLOURS = ("Black", "White", "Red")
PRODUCTS = [
    {
        "product_id": f"{kind}-{brand}-{colour}".lower(),
        "title": f"{brand} {colour.lower()} {kind}",
        "brand": brand,
        "product_type": kind,
        "category": None,
        "price": float(10 + 3 * place % 40),
        "in_stock": colour != "Red",
        "attributes": [("product_colour", colour)],
    }
    for place, (kind, brand, colour) in enumerate(
        (kind, brand, colour) for kind in TYPES for brand in BRANDS for colour in COLOURS
    )
]
SCENARIO = SearchScenario(
    Parameters(epochs=1, folds=2, products=8),
    TaggerParameters(
        examples=256, held_out=0.3, held_out_examples=64, epochs=1, batch=32, layers=1
    ),
)


def _judgments() -> pa.Table:
    rows = [
        {
            "query_id": f"{brand} {kind}".lower(),
            "product_id": product["product_id"],
            "gain": float(product["brand"] == brand) + float(product["product_type"] == kind),
            "weak": True,
        }
        for kind in TYPES
        for brand in BRANDS[:2]
        for product in PRODUCTS
    ]
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> OnlineState:
    """What is known of the shop: u1 bought Bolt's white lamp, three times."""
    home = tmp_path_factory.mktemp("home")
    products = catalogue(sorted(PRODUCTS, key=lambda product: str(product["product_id"])))
    vectors = TextVectors(home / "vectors", TextEncoder())
    index = SCENARIO.build_index(products, vectors, home / "index", quietly)
    lamp = products["product_id"].to_pylist().index("lamp-bolt-white")
    histories = pa.table({"user_id": ["u1"] * 3, "product": pa.array([lamp] * 3, pa.int32())})
    tables = {"products": products.select(["product_id"]), "histories": histories}
    return OnlineState("v1", NOON.replace(hour=0), tables, {"search": index})


@pytest.fixture(scope="session")
def learnt(shelf: OnlineState, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the fine-tuned model."""
    folder = tmp_path_factory.mktemp("training")
    SCENARIO.train(TrainingData(shelf, judgments=_judgments()), folder, quietly)
    return folder / MODEL_FOLDER


@pytest.fixture(scope="session")
def reader(learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one that has to read texts: training left nothing at zero."""
    folder = shutil.copytree(learnt, tmp_path_factory.mktemp("reading") / "model")
    weights = load_file(folder / WEIGHTS)
    chance = torch.Generator().manual_seed(3)
    weights["head.weight"] = torch.randn(weights["head.weight"].shape, generator=chance) / 10
    save_file(weights, folder / WEIGHTS)
    return folder


@pytest.fixture(scope="session")
def ranker(learnt: Path, shelf: OnlineState) -> SearchRanker:
    """The model over the shop."""
    return SearchRanker.load(learnt, shelf, "cpu")
