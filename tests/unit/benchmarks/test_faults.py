"""Faults as they change a small day: each does what it says, and more of it the stronger it is."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.benchmarks.incidents.faults import FAULTS, STRENGTHS, Fault, Injected, Strength
from tests.benchmarks.incidents.inputs import TABLES, Inputs
from tests.unit.benchmarks.small_stream import FIRST, Small, small_scene, small_stream

LABELS = {
    *("price_unit", "missing_field", "remapped_category", "encoding", "duplicates", "gap"),
    *("late", "clock", "bots", "client_errors", "store_gone", "stale_model", "stale_index"),
    *("wrong_encoder", "latency", "score_scale", "season", "promotion", "holiday"),
    *("new_products", "taste"),
}


@pytest.fixture(scope="module")
def stream() -> Small:
    return small_stream()


@pytest.fixture(scope="module")
def clean(stream: Small) -> Inputs:
    """A day; its queries, stores and prices are given, as each stream has some of them."""
    inputs = stream.inputs(FIRST, stream.scene)
    n, m = len(inputs.served), len(inputs.events)
    queries = pa.array([f"blue thing {n % 7}" for n in range(n)])
    served = _with(inputs.served, query=queries, context=pa.array(_contexts(n)))
    stores = pa.array([_STORES[n % len(_STORES)] for n in range(m)])
    events = _with(inputs.events, store_id=stores, price=pa.array(np.linspace(1, 9, m)))
    return Inputs(inputs.catalogue, served, events)


_STORES = ["Germany", "EIRE", "France", "United Kingdom", "Spain", "Norway", "Italy", "Poland"]


def _contexts(n: int) -> list[str]:
    return [f'{{"store_id":"{_STORES[row % len(_STORES)]}"}}' for row in range(n)]


def _with(table: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, column in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def _injected(name: str, strength: Strength = "strong") -> Injected:
    return Injected(FAULTS[name], strength, FIRST)


def _changed(stream: Small, clean: Inputs, injected: Injected) -> Inputs:
    """The day with the fault in it, of a simulated stream in the scene that it makes."""
    fault = injected.fault
    if fault.scene is not None:
        clean = stream.inputs(FIRST, injected.set(stream.scene))
    return injected.change(clean, FIRST)


def _rows(inputs: Inputs) -> list[list[dict[str, Any]]]:
    return [getattr(inputs, name).to_pylist() for name in TABLES]


def test_every_label_has_a_fault_and_there_are_at_least_two_dozen() -> None:
    assert {fault.cause for fault in FAULTS.values()} == LABELS
    assert len(FAULTS) >= 24


def test_faults_reach_processes_of_their_own() -> None:
    assert pickle.loads(pickle.dumps([*FAULTS.values()])) == [*FAULTS.values()]


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_changes_what_comes_of_a_day(
    fault: Fault, strength: Strength, stream: Small, clean: Inputs
) -> None:
    injected = Injected(fault, strength, FIRST)
    seeds = (Injected(fault, strength, FIRST - timedelta(days=n)) for n in range(30))
    tried = injected if fault.scene else next(filter(lambda each: _bites(each, clean), seeds))
    changed = _changed(stream, clean, tried)
    assert _rows(changed) != _rows(clean)
    for name in TABLES:
        assert getattr(changed, name).schema == getattr(clean, name).schema


def _bites(injected: Injected, clean: Inputs) -> bool:
    """Of so few rows a weak fault may happen to pick none."""
    return _rows(injected.change(clean, FIRST)) != _rows(clean)


def test_a_fault_is_the_same_each_time_and_another_from_another_day(clean: Inputs) -> None:
    fault = FAULTS["feed in cents"]
    prices = [
        Injected(fault, "medium", first).change(clean, FIRST).catalogue["price"].to_pylist()
        for first in (FIRST, FIRST, FIRST - timedelta(days=1))
    ]
    assert prices[0] == prices[1] != prices[2]


def test_a_stronger_fault_picks_what_a_weaker_one_picked_and_more(clean: Inputs) -> None:
    without = [
        {
            row["product_id"]
            for row in _injected("feed without brands", strength)
            .change(clean, FIRST)
            .catalogue.to_pylist()
            if row["brand"] is None
        }
        for strength in STRENGTHS
    ]
    assert without[0] <= without[1] < without[2]
    assert len(without[2]) == len(clean.catalogue)


def test_prices_in_cents_are_a_hundred_times_higher(clean: Inputs) -> None:
    changed = _injected("feed in cents").change(clean, FIRST)
    usual = np.array(clean.catalogue["price"])
    assert np.allclose(np.array(changed.catalogue["price"]), 100 * usual)


def test_feedback_that_is_sent_twice_has_other_names_and_is_otherwise_the_same(
    clean: Inputs,
) -> None:
    events = _injected("feedback twice").change(clean, FIRST).events
    assert len(events) == 2 * len(clean.events)
    assert len(set(events["event_id"].to_pylist())) == len(events)
    once = {tuple(row.values()) for row in events.drop_columns("event_id").to_pylist()}
    before = {tuple(row.values()) for row in clean.events.drop_columns("event_id").to_pylist()}
    assert once == before


def test_late_feedback_arrives_two_days_after_and_happened_when_it_did(clean: Inputs) -> None:
    changed = _injected("feedback late").change(clean, FIRST).events
    for column, days in (("arrives_at", 2), ("logged_at", 2), ("occurred_at", 0)):
        later = [
            after - before
            for before, after in zip(
                clean.events[column].to_pylist(), changed[column].to_pylist(), strict=True
            )
        ]
        assert set(later) == {timedelta(days=days)}


def test_scores_on_another_scale_keep_their_order() -> None:
    usual = small_scene()
    for name in ("flat scores", "shifted scores"):
        scaled = _injected(name).set(usual)
        assert (scaled.rankings.product == usual.rankings.product).all()
        assert (np.diff(scaled.rankings.score, axis=1) <= 0).all()
        assert not np.allclose(scaled.rankings.score, usual.rankings.score)


def test_an_old_index_shows_none_of_the_products_that_it_lacks() -> None:
    usual = small_scene()
    lacking = _injected("an old index", "medium").set(usual)
    shown, before = (set(scene.rankings.product.ravel()) for scene in (lacking, usual))
    missing = set(np.flatnonzero(usual.world.rng(12).random(80) < 0.2))
    assert missing & before
    assert not missing & shown
    assert lacking.rankings.product.shape == usual.rankings.product.shape


def test_shoppers_of_other_tastes_are_ranked_for_as_before() -> None:
    usual = small_scene()
    changed = _injected("other tastes").set(usual)
    assert changed.rankings is usual.rankings
    assert not np.allclose(changed.shop.relevance, usual.shop.relevance)
    assert np.isclose(changed.shop.relevance.sum(), usual.shop.relevance.sum())


def test_a_closed_shop_opens_again(clean: Inputs) -> None:
    closed = _injected("closed", "medium")  # for two days
    lines = [len(closed.change(clean, FIRST + timedelta(days=n)).events) for n in range(3)]
    assert lines == [0, 0, len(clean.events)]
