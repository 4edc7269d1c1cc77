"""The settings of a serving process."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from bentos.serving.device import best_device
from bentos.serving.segments import Keeping
from bentos.serving.settings import ServingSettings


def test_everything_lies_under_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPKEEPER_HOME", "/shop")
    settings = ServingSettings()
    assert settings.rollouts == Path("/shop/rollouts")
    assert settings.online_state == Path("/shop/online_state")
    assert settings.feedback_logs == Path("/shop/feedback_logs")
    assert settings.model_store == Path("/shop/bentoml")
    assert settings.serving_logs("recommend") == Path("/shop/serving_logs/recommend")


def test_replays_are_refused_unless_they_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOPKEEPER_ALLOW_REPLAY", raising=False)
    assert not ServingSettings().allow_replay
    monkeypatch.setenv("SHOPKEEPER_ALLOW_REPLAY", "true")
    assert ServingSettings().allow_replay


def test_settings_of_other_processes_are_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPKEEPER_SOURCE", "tables")
    ServingSettings()


def test_a_log_survives_a_kill_and_where_it_is_asked_for_a_power_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ServingSettings().log_keeping == Keeping("os", 128 * 1024 * 1024, 3600)
    monkeypatch.setenv("SHOPKEEPER_LOG_SYNC", "disk")
    monkeypatch.setenv("SHOPKEEPER_LOG_SEGMENT_BYTES", "1000")
    monkeypatch.setenv("SHOPKEEPER_LOG_SEGMENT_SECONDS", "0.5")
    assert ServingSettings().log_keeping == Keeping("disk", 1000, 0.5)
    monkeypatch.setenv("SHOPKEEPER_LOG_SYNC", "tape")
    with pytest.raises(ValidationError, match="log_sync"):
        ServingSettings()


def test_an_unknown_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPKEEPER_DEVICE", "abacus")
    with pytest.raises(ValidationError, match="device"):
        ServingSettings()


def test_the_default_deadline_may_be_set_or_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ServingSettings().deadline_ms == 250
    for said, taken in (("80.5", 80.5), ("off", "off")):
        monkeypatch.setenv("SHOPKEEPER_DEADLINE_MS", said)
        assert ServingSettings().deadline_ms == taken
    monkeypatch.setenv("SHOPKEEPER_DEADLINE_MS", "0")
    with pytest.raises(ValidationError, match="deadline_ms"):
        ServingSettings()


def test_settings_stay_as_they_were_read() -> None:
    settings = ServingSettings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.home = Path("elsewhere")  # type: ignore[misc]


def test_the_cpu_is_taken_where_it_is_asked_for() -> None:
    assert best_device("cpu") == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused() -> None:
    assert best_device("auto") == "cpu"
    with pytest.raises(ValueError, match="torch sees no GPU"):
        best_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_with_a_gpu_auto_takes_it() -> None:
    assert best_device("auto") == best_device("cuda") == "cuda"
