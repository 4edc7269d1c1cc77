"""What can't be taken into service leaves what serves as it was."""

from __future__ import annotations

import pytest

from bentos.serving.errors import ModelUnloadable, RolloutMissing, StateMissing
from bentos.serving.live import Live
from tests.unit.bentos.serving.live_shop import Eventually, LiveShop, Ranker


def test_a_model_that_can_not_be_loaded_leaves_the_old_one_serving_and_is_tried_once(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
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
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    first = serving.current.record.champion
    shop.promote(shop.make(b"\xff broken"), 2)
    eventually(lambda: shop.failures == 1)
    shop.promote(first, 3)
    eventually(lambda: serving.current.record.version == 3)
    assert serving.current.rankers["champion"] == "first over 15.03."


def test_a_model_that_the_store_lacks_leaves_the_old_one_serving(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually
) -> None:
    shop.promote(f"{shop.scenario}:nothing", 2)
    eventually(lambda: shop.failures == 1)
    assert serving.current.record.version == 1


@pytest.mark.parametrize("damage", ["record", "state", "pointer"])
def test_damage_to_what_it_watches_leaves_the_old_serving(
    shop: LiveShop, serving: Live[Ranker], eventually: Eventually, damage: str
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


def test_a_broken_model_beside_it_does_not_keep_the_champion_from_starting(
    shop: LiveShop, eventually: Eventually
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


def test_without_a_record_there_is_nothing_to_begin_with(shop: LiveShop) -> None:
    shop.publish(15)
    with pytest.raises(RolloutMissing):
        shop.serve()


def test_without_a_state_there_is_nothing_to_begin_with(shop: LiveShop) -> None:
    shop.promote(shop.make(b"first"), 1)
    with pytest.raises(StateMissing):
        shop.serve()


def test_without_its_model_there_is_nothing_to_begin_with(shop: LiveShop) -> None:
    shop.publish(15)
    shop.promote(f"{shop.scenario}:nothing", 1)
    with pytest.raises(ModelUnloadable):
        shop.serve()
