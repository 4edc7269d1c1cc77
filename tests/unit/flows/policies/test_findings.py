"""Findings: each cause from the signals that nothing else leaves."""

from __future__ import annotations

import pytest

from flows.policies.causes import MEANINGS
from flows.policies.findings import find
from flows.policies.signals import MeaningDrift, Measure, Night
from tests.unit.flows.policies.night_signals import alert, drift, measure

_CLOSED = [measure("silent_share", 1.0), measure("silent_request_share", 1.0)]
_OTHER_LISTS = measure("list_overlap@10", 0.3, 0.9, "m:1")
_FELL = alert("click_ndcg@10", 0.3, 0.5)


_TOLD = [
    (
        Night(measures=[measure("price_jump_share", 0.12), measure("price_jump", 99.0)]),
        "price_unit",
        "12% of purchases were at about 100 times their usual price",
    ),
    (
        Night(
            measures=[
                measure("catalogue_price_jump_share", 0.12),
                measure("catalogue_price_jump", 0.0101),
            ]
        ),
        "price_unit",
        "12% of the catalogue's prices are at about 1/100 of those of before",
    ),
    (
        Night(measures=[measure("missing_share", 0.3, 0.01, "purchase.store_id")]),
        "missing_field",
        "30% of events came without purchase.store_id (usually 1%)",
    ),
    (
        Night(measures=[measure("catalogue_missing_share", 0.4, 0.1, "brand")]),
        "missing_field",
        "40% of the catalogue have no brand (usually 10%)",
    ),
    (
        Night(measures=[measure("catalogue_recategorised_share", 0.25)]),
        "remapped_category",
        "25% of the catalogue moved to another category",
    ),
    (
        Night(measures=[measure("garbled_share", 0.02)]),
        "encoding",
        "2.0% of queries are encoded wrongly",
    ),
    (
        Night(measures=[measure("quarantined_share", 0.2, part="line_not_repeated")]),
        "duplicates",
        "20% of events came twice",
    ),
    (
        Night(measures=[measure("silent_share", 0.2), measure("events", 80, 100, "click")]),
        "gap",
        "hours that usually have 20% of the day's people had none",
    ),
    (
        Night(measures=[measure("events_per_request", 0.5, 1.0, "click")]),
        "gap",
        "there were 50% fewer click events for as many requests",
    ),
    (
        Night(
            alerts=[_FELL],
            measures=[measure("events_per_request", 0.5, 1.0, "click"), _OTHER_LISTS],
        ),
        "wrong_encoder",
        "only 30% of the first ten were what the same people were shown before, usually 90%",
    ),
    (
        Night(alerts=[_FELL], drifts=[drift("score")]),
        "wrong_encoder",
        "scores moved (PSI 0.30), and no longer tell what is wanted",
    ),
    (
        Night(alerts=[_FELL], drifts=[drift("score"), drift("query_frequency")]),
        "taste",
        "query frequency moved (PSI 0.30)",
    ),
    (
        Night(
            alerts=[_FELL],
            measures=[
                measure("events_per_request", 0.5, 1.0, "click"),
                measure("list_overlap@10", 0.9, 0.9, "m:1"),
            ],
        ),
        "taste",
        "people were shown what they always were",
    ),
    (
        Night(
            measures=[
                measure("events_per_request", 0.5, 1.0, "click"),
                measure("came_late_share", 0.4),
            ]
        ),
        "late",
        "40% of events came later than they should",
    ),
    (
        Night(measures=[measure("silent_share", 0.2), measure("hours_off", 3)]),
        "clock",
        "all happened 3 hours later than usual",
    ),
    (
        Night(measures=[measure("hours_off", -1)]),
        "clock",
        "all happened 1 hour earlier than usual",
    ),
    (
        Night(
            measures=[
                measure("silent_part_share", 0.052, part="store"),
                measure("silent_part", 0.01, part="store=12"),
                measure("silent_part", 0.042, part="store=17"),
                measure("silent_part", 0.1, part="country=fr"),
            ]
        ),
        "store_gone",
        "nothing came of store 17, 12, usually 5.2% of the day",
    ),
    (
        Night(
            measures=[
                measure("silent_share", 1.0),
                measure("silent_part_share", 1.0, part="store"),
                measure("silent_part", 1.0, part="store=12"),
            ]
        ),
        "gap",
        "hours that usually have 100% of the day's people had none",
    ),
    (
        Night(
            alerts=[alert("ctr@10", 0.3, 0.5)],
            drifts=[drift("query_frequency"), drift("score")],
            measures=[measure("events_per_request", 0.5, 1.0, "click")],
        ),
        "taste",
        "query frequency moved (PSI 0.30)",
    ),
    (
        Night(alerts=[alert("error_share", 0.08, 0.002)]),
        "client_errors",
        "error_share was 8.0%, expected 0.2%",
    ),
    (
        Night(alerts=[alert("score_ms_p95", 120.0, 80.0)]),
        "latency",
        "score_ms_p95 was 120, expected 80",
    ),
    (
        Night(measures=[measure("superseded_share", 1.0, part="index")]),
        "stale_index",
        "100% of answers came from an old index, after a newer one had been served",
    ),
    (
        Night(drifts=[drift("score")]),
        "score_scale",
        "scores moved (PSI 0.30) and the order did not",
    ),
    (
        Night(drifts=[drift("score")], alerts=[_FELL], measures=[_OTHER_LISTS]),
        "wrong_encoder",
        "only 30% of the first ten were what the same people were shown before, usually 90%",
    ),
    (
        Night(alerts=[_FELL], measures=[measure("list_overlap@10", 0.9, 0.9, "m:1")]),
        "taste",
        "people were shown what they always were",
    ),
    (
        Night(meanings=[MeaningDrift("query_meaning", 0.71, beyond=0.2)]),
        "taste",
        "query meaning moved (told apart from that of earlier weeks with an area of 0.71)",
    ),
    (
        Night(
            alerts=[alert("novelty@10", 9.0, 8.0)],
            meanings=[MeaningDrift("product_meaning", 0.58, beyond=0.03)],
        ),
        "taste",
        "product meaning moved (told apart from that of earlier weeks with an area of 0.58)",
    ),
    (Night(alerts=[_FELL]), "unknown", "none of the known causes is to be seen"),
    (
        Night(measures=_CLOSED),
        "holiday",
        "much less happened than usual, at all hours and everywhere",
    ),
    (
        Night(alerts=[alert("requests", 200.0, 100.0)]),
        "season",
        "+100% requests came than were expected",
    ),
    (
        Night(alerts=[alert("novelty@10", 9.0, 8.0)]),
        "unknown",
        "none of the known causes is to be seen",
    ),
    (
        Night(
            alerts=[alert("requests", 500, 1_000)], measures=[measure("robot_share", 0.06, 0.03)]
        ),
        "holiday",
        "much less happened than usual, at all hours and everywhere",
    ),
    (
        Night(measures=[measure("robot_share", 0.2, 0.03)]),
        "bots",
        "robots sent 20% of requests",
    ),
    (
        Night(measures=[measure("other_model_share", 0.5)]),
        "stale_model",
        "50% of answers were another model's",
    ),
    (
        Night(measures=[measure("discounted_share", 0.6, 0.2)]),
        "promotion",
        "60% of purchases were discounted, usually 20%",
    ),
    (
        Night(measures=[measure("new_product_share", 0.3, 0.01)]),
        "new_products",
        "30% of purchases were of new products",
    ),
]


