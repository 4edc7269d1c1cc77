"""Judgments from clicks, against clicks that were made with known probabilities."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.unit.warehouse.conftest import NOON
from warehouse.judgments import derive_from_clicks, judged_by_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.warehouse.conftest import Shop

LOOKED_AT = (1.0, 0.6, 0.4, 0.3, 0.2, 0.1)  # the truth, by rank
WANTED = {f"p{n}": probability for n, probability in enumerate((0.05, 0.3, 0.6, 0.1, 0.7, 0.4))}


def _log(shop: Shop, answers: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> None:
    """Logs (query, products shown in order, products clicked)."""
    shop.add_raw(
        "raw_queries",
        *(
            {"request_id": f"r{n}", "query": query, "hits": list(shown)}
            for n, (query, shown, _) in enumerate(answers)
        ),
    )
    clicks = [
        {"event_id": f"r{n}-{product}", "event_type": "click", "request_id": f"r{n}"}
        | {"product_id": product, "occurred_at": NOON, "logged_at": NOON, "source": "shop"}
        for n, (_, _, clicked) in enumerate(answers)
        for product in clicked
    ]
    if clicks:
        shop.add("stg_events", *clicks)


def _simulated(n: int) -> list[tuple[str, list[str], list[str]]]:
    """Answers by a ranker that mostly shows the worst products first, and who clicked what."""
    random = Random(7)
    answers = []
    for _ in range(n):
        shown = sorted(WANTED, key=lambda product: WANTED[product] + random.gauss(0, 0.4))
        clicked = [
            product
            for product, looked_at in zip(shown, LOOKED_AT, strict=True)
            if random.random() < looked_at * WANTED[product]
        ]
        answers.append(("kettle", shown, clicked))
    return answers


def _gains(shop: Shop) -> dict[str, float]:
    return dict(shop.rows("stg_judgments where source = 'clicks'", "product_id, gain"))


def test_gains_are_the_probabilities_that_the_clicks_were_made_with(shop: Shop) -> None:
    answers = _simulated(8000)
    _log(shop, answers)
    derive_from_clicks(shop.connection)
    assert _gains(shop) == pytest.approx(WANTED, abs=0.07)
    # The plain share of clicks is far off, and says less of a product that stood far down.
    clicked = [product for *_, products in answers for product in products]
    assert clicked.count("p4") / len(answers) < 0.35 < 0.6 < _gains(shop)["p4"]


def test_ranks_are_looked_at_as_often_as_the_clicks_were_made_with(shop: Shop) -> None:
    _log(shop, _simulated(8000))
    derive_from_clicks(shop.connection)
    estimated = [probability for _, probability in shop.rows("examination")]
    relative = [probability / estimated[0] for probability in estimated]
    assert relative == pytest.approx(LOOKED_AT, abs=0.05)


def test_they_are_marked_weak_and_a_second_run_changes_nothing(shop: Shop) -> None:
    _log(shop, _simulated(100))
    derive_from_clicks(shop.connection)
    before = shop.rows("stg_judgments")
    derive_from_clicks(shop.connection)
    assert shop.rows("stg_judgments") == before
    marks = "(select distinct query_id, source, weak, grade from stg_judgments)"
    assert shop.rows(marks) == [("kettle", "clicks", True, None)]
    assert not judged_by_people(shop.connection)


def test_products_that_were_shown_too_seldom_tell_nothing(shop: Shop) -> None:
    _log(shop, [("kettle", ["p1"], ["p1"])] * 4 + [("kettle", ["p2"], [])])
    derive_from_clicks(shop.connection, minimum_impressions=5)
    assert _gains(shop) == {}
    derive_from_clicks(shop.connection, minimum_impressions=4)
    assert _gains(shop) == {"p1": pytest.approx(0.8, abs=0.21)}


def test_at_the_first_rank_the_gain_is_the_share_of_clicks(shop: Shop) -> None:
    _log(shop, [("kettle", ["p1"], ["p1"])] * 3 + [("kettle", ["p1"], [])] * 7)
    derive_from_clicks(shop.connection, minimum_impressions=10)
    assert _gains(shop) == {"p1": pytest.approx(0.3)}


def test_where_impressions_are_logged_nothing_else_of_the_answer_was_shown(shop: Shop) -> None:
    _log(shop, [("kettle", ["p1", "p2", "p3"], [])] * 2)
    seen = [("r0", "p1", None), ("r0", "p2", 2), ("r0", "p1", None)]
    shop.add(
        "stg_events",
        *(
            {"event_id": f"i{n}", "event_type": "impression", "request_id": request_id}
            | {"product_id": product, "rank": rank, "source": "shop"}
            | {"occurred_at": NOON, "logged_at": NOON}
            for n, (request_id, product, rank) in enumerate(seen)
        ),
    )
    derive_from_clicks(shop.connection)
    assert shop.rows("showings", 'product_id, "rank", shown, taken') == [
        ("p1", 1, 2, 0),
        ("p2", 2, 2, 0),
        ("p3", 3, 1, 0),
    ]


def test_a_click_at_a_rank_that_nobody_knows_is_no_evidence(shop: Shop) -> None:
    _log(shop, [("kettle", ["p1"], ["elsewhere"])])
    derive_from_clicks(shop.connection, minimum_impressions=1)
    assert shop.rows("showings", "product_id") == [("p1",)]


def test_without_queries_there_is_nothing_to_derive(shop: Shop) -> None:
    shop.buys("u1", "p1", "2024-03-15")
    derive_from_clicks(shop.connection)
    assert shop.rows("stg_judgments") == []
