"""ESCI: labels of query and product in three locales, in the files that Amazon published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.errors import SourceError
from warehouse.judgments import stage_judgments
from warehouse.sources import Esci
from warehouse.sources.base import ingest
from warehouse.staging import stage_products

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

# product_id, title, description, bullet points, brand, colour, locale
PRODUCTS = [
    (
        "B1",
        "Acme kettle",
        "<p>Boils <b>water</b> &amp; tea</p>",
        "Fast\nQuiet",
        "Acme",
        "Red",
        "us",
    ),
    ("B1", "Hervidor Acme", None, None, "Acme", None, "es"),
    ("B2", "Acme cup", None, "Holds tea", None, " ", "us"),
    ("B3", "やかん", None, None, "アクメ", "赤", "jp"),
]
# query, query_id, product_id, locale, label
EXAMPLES = [
    ("red  kettle", 7, "B1", "us", "E"),
    ("red  kettle", 7, "B2", "us", "C"),
    ("hervidor", 8, "B1", "es", "S"),
    ("やかん", 9, "B3", "jp", "I"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Invented products in the published layout."""
    names = ["product_id", "product_title", "product_description", "product_bullet_point"]
    names += ["product_brand", "product_color", "product_locale"]
    products = [dict(zip(names, row, strict=True)) for row in PRODUCTS]
    examples = [
        {
            "example_id": place,
            "query": query,
            "query_id": query_id,
            "product_id": product_id,
            "product_locale": locale,
            "esci_label": label,
            "small_version": 0,
            "large_version": 1,
            "split": "train",
        }
        for place, (query, query_id, product_id, locale, label) in enumerate(EXAMPLES)
    ]
    for name, rows in (("products", products), ("examples", examples)):
        path = tmp_path / f"shopping_queries_dataset_{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)
    return tmp_path


@pytest.fixture
def esci(shop: Shop, folder: Path) -> Shop:
    counts = ingest(shop.connection, Esci(folder))
    assert counts == {"raw_products": 4, "raw_judgments": 4}
    stage_products(shop.connection)
    stage_judgments(shop.connection)
    return shop


def test_an_identifier_that_locales_share_is_told_apart_by_the_locale(esci: Shop) -> None:
    assert esci.rows("stg_products", "product_id, title, brand") == [
        ("B1-es", "Hervidor Acme", "Acme"),
        ("B1-us", "Acme kettle", "Acme"),
        ("B2", "Acme cup", None),
        ("B3", "やかん", "アクメ"),
    ]


def test_a_description_is_plain_text_with_its_bullet_points_and_the_colour_an_attribute(
    esci: Shop,
) -> None:
    assert esci.rows("stg_products", "product_id, description, attributes") == [
        ("B1-es", None, {}),
        ("B1-us", "Boils water & tea Fast Quiet", {"product_color": "Red"}),
        ("B2", "Holds tea", {}),
        ("B3", None, {"product_color": "赤"}),
    ]


def test_labels_are_worth_what_the_challenge_gave_them(esci: Shop) -> None:
    columns = "query_id, query, product_id, grade, gain, source, weak, locale"
    assert esci.rows("stg_judgments", columns) == [
        ("hervidor", "hervidor", "B1-es", None, 0.1, "esci", False, "es"),
        ("red kettle", "red  kettle", "B1-us", None, 1.0, "esci", False, "us"),
        ("red kettle", "red  kettle", "B2", None, 0.01, "esci", False, "us"),
        ("やかん", "やかん", "B3", None, 0.0, "esci", False, "jp"),
    ]


def test_a_label_that_is_none_of_the_four_is_worth_nothing_known(shop: Shop, folder: Path) -> None:
    path = folder / "shopping_queries_dataset_examples.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("esci_label")
    pq.write_table(table.set_column(place, "esci_label", pa.array(["?", "E", "E", "E"])), path)
    ingest(shop.connection, Esci(folder))
    assert shop.rows("raw_judgments where gain is null", "row_number") == [(0,)]


def test_a_day_brings_nothing_and_a_missing_file_is_named(shop: Shop, folder: Path) -> None:
    assert ingest(shop.connection, Esci(folder), date(2024, 3, 15)) == {}
    (folder / "shopping_queries_dataset_examples.parquet").unlink()
    with pytest.raises(SourceError, match="ESCI's labels was expected at"):
        ingest(shop.connection, Esci(folder))
