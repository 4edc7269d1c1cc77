"""Where a request's time goes: spans become shares of its milliseconds, and none is lost."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
import torch

from bentos.encoders.products import OneDnnProduct
from tests.benchmarks.profiled_service import watch_search
from tests.benchmarks.stages import (
    ANSWER,
    ATTENTION,
    FEED_FORWARD,
    HTTP,
    JSON,
    LAYOUT,
    PROJECTIONS,
    QUEUE,
    RECEIVED,
    SENT,
    WAITS,
    Served,
    Span,
    by_stage,
    requests_in,
)
from tests.benchmarks.watching import Watch

LOOP, ONE, OTHER = 1, 2, 3  # threads
MS = 1_000_000


def _span(thread: int, name: str, begin: float, end: float) -> Span:
    return Span(thread, name, int(begin * MS), int(end * MS))


def _of(end: float, *spans: Span) -> dict[str, float]:
    found = by_stage(Served(0, int(end * MS), spans))
    assert sum(found.values()) == pytest.approx(end)
    return {stage: ms for stage, ms in found.items() if ms}


def test_of_spans_within_each_other_the_innermost_counts() -> None:
    found = _of(
        10, _span(ONE, LAYOUT, 0, 10), _span(ONE, ATTENTION, 2, 5), _span(ONE, ATTENTION, 5, 6)
    )
    assert found == pytest.approx({LAYOUT: 6, ATTENTION: 4})


def test_threads_that_are_at_work_at_once_share_the_time() -> None:
    found = _of(8, _span(ONE, LAYOUT, 0, 8), _span(OTHER, ATTENTION, 2, 6))
    assert found == pytest.approx({LAYOUT: 4 + 4 / 2, ATTENTION: 4 / 2})


def test_a_thread_that_waits_takes_no_time_from_those_that_it_waits_for() -> None:
    found = _of(9, _span(LOOP, WAITS, 0, 8), _span(ONE, LAYOUT, 1, 7), _span(LOOP, ANSWER, 8, 9))
    assert found == pytest.approx({LAYOUT: 6, QUEUE: 1 + 1, ANSWER: 1})


def test_what_goes_on_after_the_answer_is_none_of_its_time() -> None:
    found = _of(4, _span(LOOP, RECEIVED, 0, 1), _span(LOOP, HTTP, 1, 9), _span(LOOP, SENT, 3, 4))
    assert found == pytest.approx({HTTP: 4})


def test_spans_that_begin_or_end_at_the_same_moment_are_told_apart() -> None:
    found = _of(
        6,
        _span(ONE, JSON, 0, 2),  # recorded as it ended: before the one that it is in
        _span(ONE, LAYOUT, 0, 4),
        _span(ONE, ATTENTION, 2, 4),
        _span(ONE, ANSWER, 4, 6),
    )
    assert found == pytest.approx({JSON: 2, ATTENTION: 2, ANSWER: 2})


def test_requests_are_told_apart_by_what_came_and_what_left() -> None:
    first = [_span(LOOP, RECEIVED, 1, 2), _span(ONE, LAYOUT, 3, 4), _span(LOOP, SENT, 5, 6)]
    second = [_span(LOOP, RECEIVED, 8, 9), _span(LOOP, SENT, 9, 10)]
    between, after = _span(OTHER, JSON, 6.5, 7), _span(LOOP, RECEIVED, 11, 12)
    found = requests_in([after, *second, between, *first])
    assert [(request.ms, list(request.spans)) for request in found] == [(5, first), (2, second)]


def test_products_are_counted_and_kept_in_the_order_of_each_thread() -> None:
    products = [Span(ONE, PROJECTIONS, begin, begin + 1, 4, 8, 24) for begin in (30, 10)]
    other = Span(OTHER, FEED_FORWARD, 20, 21, 2, 8, 32)
    spans = [
        _span(LOOP, RECEIVED, 0, 1e-6),
        *products,
        other,
        _span(ONE, LAYOUT, 0, 1),
        _span(LOOP, SENT, 1, 2),
    ]
    (request,) = requests_in(spans)
    assert request.flops == 2 * (2 * 4 * 8 * 24) + 2 * 2 * 8 * 32
    assert request.chains == [products[::-1], [other]]


class _Shop:
    def serve(self, customers: int) -> int:
        time.sleep(0.002)
        return customers + 1

    @classmethod
    def open(cls) -> str:
        return cls.__name__

    async def deliver(self, fails: bool) -> str:
        await asyncio.sleep(0.05)
        if fails:
            raise ValueError("no address")
        return "delivered"


@pytest.fixture
def shop() -> type[_Shop]:
    return type("Shop", (_Shop,), {})  # a class of the test, to be watched


def test_a_watched_function_does_what_it_did_and_its_span_is_kept_once(shop: Any) -> None:
    watch = Watch()
    watch.function(shop, "serve", "serving")
    watch.function(shop, "open", "opening")
    assert (shop().serve(1), shop.open()) == (2, "Shop")
    serving, opening = [Span(*row) for row in watch.take()]
    assert (serving.name, opening.name) == ("serving", "opening")
    assert serving.end - serving.begin >= 2 * MS
    assert watch.take() == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_coroutine_is_watched_only_while_it_does_something(shop: Any, fails: bool) -> None:
    watch = Watch()
    watch.function(shop, "deliver", "delivering")
    if fails:
        with pytest.raises(ValueError, match="no address"):
            asyncio.run(shop().deliver(fails))
    else:
        assert asyncio.run(shop().deliver(fails)) == "delivered"
    first, last = [Span(*row) for row in watch.take()]
    assert last.begin - first.end > 40 * MS


def test_a_coroutine_that_is_cancelled_hears_of_it(shop: Any) -> None:
    watch = Watch()
    watch.function(shop, "deliver", "delivering")

    async def given_up() -> None:
        async with asyncio.timeout(0.001):
            await shop().deliver(False)

    with pytest.raises(TimeoutError):
        asyncio.run(given_up())
    assert len(watch.take()) == 2


def test_a_product_says_by_its_shape_what_it_is_of() -> None:
    class Watched(OneDnnProduct):
        def gelu(self, states: torch.Tensor) -> torch.Tensor:
            return super().gelu(states)

        def __call__(self, states: torch.Tensor) -> torch.Tensor:
            return super().__call__(states)

    watch = Watch()
    watch.product(Watched, "__call__")
    watch.product(Watched, "gelu")
    states = torch.ones(5, 8)
    Watched(torch.ones(24, 8), torch.ones(24))(states)
    Watched(torch.ones(32, 8), torch.ones(32)).gelu(states)
    asked, wide = [Span(*row) for row in watch.take()]
    assert (asked.name, asked[4:]) == (PROJECTIONS, (5, 8, 24, "float32"))
    assert (wide.name, wide[4:]) == (FEED_FORWARD, (5, 8, 32, "float32"))


def test_all_that_is_watched_of_the_service_is_there() -> None:
    watched = []

    class Listing(Watch):
        def function(self, owner: Any, name: str, stage: str) -> None:
            assert callable(getattr(owner, name))
            watched.append((owner, name))

        def product(self, owner: type, name: str) -> None:
            self.function(owner, name, "")

    watch_search(Listing())
    assert len(set(watched)) == len(watched) > 30
