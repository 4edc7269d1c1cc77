"""WANDS: furniture and its labels, in the tab-separated files that Wayfair published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse.errors import SourceError
from warehouse.judgments import stage_judgments
from warehouse.sources import Wands
from warehouse.sources.base import ingest
from warehouse.staging import stage_products

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

QUERY = """\
query_id\tquery\tquery_class
0\tsalon  chair\tMassage Chairs
1\t27 '' stool\tBar Stools
"""
PRODUCT = """\
product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\t\
product_features\trating_count\taverage_rating\treview_count
0\tinvented armchair\tTeen Lounge Furniture|Accent Chairs\tFurniture / Living Room / Chairs\t\
"a ""soft"" chair , <br>in gray"\tcolor : gray|Overall Width - Side to Side:64.7|color:blue| : x|\
warranty : 1 year : limited|empty : |alone\t15.0\t4.5\t15.0
1\tinvented 29 '' stool\tBar Stools\tFurniture / Stools\t\t\t\t\t
2\tinvented rug\t\t\tflat\tmaterial:wool\t1.0\t5.0\t1.0
"""
LABEL = """\
id\tquery_id\tproduct_id\tlabel
0\t0\t0\tExact
1\t0\t1\tPartial
2\t0\t2\tIrrelevant
3\t1\t1\tExact
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Invented products in the published layout."""
    for name, text in (("query", QUERY), ("product", PRODUCT), ("label", LABEL)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def wands(shop: Shop, folder: Path) -> Shop:
    counts = ingest(shop.connection, Wands(folder))
    assert counts == {"raw_products": 3, "raw_judgments": 4}
    stage_products(shop.connection)
    stage_judgments(shop.connection)
    return shop


def test_a_product_has_its_first_class_and_the_ends_of_its_hierarchy(wands: Shop) -> None:
    columns = "product_id, title, product_type, department, category, description"
    assert wands.rows("stg_products", columns) == [
        (
            "0",
            "invented armchair",
            "Teen Lounge Furniture",
            "Furniture",
            "Chairs",
            'a "soft" chair , in gray',
        ),
        ("1", "invented 29 '' stool", "Bar Stools", "Furniture", "Stools", None),
        ("2", "invented rug", None, None, None, "flat"),
    ]


def test_features_are_attributes_and_what_has_no_name_or_value_is_none(wands: Shop) -> None:
    assert wands.rows("stg_products", "product_id, attributes") == [
        (
            "0",
            {
                "color": "blue, gray",
                "overall_width_side_to_side": "64.7",
                "warranty": "1 year : limited",
            },
        ),
        ("1", {}),
        ("2", {"material": "wool"}),
    ]


def test_labels_are_judgments_of_the_query_that_they_name(wands: Shop) -> None:
    assert wands.rows("stg_judgments", "query_id, query, product_id, gain, source, weak") == [
        ("27 '' stool", "27 '' stool", "1", 1.0, "wands", False),
        ("salon chair", "salon  chair", "0", 1.0, "wands", False),
        ("salon chair", "salon  chair", "1", 0.5, "wands", False),
        ("salon chair", "salon  chair", "2", 0.0, "wands", False),
    ]


def test_a_label_of_an_unknown_query_or_kind_is_left_to_the_check(shop: Shop, folder: Path) -> None:
    with (folder / "label.csv").open("a") as file:
        file.write("4\t9\t0\tExact\n5\t1\t0\tPerhaps\n")
    ingest(shop.connection, Wands(folder))
    odd = "raw_judgments where query is null or gain is null"
    assert shop.rows(odd, "query, product_id, gain") == [
        ("27 '' stool", "0", None),
        (None, "0", 1.0),
    ]


def test_ingesting_again_changes_nothing_and_a_day_brings_nothing(shop: Shop, folder: Path) -> None:
    ingest(shop.connection, Wands(folder))
    before = shop.rows("raw_products"), shop.rows("raw_judgments")
    ingest(shop.connection, Wands(folder))
    assert ingest(shop.connection, Wands(folder), date(2024, 3, 15)) == {}
    assert (shop.rows("raw_products"), shop.rows("raw_judgments")) == before


@pytest.mark.parametrize("file", ["query.csv", "product.csv", "label.csv"])
def test_a_missing_file_is_named(shop: Shop, folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(SourceError, match=f"was expected at .*{file}, but there is no such file"):
        ingest(shop.connection, Wands(folder))
