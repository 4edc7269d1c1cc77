"""A world's logs: what services would have written, and nothing of the truth."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from bentos.serving.feedback import FeedbackEvent
from bentos.serving.record import LoggedCandidate, LoggedEvent, PredictionRecord, Timings
from data_checks import Scope, check_table
from tests.simulation.dirt import Dirt
from tests.simulation.policies import PlackettLuce, Swap
from tests.simulation.shop import synthetic
from tests.simulation.simulated import Simulated
from tests.simulation.world import Failures, World
from tests.simulation.writing import WorldWriter
from tests.unit.simulation.conftest import Write
from warehouse.raw import SERVED_LINES, all_raw

SMALL = World(days=2, requests_a_day=400, services=3, shoppers=60, limit=5, pool=8)
FAILING = replace(SMALL, failures=Failures(errors=0.05, client_gone=0.05, degraded=0.1))


def _lines(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.glob("*.jsonl"))
    return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def _record(line: dict[str, Any]) -> PredictionRecord:
    nested = {
        "recent": [LoggedEvent(**event) for event in line["recent"]],
        "candidates": [LoggedCandidate(**candidate) for candidate in line["candidates"]],
        "timings_ms": Timings(**line["timings_ms"]),
    }
    moments = {name: datetime.fromisoformat(line[name]) for name in ("occurred_at", "logged_at")}
    return PredictionRecord(**(line | nested | moments))


def test_a_line_of_the_prediction_log_is_that_of_its_record(write: Write) -> None:
    lines = _lines(write(replace(FAILING, policy=PlackettLuce())).served)
    names = [field.name for field in fields(PredictionRecord)]
    assert len(lines) > 600
    for line in lines:
        assert list(line) == names
        assert {type(candidate["score"]) for candidate in line["candidates"]} <= {float}
        assert {type(candidate["propensity"]) for candidate in line["candidates"]} <= {float}
        option = orjson.OPT_UTC_Z
        again = orjson.loads(orjson.dumps(_record(line), option=option))
        for moment in ("occurred_at", "logged_at"):  # it leaves out microseconds that are none
            assert datetime.fromisoformat(again.pop(moment)) == datetime.fromisoformat(line[moment])
        assert again == {name: line[name] for name in names if not name.endswith("_at")}


def test_a_line_of_the_feedback_log_is_that_of_its_event(write: Write) -> None:
    lines = _lines(write(SMALL).feedback)
    assert len(lines) > 100
    for line in lines:
        assert list(line) == [*FeedbackEvent.model_fields, "logged_at"]
        logged_at = datetime.fromisoformat(line.pop("logged_at"))
        event = FeedbackEvent.model_validate(line)
        assert event.occurred_at <= logged_at


@pytest.mark.parametrize("policy", [PlackettLuce(), Swap(epsilon=0.3)])
def test_what_is_pulled_is_what_is_true(write: Write, policy: PlackettLuce | Swap) -> None:
    world = write(replace(FAILING, policy=policy))
    assert world.ask("from quarantine") == []
    served = "select request_id, occurred_at, user_id, model_tag, degraded, error is not null, "
    assert world.ask(f"{served} client_gone from served_lines order by 1") == world.ask(
        "select request_id, occurred_at, user_id, model_tag, degraded, error, client_gone "
        "from {requests} where written_at < '2024-03-03' order by 1"
    )
    ranked = (
        "with listed as (select request_id, unnest(candidates) as c from served_lines) "
        "select request_id, c.product_id, c.rank, c.propensity from listed order by all"
    )
    truth = "select request_id, product_id, rank, propensity from {candidates} order by all"
    assert world.ask(ranked) == world.ask(truth)
    assert len(world.ask(truth)) > 4000


def test_lines_pass_the_checks_of_the_night(write: Write) -> None:
    world = write(replace(FAILING, policy=Swap(epsilon=0.3)))
    scope = Scope("recommend", datetime(2024, 3, 3), relation=SERVED_LINES)  # noqa: DTZ001 (UTC)
    with all_raw(world.warehouse):
        report = check_table(world.warehouse, "raw_served", scope)
    assert [result for result in report.results if result.n_unexpected] == []


def test_only_what_has_happened_by_then_is_in_the_logs(write: Write) -> None:
    world = write(SMALL, days=1)
    known = world.ask("select count(*), max(logged_at) < '2024-03-02' from raw_events")
    assert known == world.ask(
        "select count(*), true from {outcomes} where written_at < '2024-03-02'"
    )
    ((to_come,),) = world.ask("select count(*) from {outcomes} where written_at >= '2024-03-02'")
    assert to_come > 10
    world.write(1)
    world.pull()
    assert world.ask("select count(*) from raw_events") == world.ask(
        "select count(*) from {outcomes} where written_at < '2024-03-03'"
    )


def test_services_write_segments_and_close_them_on_the_hour(write: Write) -> None:
    world = write(SMALL, segment_seconds=3600)
    names = sorted(path.name for path in world.served.iterdir())
    processes = {name.rpartition("-")[0] for name in names}
    assert len(processes) == 3
    for process in processes:
        own = [name for name in names if name.startswith(process)]
        assert own == [f"{process}-{number:06}.jsonl" for number in range(len(own))]
        assert len(own) > 40
        modes = [(world.served / name).stat().st_mode & 0o222 for name in own]
        assert [bool(mode) for mode in modes] == [False] * (len(own) - 1) + [True]
    for path in world.served.iterdir():
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        assert len({line["logged_at"][:13] for line in lines}) == 1


def test_the_same_seed_writes_the_same_bytes(write: Write) -> None:
    def digests(world: World, name: str) -> dict[str, str]:
        written = write(world, Dirt(duplicates=0.02, noise=0.02, restarts=1), name=name)
        return {
            f"{path.parent.name}/{path.name}": sha256(path.read_bytes()).hexdigest()
            for folder in (written.home, written.truth)
            for path in sorted(folder.rglob("*.*"))
            if path.is_file()
        }

    first, again = digests(SMALL, "first"), digests(SMALL, "again")
    assert first == again
    assert len(first) > 50
    assert not set(digests(replace(SMALL, seed=1), "other").values()) & set(first.values())


def test_the_truth_is_kept_apart(write: Write, tmp_path: Path) -> None:
    world = write(SMALL)
    assert {path.name for path in world.home.iterdir()} == {"serving_logs", "feedback_logs"}
    visible = b"".join(path.read_bytes() for path in world.home.rglob("*.jsonl"))
    for secret in (b"relevance", b"examination", b"expected", b"taste"):
        assert secret not in visible
    ((value,),) = world.ask("select max(relevance) from {candidates}")
    assert str(value).encode() not in visible
    for inside in (tmp_path / "home", tmp_path / "home" / "truth"):
        with pytest.raises(ValueError, match="where the platform may see it"):
            WorldWriter(Simulated(SMALL, synthetic()), tmp_path / "home", inside)


def test_a_world_is_not_written_over_another(write: Write) -> None:
    world = write(SMALL, days=0)
    with pytest.raises(ValueError, match="truth of another world"):
        WorldWriter(Simulated(SMALL, synthetic()), world.home, world.truth)
