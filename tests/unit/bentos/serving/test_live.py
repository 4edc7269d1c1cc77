"""What serves is swapped while it serves: nobody waits, nobody is refused."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from bentos.serving import live
from bentos.serving.live import Live
from tests.unit.bentos.serving.live_shop import Eventually, LiveShop, Ranker


def test_it_begins_with_the_champion_over_the_current_state(
    shop: LiveShop, serving: Live[Ranker]
) -> None:
    assert serving.current.rankers["champion"] == "first over 15.03."
    assert serving.current.record.version == 1
    assert shop.swaps == [serving.current]


def test_a_new_record_and_a_new_state_are_taken_up(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    shop.promote(shop.make(b"second"), 2)
    eventually(lambda: serving.current.rankers["champion"] == "second over 15.03.")
    version = shop.publish(16)
    eventually(lambda: serving.current.rankers["champion"] == "second over 16.03.")
    assert serving.current.state.version == version
    eventually(lambda: len(shop.swaps) == 3)
    assert shop.swaps[-1] is serving.current
    assert shop.failures == 0


def test_no_request_fails_while_models_are_swapped(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    tags = [shop.make(text.encode()) for text in ("second", "third", "fourth")]
    done = threading.Event()

    def ask() -> set[tuple[int, str]]:
        seen = set()
        while not done.wait(1e-4):
            answering = serving.current
            seen.add((answering.record.version, answering.rankers["champion"]))
        return seen

    with ThreadPoolExecutor(8) as shoppers:
        asked = [shoppers.submit(ask) for _ in range(8)]
        try:
            for version, tag in enumerate(tags, start=2):
                shop.promote(tag, version)
                eventually(lambda now=version: serving.current.record.version == now)  # type: ignore[misc]
        finally:
            done.set()
    seen = set().union(*(shopper.result() for shopper in asked))
    assert (4, "fourth over 15.03.") in seen
    assert seen <= {  # a record is never seen with the model of another
        (version, f"{text} over 15.03.")
        for version, text in enumerate(("first", "second", "third", "fourth"), start=1)
    }


def test_only_what_nothing_serves_yet_is_loaded(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    first, second = serving.current.record.champion, shop.make(b"second")
    champion = serving.current.rankers["champion"]
    shop.promote(first, 2, second, "challenger")
    eventually(lambda: serving.current.record.version == 2)
    assert serving.current.rankers["champion"] is champion
    challenger = serving.current.rankers["challenger"]
    shop.promote(first, 3, second, "shadow")  # another role, the same model
    eventually(lambda: serving.current.record.version == 3)
    assert serving.current.rankers == {"champion": champion, "shadow": challenger}
    shop.promote(second, 4)
    eventually(lambda: serving.current.record.version == 4)
    assert serving.current.rankers["champion"] is challenger
    assert shop.loaded == ["first", "second"]


def test_a_new_state_has_every_model_loaded_over_it(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    shop.promote(serving.current.record.champion, 2, shop.make(b"second"))
    eventually(lambda: serving.current.record.version == 2)
    shop.publish(16)
    eventually(lambda: serving.current.state.as_of.day == 16)
    assert serving.current.rankers == {
        "champion": "first over 16.03.",
        "shadow": "second over 16.03.",
    }


def test_what_the_record_names_no_longer_is_gone_once_no_request_has_it(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    gone: list[str] = []
    for name, ranker in serving.current.rankers.items():
        weakref.finalize(ranker, gone.append, name)
    del ranker
    answering = serving.current  # by a request
    shop.promote(shop.make(b"second"), 2)
    eventually(lambda: serving.current.record.version == 2)
    shop.swaps.clear()
    gc.collect()
    assert gone == []
    del answering
    eventually(lambda: gone == ["champion"])


def test_memory_is_given_back_when_the_last_request_with_the_old_model_has_gone(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[bool] = []
    monkeypatch.setattr(live, "give_back", lambda *, cycles: given_back.append(cycles))
    answering = serving.current.rankers["champion"]  # in a request
    shop.promote(shop.make(b"second"), 2)
    eventually(lambda: serving.current.record.version == 2)
    shop.swaps.clear()
    time.sleep(0.1)  # ten looks
    assert given_back == []
    del answering
    eventually(lambda: given_back == [False])


def test_after_it_is_closed_it_follows_nothing(shop: LiveShop, serving: Live[Ranker]) -> None:
    serving.close()
    shop.promote(shop.make(b"second"), 2)
    assert not any(thread.name == "rollout-watcher" for thread in threading.enumerate())
    assert serving.current.record.version == 1
