"""Nights that find no room to write: each says so, and the next one ends as if there had been."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import warehouse.pull
from flows import nightly
from flows.disk import room_on_disk, write_whole
from flows.errors import DiskFull
from tests.simulation.world import World
from tests.unit.flows.nights import Home, around, open_shop, without_a_server
from warehouse.errors import RawUnwritable

WORLD = World(days=2, requests_a_day=40, shoppers=20)
FIRST, SECOND = WORLD.all_days


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home after its first night, and with the logs of the second day."""
    with pytest.MonkeyPatch.context() as patch:
        without_a_server(patch)
        home = open_shop(tmp_path_factory.mktemp("shop"), patch)
        writer = home.writer(WORLD)
        writer.write_day(FIRST)
        home.night(FIRST)
        writer.write_day(SECOND)
        yield home


@pytest.fixture(scope="module")
def whole(before: Home) -> Home:
    """The same after a second night that had room."""
    home = before.copy(before.folder.parent / "whole")
    home.night(SECOND)
    return home


@contextmanager
def _files_up_to(size: int) -> Iterator[None]:
    """No file of this process may grow past so many bytes, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (nightly, "take_in_logs"),  # DuckDB commits
        (warehouse.pull, "write_raw"),  # Parquet
        (nightly, "publish_state"),
        (nightly, "measure_traffic"),
        (nightly, "publish"),
        (nightly, "write_reports"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_night_that_finds_no_room_says_so_and_the_next_one_ends_as_if_there_had_been(
    before: Home, whole: Home, module: Any, name: str
) -> None:
    home = before.copy(before.folder.parent / name)
    seen = _what_people_see(home)
    with before.patch.context() as patch:
        around(patch, module, name, lambda: _files_up_to(1000))
        with pytest.raises((DiskFull, RawUnwritable)) as told:
            home.night(SECOND)
    for part in ("File too large", str(home.folder), "free space", "it goes on where it stopped"):
        assert part in str(told.value)
    if name != "write_reports":
        assert _what_people_see(home) == seen
    assert not _halves(home)
    home.night(SECOND)
    assert home.tables() == whole.tables()
    assert home.page() == whole.page()
    assert home.files() == whole.files()


def _what_people_see(home: Home) -> tuple[str, dict[str, bytes], str]:
    published = {path.name: path.read_bytes() for path in home.settings.published.iterdir()}
    return home.page(), published, (home.folder / "rollouts" / "recommend.json").read_text()


def _halves(home: Home) -> list[str]:
    """What a writer leaves that was not finished."""
    return [
        name
        for name in home.files()
        if name.endswith((".part", ".holder")) or Path(name).name.startswith(".")
    ]


def test_a_page_without_room_leaves_the_one_before_it(tmp_path: Path) -> None:
    path = tmp_path / "recommend.html"
    write_whole(path, "the first")
    with pytest.raises(DiskFull, match="File too large"), room_on_disk(tmp_path), _files_up_to(10):
        write_whole(path, "x" * 100)
    assert path.read_text() == "the first"
    assert list(tmp_path.iterdir()) == [path]


def test_where_the_disk_is_full_whatever_fails_is_told_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 4096, "total": 10**9})
    monkeypatch.setattr("flows.disk.shutil.disk_usage", lambda _: usage)
    said = "RuntimeError, the server did not start.*0 of 1,000 MB are free"
    with pytest.raises(DiskFull, match=said), room_on_disk(tmp_path):
        raise RuntimeError("the server did not start")


def test_where_there_is_room_other_failures_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="something else"), room_on_disk(tmp_path):
        raise RuntimeError("something else")