@pytest.mark.parametrize(("night", "cause", "clause"), _TOLD)
def test_a_cause_is_found_by_what_it_leaves(night: Night, cause: str, clause: str) -> None:
    (finding,) = find(night)
    assert (finding.cause, finding.clause) == (cause, clause)


_CHOSEN = MeaningDrift("product_meaning", 0.7, beyond=0.2)
_FEWER = measure("events_per_request", 0.1, 1.0, "click")
_LITTLE = drift("query_words", jensen=0.03)


@pytest.mark.parametrize(
    ("night", "cause"),
    [  # what people choose moves with what they are shown, and with what comes of it
        (Night(alerts=[_FELL], measures=[_OTHER_LISTS], meanings=[_CHOSEN]), "wrong_encoder"),
        (Night(measures=[_FEWER], meanings=[_CHOSEN]), "gap"),
        (Night(measures=[_FEWER], drifts=[_LITTLE]), "gap"),
        (Night(alerts=[_FELL], measures=[_OTHER_LISTS], drifts=[_LITTLE]), "wrong_encoder"),
    ],
)
def test_what_a_fault_brings_with_it_does_not_hide_it(night: Night, cause: str) -> None:
    assert find(night)[0].cause == cause


def test_every_label_has_a_meaning_and_a_rule() -> None:
    assert {cause for _, cause, _ in _TOLD} == set(MEANINGS)


def test_an_ordinary_night_has_no_cause() -> None:
    usual = [measure("late_share", 0.011, 0.01), Measure("silent_share", "all", 0, 0, 0, n=0)]
    usual += [measure("events", 100, 100, "click"), measure("events_per_request", 1, 1, "click")]
    assert find(Night(measures=usual)) == []


def test_a_change_of_the_world_is_not_told_of_where_a_fault_explains_it() -> None:
    promotion = measure("discounted_share", 0.6, 0.2)
    assert [each.cause for each in find(Night(measures=[promotion]))] == ["promotion"]
    jumps = [measure("price_jump_share", 0.1), measure("price_jump", 0.1)]
    assert [each.cause for each in find(Night(measures=[promotion, *jumps]))] == ["price_unit"]
