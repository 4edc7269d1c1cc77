"""Weak judgments from the catalogue's own structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from warehouse.judgments import derive_from_catalogue, stage_judgments

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Shop

Row = dict[str, Any]


def _product(product_id: str, product_type: str | None, **values: Any) -> Row:
    given = {
        "product_id": product_id,
        "text": product_id,
        "product_type": product_type,
        "department": "GROCERY",
        "category": "BAG SNACKS",
        "recommendable": True,
        "attributes": [],
    }
    return given | values


def _judged(shop: Shop, query: str) -> dict[str, float]:
    rows = shop.rows(f"stg_judgments where query_id = '{query}'", "product_id, gain")
    return dict(rows)


def _queries(shop: Shop) -> list[str]:
    return [query for (query,) in shop.rows("(select distinct query_id from stg_judgments)")]


def _word_of(shop: Shop, product_type: str | None, **values: Any) -> list[str]:
    shop.add("stg_products", _product("p1", product_type, **values))
    derive_from_catalogue(shop.connection)
    return _queries(shop)


@pytest.fixture
def snacks(shop: Shop) -> Shop:
    shop.add(
        "stg_products",
        _product("c1", "POTATO CHIPS", size="11 OZ", brand="Acme"),
        _product("c2", "POTATO CHIPS", size="11 OZ", brand="Acme"),
        _product("c3", "POTATO CHIPS", size="8 OZ", brand="Bolt"),
        _product("c4", "POTATO CHIPS", size=None, brand="Private"),
        _product("t1", "TORTILLA/NACHO CHIPS", size="8 OZ"),
        _product("d1", "POTATO CHIPS DIP", size="8 OZ"),
        _product("m1", "MILK", category="DAIRY"),
        _product("x1", "POTATO CHIPS", recommendable=False),
    )
    return shop


def test_a_kind_is_a_query_that_its_products_answer_and_the_rest_of_the_shelf_does_not(
    snacks: Shop,
) -> None:
    derive_from_catalogue(snacks.connection)
    judged = _judged(snacks, "potato chips")
    # The dip says all that the query says, and may or may not be meant: nobody judges it.
    assert judged == {"c1": 1, "c2": 1, "c3": 1, "c4": 1, "t1": 0, "m1": 0}


def test_a_query_with_a_size_is_answered_in_part_by_the_kind_in_another_size(
    snacks: Shop,
) -> None:
    derive_from_catalogue(snacks.connection)
    judged = _judged(snacks, "potato chips 11 oz")
    assert judged == {"c1": 1, "c2": 1, "c3": 0.1, "c4": 0.1, "t1": 0, "m1": 0}
    # One product of a size is no choice of them.
    assert "potato chips 8 oz" not in _queries(snacks)


def test_a_query_with_a_brand_names_it_first_and_no_query_names_whose_the_brand_is(
    snacks: Shop,
) -> None:
    derive_from_catalogue(snacks.connection)
    judged = _judged(snacks, "acme potato chips")
    assert judged == {"c1": 1, "c2": 1, "c3": 0.1, "c4": 0.1, "t1": 0, "m1": 0}
    assert not [query for query in _queries(snacks) if "private" in query]


def test_a_colour_among_the_attributes_makes_a_query_and_a_weight_does_not(shop: Shop) -> None:
    kettles = (("red", "3"), ("Red", "3"), ("blue", "2"))
    shop.add(
        "stg_products",
        *(
            _product(f"k{n}", "Kettle", attributes=[("product_colour", colour), ("weight", kg)])
            for n, (colour, kg) in enumerate(kettles)
        ),
    )
    derive_from_catalogue(shop.connection)
    assert _queries(shop) == ["kettle", "red kettle"]
    assert _judged(shop, "red kettle") == {"k0": 1, "k1": 1, "k2": 0.1}


def test_they_are_marked_weak_and_say_where_they_are_from(snacks: Shop) -> None:
    derive_from_catalogue(snacks.connection)
    marks = "(select distinct source, weak, query = query_id, grade, locale from stg_judgments)"
    assert snacks.rows(marks) == [("catalogue", True, True, None, None)]


def test_the_queries_are_those_of_which_most_is_bought(snacks: Shop) -> None:
    for day in range(3):
        snacks.buys("u1", "t1", f"2024-03-1{day}")
    snacks.buys("u1", "m1", "2024-03-15")
    derive_from_catalogue(snacks.connection, queries=2)
    assert _queries(snacks) == ["milk", "tortilla nacho chips"]


def test_where_nothing_is_bought_they_are_those_of_which_there_is_most(snacks: Shop) -> None:
    derive_from_catalogue(snacks.connection, queries=1)
    assert _queries(snacks) == ["potato chips"]


def test_deriving_again_replaces_them_and_leaves_what_people_judged(snacks: Shop) -> None:
    judgment = {"query": "chips", "product_id": "c1", "gain": 1.0, "grade": 3.0}
    snacks.add_raw("raw_judgments", judgment)
    stage_judgments(snacks.connection)
    derive_from_catalogue(snacks.connection)
    before = snacks.rows("stg_judgments")
    derive_from_catalogue(snacks.connection)
    assert snacks.rows("stg_judgments") == before
    assert ("chips", "chips", "c1", 3.0, 1.0, "shop", False, None) in before


@pytest.mark.parametrize(
    ("product_type", "query"),
    [
        ("FRZN FRENCH FRIES", "frozen french fries"),
        ("CANDY BARS (SINGLES)(INCLUDING", "candy bars"),
        ("PEAS - GREEN", "peas green"),
        ("HAM/HAM SLICES", "ham slices"),
        ("MISC. PAPER PRODUCTS", "paper"),
        ("BBQ SAUCE", "bbq sauce"),
        ("MENS SOCKS", "men's socks"),
        ("Küchenstühle", "küchenstühle"),
        ("PREMIUM", "premium ice cream"),
        ("MISC", "ice cream"),
    ],
)
def test_a_name_becomes_what_a_shopper_types(shop: Shop, product_type: str, query: str) -> None:
    assert _word_of(shop, product_type, category="ICE CREAM/MILK/SHERBTS") == [query]


@pytest.mark.parametrize(
    "product_type",
    [
        "SOFT DRINKS 12/18&15PK CAN CAR",
        "PLSTC CTLRYTBLCLTHSTTHPKSST",
        "JUICE 100%",
        "FRUIT BOWLS AND CUPS IN SYRUP",
    ],
)
def test_a_name_that_nobody_types_is_no_query(shop: Shop, product_type: str) -> None:
    assert _word_of(shop, product_type) == []


def test_where_a_product_has_no_type_its_category_is_its_kind(shop: Shop) -> None:
    assert _word_of(shop, None) == ["bag snacks"]


@pytest.mark.parametrize(
    ("size", "query"),
    [
        ("1 GA", "milk 1 gallon"),
        (".5 L", None),
        ("2.0 L", "milk 2 liter"),
        ("12PK", "milk 12 pack"),
        ("AB   8 OZ", "milk 8 oz"),
        ("40 LB", None),
        ("XL", "milk xl"),
        ("4/6 CT", None),
    ],
)
def test_a_size_becomes_what_a_shopper_types(shop: Shop, size: str, query: str | None) -> None:
    sizes = [size, size, "3 OZ"]
    shop.add("stg_products", *(_product(f"p{n}", "MILK", size=s) for n, s in enumerate(sizes)))
    derive_from_catalogue(shop.connection)
    assert _queries(shop) == sorted({"milk", query} - {None})  # type: ignore[type-var]


def test_a_last_word_that_the_source_cut_off_is_left_out(shop: Shop) -> None:
    kinds = ["FOOD BAGS STORAGE", "FABRIC CONDITIONE"]
    kinds += [f"{letter}OTTON TOWEL SETS" for letter in "CDFGLMNPRT"]
    shop.add("stg_products", *(_product(f"p{n}", kind) for n, kind in enumerate(kinds)))
    derive_from_catalogue(shop.connection)
    assert {"food bags", "fabric", "cotton towel"} <= set(_queries(shop))


def test_an_empty_catalogue_has_no_queries(shop: Shop) -> None:
    derive_from_catalogue(shop.connection)
    assert _queries(shop) == []


def test_near_misses_are_of_the_same_shelf_first_and_few(shop: Shop) -> None:
    shop.add(
        "stg_products",
        _product("a", "PRETZELS"),
        *(_product(f"b{n}", "CORN CHIPS") for n in range(70)),
        *(_product(f"c{n}", "MILK", category="DAIRY") for n in range(9)),
    )
    derive_from_catalogue(shop.connection)
    misses = [product for product, gain in _judged(shop, "pretzels").items() if gain == 0]
    assert len(misses) == 50
    assert {product[0] for product in misses} == {"b"}
