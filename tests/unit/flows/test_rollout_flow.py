"""A rollout by command: the record, its history, the Bento, and clear words where it can't be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bentos.serving.rollout import Beside, RolloutRecord, read_rollout, write_rollout
from bentos.serving.store import WEIGHTS, new_model_folder, save_model
from flows import deploy, rollout
from flows.errors import RolloutRefused
from flows.settings import Settings
from tests.unit.bentos.conftest import model_store  # noqa: F401 (a fixture)
from warehouse.connection import open_warehouse

CHANGE = rollout.rollout_flow.fn


def _model(weights: bytes) -> str:
    with new_model_folder() as folder:
        (folder / WEIGHTS).write_bytes(weights)
        return save_model("recommend", date(2024, 3, 8), folder, {})


class Shop:
    """A home with models in its store; the first is the champion."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.packaged: list[tuple[str, ...]] = []
        self.first, self.second, self.third = (_model(w) for w in (b"1", b"2", b"3"))
        record = RolloutRecord(
            scenario="recommend", version=1, champion=self.first, bento_tag="b:1", reason="first"
        )
        write_rollout(home / "rollouts", record)

    def package(self, name: str, *tags: str) -> str:
        self.packaged.append(tags)
        return f"{name}:{len(self.packaged)}"

    @property
    def record(self) -> RolloutRecord:
        return read_rollout(self.settings.home / "rollouts", "recommend")


@pytest.fixture
def shop(
    tmp_path: Path,
    model_store: Path,  # noqa: F811 (the fixture)
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    monkeypatch.setenv("SHOPKEEPER_HOME", str(tmp_path / "home"))
    shop = Shop(tmp_path / "home")
    monkeypatch.setattr(rollout, "package", shop.package)
    monkeypatch.setattr(rollout, "promote", deploy.promote.fn)
    monkeypatch.setattr(rollout, "take_into_service", lambda settings, record: None)
    return shop


def test_a_challenger_stands_beside_the_champion_in_record_history_and_bento(shop: Shop) -> None:
    record = CHANGE("recommend", "challenger", shop.second, 0.1, "is it better?")
    beside = Beside(model_tag=shop.second, role="challenger", share=0.1)
    assert shop.record == record
    assert (record.version, record.champion, record.beside) == (2, shop.first, beside)
    assert shop.packaged == [(shop.first, shop.second)]
    assert record.bento_tag == "recommend:1"
    with open_warehouse(shop.settings.warehouse, read_only=True) as connection:
        columns = "version, champion, beside, role, share, reason"
        rows = connection.execute(f"select {columns} from rollouts").fetchall()
    assert rows == [(2, shop.first, shop.second, "challenger", 0.1, "is it better?")]


def test_another_share_role_or_end_needs_no_new_bento(shop: Shop) -> None:
    CHANGE("recommend", "challenger", shop.second, 0.1)
    assert CHANGE("recommend", "challenger", shop.second, 0.5).beside.share == 0.5
    assert CHANGE("recommend", "interleaved", shop.second).beside.role == "interleaved"
    record = CHANGE("recommend", "champion")
    assert (record.champion, record.beside, record.version) == (shop.first, None, 5)
    assert len(shop.packaged) == 1
    assert record.bento_tag == "recommend:1"


def test_a_challenger_that_is_promoted_serves_alone(shop: Shop) -> None:
    CHANGE("recommend", "shadow", shop.second)
    record = CHANGE("recommend", "champion", shop.second)
    assert (record.champion, record.beside) == (shop.second, None)


def test_the_first_champion_needs_none_before_it(shop: Shop) -> None:
    (shop.settings.home / "rollouts" / "recommend.json").unlink()
    assert CHANGE("recommend", "champion", shop.third).version == 1
    assert shop.packaged == [(shop.third,)]


def test_a_model_that_the_store_lacks_is_refused_with_those_that_it_has(shop: Shop) -> None:
    said = f"no model recommend:nothing of recommend; it has {shop.third}, {shop.second}"
    with pytest.raises(RolloutRefused, match=said):
        CHANGE("recommend", "shadow", "recommend:nothing")
    with pytest.raises(RolloutRefused, match="of search; it has none: `shopkeeper fine-tune`"):
        CHANGE("search", "champion", shop.first)
    assert shop.record.version == 1


def test_beside_no_champion_nothing_can_stand(shop: Shop) -> None:
    (shop.settings.home / "rollouts" / "recommend.json").unlink()
    with pytest.raises(RolloutRefused, match="no model serves recommend yet"):
        CHANGE("recommend", "shadow", shop.second)


def test_what_is_so_already_is_said_and_not_done_again(shop: Shop) -> None:
    with pytest.raises(RolloutRefused, match="with nothing beside it already"):
        CHANGE("recommend", "champion")
    with pytest.raises(RolloutRefused, match="is the champion of recommend; name another model"):
        CHANGE("recommend", "shadow", shop.first)
    CHANGE("recommend", "shadow", shop.second)
    with pytest.raises(RolloutRefused, match=f"with {shop.second} as its shadow beside it already"):
        CHANGE("recommend", "shadow", shop.second)
    assert shop.record.version == 2
