"""What a service answers with at this moment: a model over a state, swapped while it serves."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from prometheus_client import Counter

from bentos.serving.memory import give_back
from bentos.serving.rollout import RolloutRecord, read_rollout
from bentos.serving.settings import ServingSettings
from bentos.serving.state import OnlineState, current_version, read_state
from bentos.serving.store import model_folder

R = TypeVar("R")

_Wanted = tuple[RolloutRecord, str]  # and the state's version

_log = logging.getLogger("bentoml.shopkeeper")
_SWAP_FAILURES = Counter(
    "shopkeeper_swap_failures_total",
    "Models or states that could not be taken into service; the ones before them serve on.",
    ["scenario"],
)


@dataclass(frozen=True)
class InService(Generic[R]):
    """A ranker, and what it was made of."""

    ranker: R
    record: RolloutRecord
    state: OnlineState


class Live(Generic[R]):
    """Follows the rollout record and the state's pointer.

    A new model or state is loaded and warmed beside the one that serves, then takes its place in
    one assignment: a request keeps what it began with, and none is dropped. What can't be loaded
    leaves the old one serving and is counted.
    """

    def __init__(
        self,
        scenario: str,
        settings: ServingSettings,
        load: Callable[[Path, OnlineState], R],
        swapped: Callable[[InService[R]], None],
    ) -> None:
        """Loads at once; ``load`` returns a warmed ranker, ``swapped`` hears of each change.

        Raises:
            ServingError: there is no model or state to begin with.
        """
        self._scenario = scenario
        self._settings = settings
        self._load = load
        self._swapped = swapped
        self._stop = threading.Event()
        self.current = self._take(*self._wanted())
        swapped(self.current)
        give_back(cycles=False)
        self._watcher = threading.Thread(target=self._watch, name="rollout-watcher", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Stops watching."""
        self._stop.set()
        self._watcher.join()

    def _wanted(self) -> _Wanted:
        record = read_rollout(self._settings.rollouts, self._scenario)
        return record, current_version(self._settings.online_state)

    def _take(self, record: RolloutRecord, version: str) -> InService[R]:
        state = read_state(self._settings.online_state, version)
        ranker = self._load(model_folder(record.champion), state)
        return InService(ranker, record, state)

    def _watch(self) -> None:
        failed: _Wanted | str | None = None
        while not self._stop.wait(self._settings.watch_seconds):
            failed = self._follow(failed)

    def _follow(self, failed: _Wanted | str | None) -> _Wanted | str | None:
        """Takes up what is wanted; returns what can't be, which is tried and counted only once."""
        wanted: _Wanted | None = None
        try:
            wanted = self._wanted()
            if wanted not in ((self.current.record, self.current.state.version), failed):
                self.current = self._take(*wanted)
                self._swapped(self.current)
                give_back(cycles=False)  # what loading took, and the ranker before
        except Exception as error:  # noqa: BLE001 (whatever is wrong, the old serves)
            problem = wanted or str(error)
            if problem != failed:
                _SWAP_FAILURES.labels(self._scenario).inc()
                _log.error("%s serves on with what it has: %s", self._scenario, error)
            return problem
        return failed if wanted == failed else None
