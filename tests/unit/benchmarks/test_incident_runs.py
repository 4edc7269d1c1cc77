"""A fault that runs its nights in forks of a warm home, beside detectors that keep notes in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from tests.benchmarks.incidents.detectors import Incident
from tests.benchmarks.incidents.faults import FAULTS, Injected
from tests.benchmarks.incidents.nights import forked, opened
from tests.benchmarks.incidents.runs import CHECKS, run, untouched
from tests.benchmarks.incidents.warm import Span, Warm
from tests.unit.benchmarks.small_stream import FIRST, small_stream
from warehouse.connection import Connection

SECOND = FIRST + timedelta(days=1)


@dataclass
class Noting:
    """Says on every night what prices it sees, and writes the night down where it looks."""

    nights: list[date] = field(default_factory=list)

    def detect(self, connection: Connection, scenario: str, night: date) -> list[Incident]:
        connection.execute("create table if not exists notes (night date)")
        connection.execute("insert into notes values ($1)", [night])
        self.nights.append(night)
        (price,) = connection.execute("select max(price) from stg_products").fetchone() or (0,)
        return [Incident(night, "price_unit", "warning", f"{price}")] if price > 500 else []


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Warm:
    """A stream of one day, as if more had come of it."""
    found = Warm(small_stream(), tmp_path_factory.mktemp("small"), Span(7, 11))
    stream = found.stream
    inputs = stream.inputs(FIRST, stream.scene)
    with opened(found.clean, stream.scenario, inputs) as home:
        home.night(FIRST, home.come(FIRST, inputs), checked=False)
    found.before(SECOND).mkdir()
    forked(found.clean, found.before(SECOND))
    (found.folder / "stopped.json").write_text(f'{{"{FIRST}": ["odd"], "{SECOND}": []}}')
    return found


def test_a_run_ends_two_nights_after_there_was_enough_evidence(warm: Warm) -> None:
    """The quantity is known from the fourth day of the stream on: the third night of the fault."""
    noting = Noting()
    ran = run(Injected(FAULTS["feed in cents"], "strong", SECOND), warm, {"noting": noting})
    assert warm.known[0] == FIRST + timedelta(days=3)
    assert (ran.evidence, ran.nights) == (3, 5)
    assert noting.nights == [FIRST + timedelta(days=n) for n in range(6)]  # the evening before, too
    assert ran.found["noting"].detected == 1
    assert ran.found["noting"].cause == "price_unit"
    assert ran.found[CHECKS].detected is None
    was, would_have_been = ran.quantity[2]
    assert was is not None
    assert would_have_been is not None
    assert was - would_have_been == pytest.approx(4.605, abs=1e-3)  # the logarithm of a hundred


def test_days_without_a_fault_are_looked_at_in_a_fork(warm: Warm) -> None:
    noting = Noting()
    before = {path.name for path in warm.folder.iterdir()}
    said = untouched(warm, {"noting": noting})
    assert noting.nights == warm.judged
    assert said["noting"] == {}
    assert [each.sentence for each in said[CHECKS][FIRST]] == ["odd"]
    assert {path.name for path in warm.folder.iterdir()} == before
    with opened(warm.clean, "recommend", warm.stream.inputs(FIRST, warm.stream.scene)) as home:
        tables = home.connection.execute("select table_name from duckdb_tables()").fetchall()
    assert ("notes",) not in tables


def test_faults_begin_on_days_that_leave_them_their_nights(warm: Warm) -> None:
    assert len(set(warm.starts)) == len(warm.starts) == 3
    assert all(warm.judged[0] < start <= warm.judged[-8] for start in warm.starts)


def test_a_span_too_short_to_judge_by_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 7 warm and 11 clean days"):
        Span(7, 10)
