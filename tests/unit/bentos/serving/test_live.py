"""What serves is swapped while it serves: nobody waits, nobody is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pyarrow as pa
import pytest
from prometheus_client import REGISTRY

from bentos.serving.errors import ModelUnloadable, RolloutMissing, StateMissing
from bentos.serving.live import InService, Live
from bentos.serving.rollout import RolloutRecord, write_rollout
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import WEIGHTS, save_model

Eventually = Callable[[Callable[[], bool]], None]
_NUMBERS = count()
MIDNIGHT = datetime(2024, 3, 15, tzinfo=UTC)


def _load(folder: Path, state: OnlineState) -> str:
    """The ranker is the text of the weights; a text that is none can't be loaded."""
    return f"{(folder / WEIGHTS).read_text(encoding='utf-8')} over {state.as_of:%d.%m.}"


@dataclass
class Shop:
    """A home with a model store, and a service over it."""

    settings: ServingSettings
    scenario: str
    swaps: list[InService[str]] = field(default_factory=list)
    services: list[Live[str]] = field(default_factory=list)

    def make(self, weights: bytes) -> str:
        folder = self.settings.home / "made"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS).write_bytes(weights)
        return save_model(self.scenario, date(2024, 3, 8), folder, {})

    def promote(self, tag: str, version: int) -> None:
        record = RolloutRecord(
            scenario=self.scenario, version=version, champion=tag, bento_tag="b:1", reason="why"
        )
        write_rollout(self.settings.rollouts, record)

    def publish(self, day: int) -> str:
        table = pa.table({"product_id": ["p1"]})
        as_of = MIDNIGHT.replace(day=day)
        return write_state(self.settings.online_state, as_of, {"products": table})

    def serve(self) -> Live[str]:
        live = Live(self.scenario, self.settings, _load, self.swaps.append)
        self.services.append(live)
        return live

    @property
    def failures(self) -> float:
        name = "shopkeeper_swap_failures_total"
        return REGISTRY.get_sample_value(name, {"scenario": self.scenario}) or 0.0


@pytest.fixture
def shop(tmp_path: Path, model_store: Path) -> Iterator[Shop]:
    settings = ServingSettings(home=tmp_path / "home", watch_seconds=0.01)
    shop = Shop(settings, f"scenario-{next(_NUMBERS)}")  # with counters of its own
    yield shop
    for live in shop.services:
        live.close()


@pytest.fixture
def serving(shop: Shop) -> Live[str]:
    shop.publish(15)
    shop.promote(shop.make(b"first"), 1)
    return shop.serve()


def test_it_begins_with_the_champion_over_the_current_state(shop: Shop, serving: Live[str]) -> None:
    assert serving.current.ranker == "first over 15.03."
    assert serving.current.record.version == 1
    assert shop.swaps == [serving.current]


def test_a_new_record_and_a_new_state_are_taken_up(
    shop: Shop, serving: Live[str], eventually: Eventually
) -> None:
    shop.promote(shop.make(b"second"), 2)
    eventually(lambda: serving.current.ranker == "second over 15.03.")
    version = shop.publish(16)
    eventually(lambda: serving.current.ranker == "second over 16.03.")
    assert serving.current.state.version == version
    eventually(lambda: len(shop.swaps) == 3)
    assert shop.swaps[-1] is serving.current
    assert shop.failures == 0


def test_no_request_fails_while_models_are_swapped(
    shop: Shop, serving: Live[str], eventually: Eventually
) -> None:
    tags = [shop.make(text.encode()) for text in ("second", "third", "fourth")]
    done = threading.Event()

    def ask() -> set[tuple[int, str]]:
        seen = set()
        while not done.wait(1e-4):
            answering = serving.current
            seen.add((answering.record.version, answering.ranker))
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


def test_a_model_that_can_not_be_loaded_leaves_the_old_one_serving_and_is_tried_once(
    shop: Shop, serving: Live[str], eventually: Eventually
) -> None:
    shop.promote(shop.make(b"\xff broken"), 2)
    eventually(lambda: shop.failures == 1)
    assert serving.current.ranker == "first over 15.03."
    shop.promote(shop.make(b"mended"), 3)
    eventually(lambda: serving.current.ranker == "mended over 15.03.")
    assert shop.failures == 1
    assert [swap.record.version for swap in shop.swaps] == [1, 3]


def test_a_broken_model_does_not_keep_the_old_one_from_serving_on_after_a_rollback(
    shop: Shop, serving: Live[str], eventually: Eventually
) -> None:
    first = serving.current.record.champion
    shop.promote(shop.make(b"\xff broken"), 2)
    eventually(lambda: shop.failures == 1)
    shop.promote(first, 3)
    eventually(lambda: serving.current.record.version == 3)
    assert serving.current.ranker == "first over 15.03."


def test_a_model_that_the_store_lacks_leaves_the_old_one_serving(
    shop: Shop, serving: Live[str], eventually: Eventually
) -> None:
    shop.promote(f"{shop.scenario}:nothing", 2)
    eventually(lambda: shop.failures == 1)
    assert serving.current.record.version == 1


@pytest.mark.parametrize("damage", ["record", "state", "pointer"])
def test_damage_to_what_it_watches_leaves_the_old_serving(
    shop: Shop, serving: Live[str], eventually: Eventually, damage: str
) -> None:
    before = serving.current
    record = shop.settings.rollouts / f"{shop.scenario}.json"
    pointer = shop.settings.online_state / "current"
    good = (record.read_text(), pointer.read_text())
    if damage == "record":
        record.write_text("{")
    elif damage == "state":
        (shop.settings.online_state / "empty").mkdir()
        pointer.write_text("empty")
    else:
        pointer.unlink()
    eventually(lambda: shop.failures >= 1)
    assert serving.current is before
    record.write_text(good[0])
    pointer.write_text(good[1])
    shop.promote(shop.make(b"second"), 2)
    eventually(lambda: serving.current.ranker == "second over 15.03.")


def test_after_it_is_closed_it_follows_nothing(shop: Shop, serving: Live[str]) -> None:
    serving.close()
    shop.promote(shop.make(b"second"), 2)
    assert not any(thread.name == "rollout-watcher" for thread in threading.enumerate())
    assert serving.current.record.version == 1


def test_without_a_record_there_is_nothing_to_begin_with(shop: Shop) -> None:
    shop.publish(15)
    with pytest.raises(RolloutMissing):
        shop.serve()


def test_without_a_state_there_is_nothing_to_begin_with(shop: Shop) -> None:
    shop.promote(shop.make(b"first"), 1)
    with pytest.raises(StateMissing):
        shop.serve()


def test_without_its_model_there_is_nothing_to_begin_with(shop: Shop) -> None:
    shop.publish(15)
    shop.promote(f"{shop.scenario}:nothing", 1)
    with pytest.raises(ModelUnloadable):
        shop.serve()
