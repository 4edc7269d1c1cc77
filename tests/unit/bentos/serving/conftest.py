"""What tests of the serving core share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bentos.serving.live import Live
from bentos.serving.settings import ServingSettings
from tests.unit.bentos.serving.live_shop import LiveShop, Ranker
from tests.unit.bentos.serving.tiny_service import LONGEST, Tiny

_NUMBERS = count()


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The tiny service; BentoML's meters allow one application a process."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SHOPKEEPER_LONGEST_BODY", str(LONGEST))
    with TestClient(Tiny.to_asgi()) as client:  # type: ignore[attr-defined]
        patch.undo()  # it was read at the start
        gc.unfreeze()
        yield client


@pytest.fixture
def shop(tmp_path: Path, model_store: Path) -> Iterator[LiveShop]:
    settings = ServingSettings(home=tmp_path / "home", watch_seconds=0.01)
    shop = LiveShop(settings, f"scenario-{next(_NUMBERS)}")  # with counters of its own
    yield shop
    for service in shop.services:
        service.close()


@pytest.fixture
def serving(shop: LiveShop) -> Live[Ranker]:
    shop.publish(15)
    shop.promote(shop.make(b"first"), 1)
    return shop.serve()
