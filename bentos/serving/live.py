"""What a service answers with at this moment: models over a state, swapped while it serves."""

import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from prometheus_client import Counter

from bentos.serving.memory import give_back
from bentos.serving.rollout import RolloutRecord, Variant, read_rollout
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
    """Rankers by variant, and what they were made of."""

    rankers: Mapping[Variant, R]
    record: RolloutRecord
    state: OnlineState


class Live(Generic[R]):
    """Follows the rollout record and the state's pointer.

    What a new record names and nothing serves yet is loaded and warmed beside what serves, a new
    state with all models of the record; then it takes its place in one assignment: a request keeps
    what it began with, and none is dropped. What is named no longer goes with the last request that
    began with it. What can't be loaded leaves all as it was, and is counted.
    """

    def __init__(
        self,
        scenario: str,
        settings: ServingSettings,
        load: Callable[[Path, OnlineState], R],
        swapped: Callable[[InService[R]], None],
        failed: Callable[[str], None],
    ) -> None:
        """Loads at once; ``load`` returns a warmed ranker.

        ``swapped`` hears of each change, ``failed`` of what could not be taken into service. A
        model beside the champion that can't be loaded does not keep it from serving alone.

        Raises:
            ServingError: there is no champion or state to begin with.
        """
        self._scenario = scenario
        self._settings = settings
        self._load = load
        self._swapped = swapped
        self._failed = failed
        self._stop = threading.Event()
        self._refused: _Wanted | str | None = None  # tried and said once
        self._leaving: list[weakref.ref[R]] | None = None  # with the last request; None: no swap
        self.current = self._first()
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

    def _first(self) -> InService[R]:
        record, version = self._wanted()
        champion = self._take(record.alone, version)
        try:
            return self._take(record, version, champion)
        except Exception as error:  # noqa: BLE001 (whatever is wrong, the champion serves)
            self._refuse((record, version), error)
            return champion

    def _take(
        self, record: RolloutRecord, version: str, before: InService[R] | None = None
    ) -> InService[R]:
        """Loads what ``before`` does not have over the same state."""
        had: dict[str, R] = {}
        if before is not None and before.state.version == version:
            state = before.state
            had = {before.record.models[name]: ranker for name, ranker in before.rankers.items()}
        else:
            state = read_state(self._settings.online_state, version)
        rankers = {
            name: had[tag] if tag in had else self._load(model_folder(tag), state)
            for name, tag in record.models.items()
        }
        return InService(rankers, record, state)

    def _watch(self) -> None:
        while not self._stop.wait(self._settings.watch_seconds):
            self._follow()
            if self._leaving is not None and all(ranker() is None for ranker in self._leaving):
                self._leaving = None
                give_back(cycles=False)  # their memory, and what loading took

    def _follow(self) -> None:
        """Takes up what is wanted, unless it is there or could not be taken up before."""
        wanted: _Wanted | None = None
        try:
            wanted = self._wanted()
            if wanted == (self.current.record, self.current.state.version):
                self._refused = None
            elif wanted != self._refused:
                before, self.current = self.current, self._take(*wanted, self.current)
                self._refused = None
                stay = {id(ranker) for ranker in self.current.rankers.values()}
                gone = (r for r in before.rankers.values() if id(r) not in stay)
                self._leaving = [*(self._leaving or ()), *map(weakref.ref, gone)]
                self._swapped(self.current)
        except Exception as error:  # noqa: BLE001 (whatever is wrong, the old serves)
            self._refuse(wanted or str(error), error)

    def _refuse(self, problem: _Wanted | str, error: Exception) -> None:
        if problem == self._refused:
            return
        self._refused = problem
        _SWAP_FAILURES.labels(self._scenario).inc()
        said = f"{self._scenario} serves on with what it has: {error}"
        _log.error(said)
        self._failed(said)
