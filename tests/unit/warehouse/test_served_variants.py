"""A night over several variants: what nobody saw is measured, and is no traffic."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import log2
from typing import TYPE_CHECKING, Any

import pytest

from bentos.serving.record import LoggedCandidate, Timings
from warehouse.answers import know_day
from warehouse.nights import measure_day
from warehouse.pull import pull
from warehouse.served import stage_day

if TYPE_CHECKING:
    from tests.unit.warehouse.conftest import Logs, Shop

DAY = date(2024, 3, 15)
CHAMPION, OTHER = "recommend:a", "recommend:b"
QUALITY = ("ndcg@10", "mrr")
HEALTH = ("requests", "latency_ms_p50", "degraded_share")
COVERAGE = "catalogue_coverage@10"


def _at(hour: int) -> datetime:
    return datetime(2024, 3, 15, hour, tzinfo=UTC)


def _shadow(logs: Logs, request_id: str, shadow_of: str, products: list[str], hour: int) -> Any:
    return logs.answer(
        request_id,
        "u1",
        products,
        _at(hour),
        model_tag=OTHER,
        variant="shadow",
        shadow_of=shadow_of,
        timings_ms=Timings(0.0, 0.0, 900.0, 0.0, 999.0),
    )


def _night(shop: Shop, logs: Logs) -> dict[tuple[str, str, str], tuple[float, int]]:
    """What is measured of all traffic, by model, variant and metric."""
    pull(shop.connection, "served", logs.folder, "recommend")
    stage_day(shop.connection, "recommend", DAY)
    know_day(shop.connection, "recommend", DAY)
    measure_day(shop.connection, "recommend", DAY, DAY)
    columns = "model_tag, variant, metric, value, n"
    rows = shop.rows("metric_values where segment = 'all'", columns)
    return {tuple(row[:3]): (row[3], row[4]) for row in rows}


@pytest.fixture
def sold(shop: Shop) -> Shop:
    shop.sell(*(f"p{n}" for n in range(1, 11)))
    return shop


def test_a_shadow_is_measured_by_what_followed_the_answer_that_was_shown(
    sold: Shop, logs: Logs
) -> None:
    logs.write(
        "a.jsonl",
        logs.answer("r1", "u1", ["p1", "p2", "p3"], _at(9)),
        _shadow(logs, "s1", "r1", ["p9", "p8", "p3"], 9),
        logs.answer("r2", "u1", ["p1", "p2", "p3"], _at(11)),
        _shadow(logs, "s2", "r2", ["p2", "p1", "p3"], 11),
        _shadow(logs, "s3", "lost", ["p2"], 11),
    )
    sold.buys("u1", "p3", "2024-03-15T09:30:00")  # it names no request
    sold.buys("u1", "p2", "2024-03-15T11:30:00", request_id="r2")
    found = _night(sold, logs)
    assert sold.rows("outcomes", "request_id, product_id") == [("r1", "p3"), ("r2", "p2")]
    assert found[CHAMPION, "champion", "mrr"] == (pytest.approx((1 / 3 + 1 / 2) / 2), 2)
    assert found[OTHER, "shadow", "mrr"] == (pytest.approx((1 / 3 + 1) / 2), 2)


def test_a_shadow_is_no_traffic(sold: Shop, logs: Logs) -> None:
    logs.write(
        "a.jsonl",
        logs.answer("r1", "u1", ["p1", "p2", "p3"], _at(9)),
        _shadow(logs, "s1", "r1", ["p9", "p8", "p3"], 9),
    )
    sold.buys("u1", "p3", "2024-03-15T09:30:00")
    found = _night(sold, logs)
    assert found[CHAMPION, "champion", "requests"] == (1, 1)
    assert found[CHAMPION, "champion", "latency_ms_p50"] == (pytest.approx(12, rel=0.01), 1)
    assert found[CHAMPION, "champion", COVERAGE] == (2 / 10, 2)
    of_shadow = {metric for _, variant, metric in found if variant == "shadow"}
    assert not of_shadow & {*HEALTH, COVERAGE}
    shown = sold.rows("served_candidates where shown", "request_id, product_id")
    assert shown == [("r1", "p1"), ("r1", "p2")]


def test_the_next_days_shadows_take_no_event_from_this_days_requests(
    sold: Shop, logs: Logs
) -> None:
    later = datetime(2024, 3, 16, 1, tzinfo=UTC)
    shadow = logs.answer("s9", "u1", at=later, variant="shadow", shadow_of="r9")
    test = logs.answer("t9", "u1", at=later, pinned=True)
    logs.write("a.jsonl", logs.answer("r1", "u1", at=_at(9)), shadow, test)
    sold.buys("u1", "p3", "2024-03-16T02:00:00")
    pull(sold.connection, "served", logs.folder, "recommend")
    stage_day(sold.connection, "recommend", DAY)
    assert sold.rows("outcomes", "request_id") == [("r1",)]


def test_a_test_counts_for_the_health_of_the_service_and_not_for_a_models_quality(
    sold: Shop, logs: Logs
) -> None:
    logs.write(
        "a.jsonl",
        logs.answer("r1", "u1", ["p1", "p2", "p3"], _at(9)),
        logs.answer("t1", "u1", ["p3"], _at(10), degraded=True, pinned=True),
        logs.answer("t2", "u1", ["p3"], _at(10), model_tag=OTHER, variant="shadow", pinned=True),
    )
    sold.buys("u1", "p3", "2024-03-15T10:30:00")  # r1 gets it
    sold.buys("u1", "p1", "2024-03-15T10:30:00", request_id="t1")
    found = _night(sold, logs)
    assert found[CHAMPION, "champion", "requests"] == (2, 2)
    assert found[CHAMPION, "champion", "degraded_share"] == (1 / 2, 2)
    assert found[CHAMPION, "champion", "mrr"] == (pytest.approx(1 / 3), 1)
    assert found[CHAMPION, "champion", COVERAGE] == (2 / 10, 2)
    assert found[OTHER, "shadow", "requests"] == (1, 1)
    assert not {(OTHER, "shadow", metric) for metric in (*QUALITY, COVERAGE)} & set(found)


def test_an_interleaved_answer_is_its_own_variants(sold: Shop, logs: Logs) -> None:
    picks = [("p1", "champion", 0.5), ("p2", "interleaved", 1.0), ("p3", None, 1.0)]
    candidates = [
        LoggedCandidate(product, rank, 0.5, chance, variant=variant)
        for rank, (product, variant, chance) in enumerate(picks, start=1)
    ]
    mixed = logs.answer(
        "r1",
        "u1",
        at=_at(9),
        candidates=candidates,
        model_tag=OTHER,
        variant="interleaved",
        interleaved_with=CHAMPION,
        policy="team-draft",
    )
    logs.write("a.jsonl", mixed)
    sold.buys("u1", "p2", "2024-03-15T09:30:00")
    found = _night(sold, logs)
    assert {key[:2] for key in found} == {(OTHER, "interleaved")}
    assert found[OTHER, "interleaved", "ndcg@10"] == (pytest.approx(1 / log2(3)), 1)
    assert sold.rows("served_requests", "variant, interleaved_with") == [("interleaved", CHAMPION)]
    assert sold.rows("served_candidates", "product_id, variant, propensity, shown") == [
        ("p1", "champion", 0.5, True),
        ("p2", "interleaved", 1.0, True),
        ("p3", None, 1.0, False),
    ]


def test_a_night_over_all_of_them_can_be_run_again(sold: Shop, logs: Logs) -> None:
    logs.write(
        "a.jsonl",
        logs.answer("r1", "u1", ["p1", "p2"], _at(9)),
        _shadow(logs, "s1", "r1", ["p2", "p1"], 9),
        logs.answer("t1", "u1", ["p3"], _at(10), pinned=True),
    )
    sold.buys("u1", "p2", "2024-03-15T09:30:00")
    first = _night(sold, logs)
    assert _night(sold, logs) == first
    assert len(sold.rows("served_requests")) == 3
