"""A small shop of electronics, and an encoder made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bentos.encoders.text import DIMENSIONS, TextEncoder, TextVectors, Vectors
from bentos.search.index import COLUMNS

_SCHEMA = pa.schema(
    [(name, pa.string()) for name in COLUMNS if name not in ("price", "in_stock", "attributes")]
    + [
        ("price", pa.float64()),
        ("in_stock", pa.bool_()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
PRODUCTS: list[dict[str, Any]] = [
    {
        "product_id": "p0",
        "title": "Sandberg HDMI cable 10m",
        "brand": "Sandberg",
        "category": "Cables",
        "price": 12.0,
        "attributes": [("cable_length", "10 m"), ("product_colour", "Black")],
    },
    {
        "product_id": "p1",
        "title": "Hama HDMI cable 2 m",
        "brand": "Hama",
        "category": "Cables",
        "price": 8.0,
        "in_stock": False,
        "attributes": [("cable_length", "2 m"), ("product_colour", "White")],
    },
    {
        "product_id": "p2",
        "title": "Sony WH-1000 headset",
        "description": "Wireless head set with noise cancelling",
        "brand": "Sony",
        "category": "Audio",
        "in_stock": True,
        "attributes": [("product_colour", "black"), ("wireless", "Yes"), ("foldable", "No")],
    },
    {
        "product_id": "p3",
        "title": "Logitech keyboards",
        "brand": "Logitech",
        "category": "Input",
        "price": 30.0,
        "attributes": None,
    },
    {
        "product_id": "p4",
        "title": "Logitech wireless keyboard",
        "brand": "Logitech",
        "category": "Input",
        "price": 50.0,
        "in_stock": True,
        "attributes": [],
    },
]


def catalogue(products: Sequence[dict[str, Any]] = PRODUCTS) -> pa.Table:
    """The products in the index's columns; what is not said is not known."""
    rows = [{"text": row["title"]} | row for row in products]
    return pa.Table.from_pylist(rows, schema=_SCHEMA).select(COLUMNS)


def direction(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A unit vector that only the same text has."""
    seed = int.from_bytes(text.encode()[:64], "little") % 2**32
    vector = np.random.default_rng(seed).normal(size=DIMENSIONS)
    unit: np.ndarray[Any, np.dtype[np.float32]] = vector / np.linalg.norm(vector)
    return unit.astype(np.float32)


class HandEncoder(TextEncoder):
    """Encodes with ``direction``, and remembers its work."""

    words = frozenset({"microwave", "broth"})

    def __init__(self, digest: str = "by-hand") -> None:
        self.digest = digest
        self.encoded: list[str] = []

    def choose_backend(self, texts: Sequence[str]) -> None:
        """Hands have one way."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return np.array([direction(text) for text in texts], np.float16)


def vectors(folder: Path, digest: str = "by-hand") -> TextVectors:
    return TextVectors(folder, HandEncoder(digest))


def quietly(chunks: Iterable[Sequence[str]], total: int) -> Iterable[Sequence[str]]:
    return chunks


HARD_QUERIES = [
    "",
    " \n\t",
    "x" * 10_000,
    "hdmi " * 2_000,
    "a-" * 5_000,
    "😀🎧",
    "кабель ケーブル كابل cable",
    "!!! ... ???",
    "'; DROP TABLE products; --",
    "<script>alert('hdmi')</script>",
    "\x00\ufffd\u202e",
    "%s {0} ${x} \\d+ (",
]
