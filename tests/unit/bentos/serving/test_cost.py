"""The cost model: a line through what batches took."""

from __future__ import annotations

import pytest

from bentos.serving.cost import CostModel


def test_it_begins_with_what_it_is_told() -> None:
    cost = CostModel(1e-4)
    assert cost.seconds(500) == pytest.approx(0.05)
    assert cost.tokens_within(0.05) == pytest.approx(500, abs=1)


def test_it_learns_the_fixed_part_and_the_part_of_each_token() -> None:
    cost = CostModel(1e-3)
    for _ in range(200):
        for tokens in (100, 400, 1000):
            cost.observe(tokens, 0.002 + tokens * 1e-5)
    assert cost.seconds(0) == pytest.approx(0.002, rel=0.01)
    assert cost.seconds(1000) == pytest.approx(0.012, rel=0.01)
    assert cost.tokens_within(0.007) == pytest.approx(500, abs=5)


def test_it_follows_a_machine_that_becomes_slower() -> None:
    cost = CostModel(1e-5)
    for _ in range(200):
        cost.observe(500, 0.05)
    assert cost.seconds(500) == pytest.approx(0.05, rel=0.1)


def test_batches_that_took_less_the_longer_they_were_make_no_negative_price() -> None:
    cost = CostModel(1e-4)
    for _ in range(300):
        cost.observe(100, 0.05)
        cost.observe(1000, 0.01)
    assert cost.seconds(2000) > cost.seconds(100) > 0


def test_where_there_is_no_time_no_token_is_read() -> None:
    assert CostModel(1e-4).tokens_within(-1.0) == 0
