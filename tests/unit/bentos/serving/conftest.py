"""What tests of the serving core share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.unit.bentos.serving.tiny_service import LONGEST, Tiny


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The tiny service; BentoML's meters allow one application a process."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SHOPKEEPER_LONGEST_BODY", str(LONGEST))
    with TestClient(Tiny.to_asgi()) as client:  # type: ignore[attr-defined]
        patch.undo()  # it was read at the start
        gc.unfreeze()
        yield client
