"""Nights of a stream: what arrives when, what checks say, and forks that leave each other alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.incidents.detectors import ThreeSigma
from tests.benchmarks.incidents.faults import FAULTS, Injected
from tests.benchmarks.incidents.inputs import Inputs
from tests.benchmarks.incidents.nights import Home, forked, opened
from tests.unit.benchmarks.small_stream import FIRST, Small, small_stream
from tests.unit.warehouse.conftest import memory_warehouse

SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


@pytest.fixture(scope="module")
def stream() -> Small:
    return small_stream()


@pytest.fixture(scope="module")
def warm(stream: Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after its first day."""
    folder = tmp_path_factory.mktemp("warm")
    with at(folder, stream) as home:
        assert night(home, stream, FIRST) == []
    return folder


@pytest.fixture
def fork(stream: Small, warm: Path, tmp_path: Path) -> Iterator[Home]:
    with at(forked(warm, tmp_path), stream) as home:
        yield home


def at(folder: Path, stream: Small) -> Any:
    return opened(folder, stream.scenario, stream.inputs(FIRST, stream.scene))


def night(home: Home, stream: Small, day: date, injected: Injected | None = None) -> list[str]:
    """Goes through it, with a fault in it."""

    def change(due: Inputs) -> Inputs:
        return due if injected is None else injected.change(due, day)

    inputs = home.come(day, stream.inputs(day, stream.scene), change)
    return home.night(day, inputs)


def count(home: Home, what: str, day: date) -> int:
    (found,) = home.connection.execute(
        f"select count(*) from {what} where occurred_at::date = $1", [day]
    ).fetchone() or (0,)
    return int(found)


def test_a_night_stages_what_its_day_brought(fork: Home, stream: Small) -> None:
    assert night(fork, stream, SECOND) == []
    assert count(fork, "served_requests", SECOND) == len(stream.inputs(SECOND, stream.scene).served)
    assert count(fork, "stg_events", SECOND) > 0
    values = fork.connection.execute(
        "select count(*) from metric_values where as_of = $1", [SECOND]
    ).fetchone()
    assert values is not None
    assert values[0] > 100


def test_what_is_late_is_there_on_its_night_and_is_delayed_once(
    stream: Small, warm: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """All of the second day's feedback comes two days after, and then is as without the fault.

    But for what happens before two o'clock, which an earlier night takes in. As in a run, the home
    is closed after each night.
    """
    late = Injected(FAULTS["feedback late"], "strong", SECOND)
    folders = {name: forked(warm, tmp_path_factory.mktemp(name)) for name in ("clean", "late")}

    def of_the_second(which: str, day: date, fault: Injected | None = None) -> int:
        with at(folders[which], stream) as home:
            night(home, stream, day, fault)
            return count(home, "stg_events", SECOND)

    usual = of_the_second("clean", SECOND)
    assert usual > 0
    assert of_the_second("late", SECOND, late) < 0.1 * usual
    assert of_the_second("late", THIRD, late) < 0.1 * usual
    assert usual * 0.99 <= of_the_second("late", THIRD + timedelta(days=1), late) <= usual


def test_a_check_that_would_stop_the_night_is_told_and_the_night_goes_on(
    fork: Home, stream: Small
) -> None:
    said = night(fork, stream, SECOND, Injected(FAULTS["feedback twice"], "strong", SECOND))
    assert any("line_not_repeated" in sentence or "repeat" in sentence for sentence in said)
    assert count(fork, "stg_events", SECOND) > 0


def test_a_fork_leaves_the_warm_home_as_it_was(fork: Home, stream: Small, warm: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in warm.rglob("*") if path.is_file()}
    night(fork, stream, SECOND)
    assert {path: path.stat().st_mtime_ns for path in warm.rglob("*") if path.is_file()} == before


def test_three_sigma_rings_for_a_metric_far_from_its_evenings_and_only_then() -> None:
    """Twenty evenings around 10 with a deviation of one: 14 is too far, 12 is not."""
    connection = memory_warehouse()
    values = [9.0, 11.0] * 10
    for n, value in enumerate([*values, 12.0, 14.5]):
        day = FIRST + timedelta(days=n)
        connection.execute(
            'insert into metric_values (scenario, metric, "window", window_start, segment, '
            "model_tag, variant, as_of, value, n) "
            "values ('search', 'ctr@10', 'day', $1, 'all', 'm', 'champion', $1, $2, 9)",
            [day, value],
        )
    found = [
        ThreeSigma().detect(connection, "search", FIRST + timedelta(days=n)) for n in (19, 20, 21)
    ]
    assert [len(incidents) for incidents in found] == [0, 0, 1]
    assert found[2][0].first_day == FIRST + timedelta(days=21)
    assert "ctr@10 is 14.5" in found[2][0].sentence
