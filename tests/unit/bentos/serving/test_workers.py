"""How many processes a service has, and what each of them takes of the machine."""

from __future__ import annotations

import os

import pytest
import torch
from bentoml import server_context
from pydantic import ValidationError

from bentos.serving import device, workers
from bentos.serving.device import device_of
from bentos.serving.settings import ServingSettings
from bentos.serving.workers import n_gpus, n_readers, n_workers


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> object:
    """A machine with so many cores and GPUs."""

    def of(cores: int, gpus: int = 0) -> None:
        monkeypatch.setattr(os, "cpu_count", lambda: cores)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        monkeypatch.setattr(workers.NvidiaGpuResource, "from_system", lambda: list(range(gpus)))

    return of


def as_worker(monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    """BentoML counts from 1."""
    monkeypatch.setattr(server_context, "worker_index", place + 1)


@pytest.mark.parametrize(
    ("cores", "gpus", "wanted", "n"),
    [
        (2, 0, "auto", 1),
        (8, 0, "auto", 1),
        (9, 0, "auto", 2),
        (32, 0, "auto", 4),
        (4, 0, 3, 3),
        (2, 0, 3, 2),  # more would only fight
        (2, 1, "auto", 1),
        (64, 4, "auto", 4),
        (64, 4, 2, 8),
    ],
)
def test_there_is_a_worker_a_gpu_and_one_for_eight_cores_unless_it_is_said(
    machine: object, cores: int, gpus: int, wanted: str | int, n: int
) -> None:
    machine(cores, gpus)  # type: ignore[operator]
    assert n_workers(ServingSettings(workers=wanted)) == n


def test_a_service_that_is_to_compute_on_the_cpu_counts_no_gpu(machine: object) -> None:
    machine(2, gpus=4)  # type: ignore[operator]
    assert n_gpus(ServingSettings(device="cpu")) == 0
    assert n_workers(ServingSettings(device="cpu")) == 1


@pytest.mark.parametrize(("visible", "n"), [("", 0), ("-1", 0), ("1", 1), ("0,2", 2)])
def test_only_gpus_that_may_be_seen_count(
    machine: object, monkeypatch: pytest.MonkeyPatch, visible: str, n: int
) -> None:
    machine(2, gpus=4)  # type: ignore[operator]
    assert n_gpus(ServingSettings()) == 4
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert n_gpus(ServingSettings()) == n


@pytest.mark.parametrize(
    ("cores", "settings", "readers"),
    [
        (2, {}, [2]),
        (2, {"workers": 2}, [1, 1]),
        (8, {"workers": 3}, [2, 3, 3]),
        (4, {"workers": 2, "readers": 3}, [1, 2]),
        (4, {"workers": 2, "readers": 1}, [1, 1]),  # each needs one
    ],
)
def test_all_workers_together_have_as_many_readers_as_there_are_cores(
    machine: object,
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    settings: dict[str, int],
    readers: list[int],
) -> None:
    machine(cores)  # type: ignore[operator]
    found = []
    for place in range(len(readers)):
        as_worker(monkeypatch, place)
        found.append(n_readers(ServingSettings(**settings)))
    assert found == readers


def test_a_gpu_has_two_readers_however_many_cores_there_are(
    machine: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(64, gpus=2)  # type: ignore[operator]
    for place in range(2):
        as_worker(monkeypatch, place)
        assert n_readers(ServingSettings()) == 2


def test_workers_take_the_gpus_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(device, "best_device", lambda wanted: "cuda")
    assert [device_of(place) for place in range(4)] == ["cuda:0", "cuda:1", "cuda:0", "cuda:1"]


def test_on_a_cpu_all_workers_have_the_same_device() -> None:
    assert [device_of(place, "cpu") for place in range(2)] == ["cpu", "cpu"]


@pytest.mark.parametrize("wanted", ["0", "-1", "many"])
def test_a_number_of_workers_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    monkeypatch.setenv("SHOPKEEPER_WORKERS", wanted)
    with pytest.raises(ValidationError, match="workers"):
        ServingSettings()
