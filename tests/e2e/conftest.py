"""A small shop of its own data, for tests that need no model in service."""

from __future__ import annotations

import pytest

from tests.conftest import Installation
from tests.shops import corner_shop, in_own_home


@pytest.fixture(scope="session")
def corner(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A home into which the corner shop's files, which lie beside it, were ingested."""
    root = tmp_path_factory.mktemp("corner")
    folder = corner_shop(root / "data")
    source = {"SHOPKEEPER_SOURCE": "tables", "SHOPKEEPER_SOURCE_PATH": str(folder)}
    here = in_own_home(installation, root / "home", **source)
    outcome = here.run("ingest")
    assert outcome.returncode == 0, outcome.stderr
    return here
