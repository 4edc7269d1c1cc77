"""Functions of a service, watched from outside: when each was at work, and in which thread."""

import inspect
from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from threading import get_ident
from time import perf_counter_ns
from typing import Any

from torch import Tensor

from tests.benchmarks.stages import FEED_FORWARD, PROJECTIONS

_Row = tuple[Any, ...]  # a plain tuple, unlike a `Span`, is nothing for the garbage collector


class Watch:
    """Records the spans of the functions that it is told to watch."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []

    def take(self) -> list[_Row]:
        """The spans since the last time, as rows: see `Span`."""
        rows, self._rows = self._rows, []
        return rows

    def function(self, owner: Any, name: str, stage: str) -> None:
        """Has what a class or module calls so recorded; of a coroutine each of its steps is one."""
        found = inspect.getattr_static(owner, name)
        if isinstance(found, classmethod):
            setattr(owner, name, classmethod(self._timed(found.__func__, stage)))
        elif inspect.iscoroutinefunction(found):
            setattr(owner, name, self._stepped(found, stage))
        else:
            setattr(owner, name, self._timed(found, stage))

    def product(self, owner: type, name: str) -> None:
        """Has a product recorded with its shape, which says what it is of."""
        multiply: Callable[..., Tensor] = getattr(owner, name)

        @wraps(multiply)
        def timed(product: Any, states: Tensor, *others: Tensor) -> Tensor:
            began = perf_counter_ns()
            found = multiply(product, states, *others)
            ended = perf_counter_ns()
            (n, d), e = states.shape, found.shape[1]
            stage = PROJECTIONS if e in (d, 3 * d) else FEED_FORWARD
            dtype = str(states.dtype).removeprefix("torch.")
            self._rows.append((get_ident(), stage, began, ended, n, d, e, dtype))
            return found

        setattr(owner, name, timed)

    def _timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            began = perf_counter_ns()
            try:
                return function(*given, **named)
            finally:
                self._rows.append((get_ident(), stage, began, perf_counter_ns()))

        return timed

    def _stepped(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @wraps(function)
        async def stepped(*given: Any, **named: Any) -> Any:
            return await _Steps(function(*given, **named), self._timed, stage)

        return stepped


class _Steps:
    """A coroutine whose every step, from where it goes on to where it waits, is timed."""

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], timed: Callable[..., Any], stage: str
    ) -> None:
        self._send = timed(coroutine.send, stage)
        self._throw = timed(coroutine.throw, stage)

    def __await__(self) -> Generator[Any, Any, Any]:
        step, said = self._send, None
        while True:
            try:
                waits_for = step(said)
            except StopIteration as ended:
                return ended.value
            try:
                step, said = self._send, (yield waits_for)
            except BaseException as error:  # noqa: BLE001 (the coroutine's to deal with)
                step, said = self._throw, error
