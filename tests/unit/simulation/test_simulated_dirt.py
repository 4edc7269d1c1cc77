"""What goes wrong with a world's logs goes wrong exactly as its truth says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import orjson
import pytest

from tests.simulation.dirt import Dirt
from tests.simulation.world import Late, World
from tests.unit.simulation.conftest import Write

WORLD = World(days=3, requests_a_day=400, services=3, shoppers=60, limit=5, pool=8)
ALL = Dirt(
    duplicates=0.05, noise=0.05, restarts=3, old_services=1, skewed_services=1, skew_seconds=3600
)
LATE = replace(WORLD, late=Late(share=0.05, days=1))


def test_exactly_the_noise_is_set_aside(write: Write) -> None:
    world = write(LATE, ALL)
    for log, table in (("served", "raw_served"), ("feedback", "raw_events")):
        set_aside = world.ask(
            f"select batch, row_number from quarantine where table_name = '{table}' order by all"
        )
        assert set_aside == world.ask(
            "select file, row_number from {lines} "
            f"where kind = 'noise' and log = '{log}' order by all"
        )
        assert len(set_aside) > 5


def test_every_request_and_event_is_there_as_often_as_told(write: Write) -> None:
    world = write(LATE, ALL)
    for log, table, key, truth in (
        ("served", "served_lines", "request_id", "requests"),
        ("feedback", "raw_events", "event_id", "outcomes"),
    ):
        found = Counter(key for (key,) in world.ask(f"select {key} from {table}"))
        again = world.ask(f"select key from {{lines}} where kind = 'duplicate' and log = '{log}'")
        known = world.ask(f"select {key} from {{{truth}}} where written_at < '2024-03-04'")
        assert len(again) > 5
        assert found == Counter(key for (key,) in known + again)


def test_told_places_are_where_the_lines_are(write: Write) -> None:
    world = write(LATE, ALL)
    told = world.ask('select log, file, row_number, "offset", kind, key from {lines}')
    kinds = {kind for _, _, _, _, kind, _ in told}
    assert kinds == {"noise", "duplicate", "late", "torn", "old_version", "skewed"}
    folders = {"served": world.served, "feedback": world.feedback}
    for log, file, row_number, offset, kind, key in told:
        data = (folders[log] / file).read_bytes()
        assert data[:offset].count(b"\n") == row_number
        line = data[offset:].partition(b"\n")[0]
        if kind == "noise":
            with pytest.raises(orjson.JSONDecodeError):
                orjson.loads(line)
        elif kind == "torn":
            assert key.encode() in line
            assert b"\n" not in data[offset:]
        else:
            found = orjson.loads(line)
            assert key == found["request_id" if log == "served" else "event_id"]
            assert kind != "old_version" or "pinned" not in found


def test_a_process_that_is_killed_leaves_an_open_segment_that_ends_within_a_line(
    write: Write,
) -> None:
    world = write(WORLD, Dirt(restarts=2))
    torn = {file for (file,) in world.ask("select file from {lines} where log = 'served'")}
    assert len(torn) == 6
    for path in world.served.iterdir():
        assert path.read_bytes().endswith(b"\n") == (path.name not in torn)
        if path.name in torn:
            assert path.stat().st_mode & 0o222
    processes = {path.name.rpartition("-")[0] for path in world.served.iterdir()}
    assert len(processes) == 3 + 6


def test_late_lines_come_days_after_they_happened(write: Write) -> None:
    world = write(LATE, days=1)
    on_time = world.ask("select count(*) from served_lines")
    assert on_time == world.ask("select count(*) from {requests} where written_at < '2024-03-02'")
    world.write(1)
    world.pull()
    late = world.ask(
        "select request_id from served_lines where occurred_at < '2024-03-02' "
        "and logged_at >= '2024-03-02' order by 1"
    )
    assert len(late) > 10
    told = "select key from {lines} where kind = 'late' and log = 'served' order by 1"
    assert set(late) <= set(world.ask(told))
    assert world.ask(
        "select bool_and(logged_at >= occurred_at + interval 1 day) from served_lines "
        "semi join {lines} as l on request_id = key and l.kind = 'late'"
    ) == [(True,)]


def test_one_service_writes_the_log_version_before(write: Write) -> None:
    world = write(WORLD, Dirt(old_services=1))
    old = world.ask("select request_id from served_lines where log_version = 3 order by 1")
    assert old == world.ask("select key from {lines} where kind = 'old_version' order by 1")
    assert len(old) > 200
    assert world.ask("select distinct pinned from served_lines where log_version = 3") == [(None,)]
    assert world.ask("select distinct pinned from served_lines where log_version = 4") == [(False,)]


def test_a_clock_that_is_ahead_stamps_its_lines_so(write: Write) -> None:
    world = write(WORLD, Dirt(skewed_services=1, skew_seconds=3600))
    ahead = world.ask(
        "select request_id from served_lines join {requests} as truth using (request_id) "
        "where served_lines.occurred_at = truth.occurred_at + interval 1 hour "
        "and served_lines.logged_at = truth.written_at + interval 1 hour order by 1"
    )
    assert ahead == world.ask(
        "select key from {lines} where kind = 'skewed' and log = 'served' order by 1"
    )
    assert len(ahead) > 200
    ((right,),) = world.ask(
        "select count(*) from served_lines join {requests} as truth using (request_id) "
        "where served_lines.occurred_at = truth.occurred_at"
    )
    assert right + len(ahead) == world.ask("select count(*) from served_lines")[0][0]


def test_a_clean_world_has_no_dirty_lines(write: Write) -> None:
    assert write(WORLD).ask("from {lines}") == []
