"""What serves is swapped while it serves: nobody waits, nobody is refused."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pyarrow as pa
import pytest
from prometheus_client import REGISTRY

from bentos.serving import live
from bentos.serving.errors import ModelUnloadable, RolloutMissing, StateMissing
from bentos.serving.live import InService, Live
from bentos.serving.rollout import Beside, Role, RolloutRecord, write_rollout
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import WEIGHTS, save_model

Eventually = Callable[[Callable[[], bool]], None]
_NUMBERS = count()
MIDNIGHT = datetime(2024, 3, 15, tzinfo=UTC)


class Ranker(str):
    """The text of the weights; not only a ``str``, so that it can be watched going."""

    __slots__ = ("__weakref__",)


@dataclass
class Shop:
    """A home with a model store, and a service over it."""

    settings: ServingSettings
    scenario: str
    swaps: list[InService[Ranker]] = field(default_factory=list)
    services: list[Live[Ranker]] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def make(self, weights: bytes) -> str:
        folder = self.settings.home / "made"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS).write_bytes(weights)
        return save_model(self.scenario, date(2024, 3, 8), folder, {})

    def promote(
        self, tag: str, version: int, beside: str | None = None, role: Role = "shadow"
    ) -> None:
        share = 0.5 if role == "challenger" else None
        record = RolloutRecord(
            scenario=self.scenario,
            version=version,
            champion=tag,
            beside=beside and Beside(model_tag=beside, role=role, share=share),
            bento_tag="b:1",
            reason="why",
        )
        write_rollout(self.settings.rollouts, record)

    def publish(self, day: int) -> str:
        table = pa.table({"product_id": ["p1"]})
        as_of = MIDNIGHT.replace(day=day)
        return write_state(self.settings.online_state, as_of, {"products": table})

    def serve(self) -> Live[Ranker]:
        live = Live(self.scenario, self.settings, self.load, self.swaps.append, self.alerts.append)
        self.services.append(live)
        return live

    def load(self, folder: Path, state: OnlineState) -> Ranker:
        """A text that is none can't be loaded."""
        text = (folder / WEIGHTS).read_text(encoding="utf-8")
        self.loaded.append(text)
        return Ranker(f"{text} over {state.as_of:%d.%m.}")

    @property
    def failures(self) -> float:
        name = "shopkeeper_swap_failures_total"
        return REGISTRY.get_sample_value(name, {"scenario": self.scenario}) or 0.0


@pytest.fixture
def shop(tmp_path: Path, model_store: Path) -> Iterator[Shop]:
    settings = ServingSettings(home=tmp_path / "home", watch_seconds=0.01)
    shop = Shop(settings, f"scenario-{next(_NUMBERS)}")  # with counters of its own
    yield shop
    for service in shop.services:
        service.close()


@pytest.fixture
def serving(shop: Shop) -> Live[Ranker]:
    shop.publish(15)
    shop.promote(shop.make(b"first"), 1)
    return shop.serve()


def test_it_begins_with_the_champion_over_the_current_state(
    shop: Shop, serving: Live[Ranker]
) -> None:
    assert serving.current.rankers["champion"] == "first over 15.03."
    assert serving.current.record.version == 1
    assert shop.swaps == [serving.current]


def test_a_new_record_and_a_new_state_are_taken_up(
    shop: Shop, serving: Live[Ranker], eventually: Eventually
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
    shop: Shop, serving: Live[Ranker], eventually: Eventually
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


def test_a_model_that_can_not_be_loaded_leaves_the_old_one_serving_and_is_tried_once(
    shop: Shop, serving: Live[Ranker], eventually: Eventually
) -> None:
    shop.promote(shop.make(b"\xff broken"), 2)
    eventually(lambda: shop.failures == 1)
    assert serving.current.rankers["champion"] == "first over 15.03."
    (said,) = shop.alerts
    assert said.startswith(f"{shop.scenario} serves on with what it has: 'utf-8' codec can't")
    shop.promote(shop.make(b"mended"), 3)
    eventually(lambda: serving.current.rankers["champion"] == "mended over 15.03.")
    assert shop.failures == 1
    assert [swap.record.version for swap in shop.swaps] == [1, 3]


def test_a_broken_model_does_not_keep_the_old_one_from_serving_on_after_a_rollback(
    shop: Shop, serving: Live[Ranker], eventually: Eventually
) -> None:
    first = serving.current.record.champion
    shop.promote(shop.make(b"\xff broken"), 2)
    eventually(lambda: shop.failures == 1)
    shop.promote(first, 3)
    eventually(lambda: serving.current.record.version == 3)
    assert serving.current.rankers["champion"] == "first over 15.03."


def test_a_model_that_the_store_lacks_leaves_the_old_one_serving(
    shop: Shop, serving: Live[Ranker], eventually: Eventually
) -> None:
    shop.promote(f"{shop.scenario}:nothing", 2)
    eventually(lambda: shop.failures == 1)
    assert serving.current.record.version == 1


@pytest.mark.parametrize("damage", ["record", "state", "pointer"])
def test_damage_to_what_it_watches_leaves_the_old_serving(
    shop: Shop, serving: Live[Ranker], eventually: Eventually, damage: str
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
    eventually(lambda: serving.current.rankers["champion"] == "second over 15.03.")


def test_only_what_nothing_serves_yet_is_loaded(
    shop: Shop, serving: Live[Ranker], eventually: Eventually
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
    shop: Shop, serving: Live[Ranker], eventually: Eventually
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
    shop: Shop, serving: Live[Ranker], eventually: Eventually
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
    shop: Shop, serving: Live[Ranker], eventually: Eventually, monkeypatch: pytest.MonkeyPatch
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


def test_a_broken_model_beside_it_does_not_keep_the_champion_from_starting(
    shop: Shop, eventually: Eventually
) -> None:
    shop.publish(15)
    first = shop.make(b"first")
    shop.promote(first, 1, shop.make(b"\xff broken"))
    serving = shop.serve()
    assert serving.current.rankers == {"champion": "first over 15.03."}
    shop.promote(first, 2, shop.make(b"second"))
    eventually(lambda: serving.current.record.version == 2)
    assert set(serving.current.rankers) == {"champion", "shadow"}
    assert (shop.failures, len(shop.alerts)) == (1, 1)


def test_after_it_is_closed_it_follows_nothing(shop: Shop, serving: Live[Ranker]) -> None:
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
