"""Services side by side: one store of models and Bentos, and metrics for each of them."""

from __future__ import annotations

from pathlib import Path

from flows.serve import own_home
from flows.settings import Settings


def test_services_share_models_and_bentos_and_nothing_else(tmp_path: Path) -> None:
    settings, shared = Settings(home=tmp_path / "home"), tmp_path / "bentoml"
    first, second = (own_home(settings, name, shared) for name in ("search-3001", "search-3003"))
    (shared / "models" / "m").mkdir()
    assert (first / "models" / "m").is_dir()
    assert (second / "models" / "m").is_dir()
    (first / "prometheus_multiproc_dir").mkdir()
    assert not (second / "prometheus_multiproc_dir").exists()


def test_a_service_that_starts_again_finds_its_home(tmp_path: Path) -> None:
    settings, shared = Settings(home=tmp_path / "home"), tmp_path / "bentoml"
    assert own_home(settings, "search-3001", shared) == own_home(settings, "search-3001", shared)
