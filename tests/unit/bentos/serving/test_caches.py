"""What was worked out is not worked out again, and never more is kept than may be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from prometheus_client import REGISTRY

from bentos.serving.caches import Cache

_NAMES = count()


@pytest.fixture
def name() -> str:
    """A cache's that no other test counts for."""
    return f"of test {next(_NAMES)}"


def _counted(name: str) -> tuple[float, float]:
    """Hits and misses."""
    hits, misses = (
        REGISTRY.get_sample_value(
            "shopkeeper_cache_requests_total", {"cache": name, "outcome": outcome}
        )
        for outcome in ("hit", "miss")
    )
    return hits or 0.0, misses or 0.0


def test_what_was_asked_before_is_not_worked_out_again(name: str) -> None:
    cache, worked = Cache[str](name, 2), count(1)
    found = [cache.get(asked, lambda: f"result {next(worked)}") for asked in ("a", "b", "a", "a")]
    assert found == ["result 1", "result 2", "result 1", "result 1"]
    assert _counted(name) == (2, 2)


def test_the_one_that_was_wanted_longest_ago_makes_room(name: str) -> None:
    cache, worked = Cache[str](name, 2), list[str]()

    def ask(asked: str) -> None:
        cache.get(asked, lambda: worked.append(asked) or asked)  # type: ignore[func-returns-value]

    for asked in ("a", "b", "a", "c", "a", "b"):
        ask(asked)
    assert worked == ["a", "b", "c", "b"]  # of a and b, b was wanted longer ago when c came


def test_a_cache_of_no_size_keeps_and_counts_nothing(name: str) -> None:
    cache, worked = Cache[int](name, 0), count(1)
    assert [cache.get("a", lambda: next(worked)) for _ in range(3)] == [1, 2, 3]
    assert _counted(name) == (0, 0)


def test_what_is_not_worth_it_is_not_kept(name: str) -> None:
    cache, worked = Cache[int](name, 2), count(1)
    found = [
        cache.get("a", lambda: next(worked), worth=lambda result: result > 1) for _ in range(3)
    ]
    assert found == [1, 2, 2]


def test_what_failed_is_tried_again(name: str) -> None:
    cache = Cache[float](name, 2)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 / 0)
    assert cache.get("a", lambda: 2.0) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", 1),
        (("a", "b"), ("a, b",)),
        (("a", ["b", "c"]), ("a", ["b, c"])),
        ("a", "A"),
        ("a", "a "),
        ("caf\u00e9", "cafe\u0301"),
        ("'", '"'),
        ((None,), ("None",)),
    ],
)
def test_what_only_looks_the_same_is_something_else(name: str, one: object, other: object) -> None:
    cache = Cache[str](name, 2)
    assert cache.get(one, lambda: "one") == "one"
    assert cache.get(other, lambda: "other") == "other"


@pytest.mark.parametrize("asked", ["", "\ud800", "\x00", "x" * 1_000_000, "混合 🦄"])
def test_whatever_is_typed_can_be_asked_again(name: str, asked: str) -> None:
    cache = Cache[str](name, 2)
    assert cache.get(asked, lambda: "first") == cache.get(asked, lambda: "second") == "first"


def test_threads_may_ask_at_once(name: str) -> None:
    cache = Cache[int](name, 16)

    def ask(n: int) -> bool:
        asked = n * n % 61
        return cache.get(asked, lambda: -asked) == -asked

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(4_000)))
    assert sum(_counted(name)) == 4_000
    assert len(cache._kept) == 16
