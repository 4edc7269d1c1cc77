"""Feedback: each event judged by itself, logged once, known to everybody on the host."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from bentos.serving.feedback import FeedbackEvent, FeedbackLog, check_events

NOON = datetime(2024, 3, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
AGES = NOON - 1000 * HOUR, NOON + 1000 * HOUR
CATALOGUE = {"p1", "p2", "7"}

# A process whose files may not grow beyond 300 bytes, about one event; then they may.
_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from bentos.serving.errors import LogUnwritable
from bentos.serving.feedback import FeedbackEvent, FeedbackLog

events = [
    FeedbackEvent(
        event_id=f"e{n}", event_type="click", product_id="p1", user_id="u1",
        occurred_at="2024-03-15T12:00:00Z",
    )
    for n in range(4)
]
log = FeedbackLog(Path(sys.argv[1]))
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
print(log.append(events[:1]))
try:
    log.append(events)
except LogUnwritable:
    print("refused")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(log.append(events))
"""


def _sent(**changes: Any) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "event_type": "click",
        "product_id": "p1",
        "user_id": "u1",
        "occurred_at": NOON.isoformat(),
    } | changes


def _event(event_id: str = "e1", occurred_at: datetime = NOON, **changes: Any) -> FeedbackEvent:
    return FeedbackEvent.model_validate(
        _sent(event_id=event_id, occurred_at=occurred_at, **changes)
    )


def _of(log: FeedbackLog, user_id: str = "u1") -> list[str]:
    return [event.event_id for event in log.of_user(user_id, *AGES)]


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [
        orjson.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


# What is sent.


def test_a_good_event_is_taken_with_what_it_leaves_out_filled_in() -> None:
    (event,), refused = check_events([_sent()], CATALOGUE, NOON)
    assert refused == []
    assert (event.quantity, event.price, event.request_id) == (1, None, None)


def test_numbers_are_taken_for_identifiers() -> None:
    (event,), _ = check_events([_sent(event_id=3, product_id=7, user_id=1)], CATALOGUE, NOON)
    assert (event.event_id, event.product_id, event.user_id) == ("3", "7", "1")


@pytest.mark.parametrize(
    "occurred_at", ["2024-03-15T12:00:00", "2024-03-15T14:00:00+02:00", NOON.timestamp()]
)
def test_times_are_told_in_utc_and_one_without_a_zone_is_utc(occurred_at: Any) -> None:
    (event,), _ = check_events([_sent(occurred_at=occurred_at)], CATALOGUE, NOON)
    assert event.occurred_at == NOON
    assert event.occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"event_type": "look"}, "event_type", "'impression', 'click'"),
        ({"product_id": "p3"}, "product_id", "p3 is not a product of the catalogue"),
        ({"user_id": ""}, "user_id", "at least 1 character"),
        ({"user_id": None}, "user_id", "valid string"),
        ({"event_id": "x" * 201}, "event_id", "at most 200 characters"),
        ({"occurred_at": "soon"}, "occurred_at", "valid datetime"),
        ({"occurred_at": "2024-03-15T12:05:01Z"}, "occurred_at", "is in the future"),
        ({"occurred_at": "0001-01-01T00:00:00+02:00"}, "occurred_at", "can't be told in UTC"),
        ({"occurred_at": "9999-12-31T23:59:59-02:00"}, "occurred_at", "can't be told in UTC"),
        ({"quantity": -1}, "quantity", "greater than or equal to 0"),
        ({"quantity": float("nan")}, "quantity", "less than or equal to 100000"),
        ({"quantity": 100_001}, "quantity", "less than or equal to 100000"),
        ({"price": -0.01}, "price", "greater than or equal to 0"),
        ({"price": float("inf")}, "price", "finite"),
        ({"discount": float("nan")}, "discount", "finite"),
        ({"colour": "red"}, "colour", "not permitted"),
    ],
)
def test_a_bad_event_is_refused_by_field_and_reason(
    changes: dict[str, Any], field: str, reason: str
) -> None:
    good, (refused,) = check_events([_sent(**changes)], CATALOGUE, NOON)
    assert good == []
    assert (refused.index, refused.field) == (0, field)
    assert refused.event_id == changes.get("event_id", "e1")
    assert reason in refused.reason


@pytest.mark.parametrize("sent", ["text", None, [], 3])
def test_what_is_no_event_at_all_is_refused(sent: Any) -> None:
    _, (refused,) = check_events([sent], CATALOGUE, NOON)
    assert (refused.field, refused.event_id) == ("event", None)


def test_a_missing_field_is_named() -> None:
    _, (refused,) = check_events([{"event_id": "e9"}], CATALOGUE, NOON)
    assert (refused.event_id, refused.field, refused.reason) == (
        "e9",
        "event_type",
        "Field required",
    )


def test_a_bad_event_does_not_stand_in_the_way_of_the_others() -> None:
    sent = [_sent(event_id="e1"), _sent(event_id="e2", product_id="p3"), _sent(event_id="e3")]
    good, (refused,) = check_events(sent, CATALOGUE, NOON)
    assert [event.event_id for event in good] == ["e1", "e3"]
    assert (refused.index, refused.event_id) == (1, "e2")


def test_clocks_may_differ_by_five_minutes() -> None:
    good, _ = check_events([_sent(occurred_at="2024-03-15T12:05:00Z")], CATALOGUE, NOON)
    assert len(good) == 1


def test_a_replay_may_send_any_time() -> None:
    good, _ = check_events([_sent(occurred_at="2034-03-15T12:00:00Z")], CATALOGUE, now=None)
    assert len(good) == 1


# What is logged.


def test_an_event_is_logged_once_however_often_it_is_sent(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    assert log.append([_event("e1"), _event("e2"), _event("e1")]) == 2
    assert log.append([_event("e2"), _event("e3")]) == 1
    assert log.append([_event("e1")]) == 0
    assert [line["event_id"] for line in _lines(tmp_path)] == ["e1", "e2", "e3"]
    assert _of(log) == ["e1", "e2", "e3"]


def test_an_event_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    event = _event(
        event_type="purchase", quantity=2, price=1.25, discount=0.5, store_id="s1", request_id="r1"
    )
    FeedbackLog(tmp_path).append([event])
    assert FeedbackLog(tmp_path).of_user("u1", *AGES) == [event]


def test_a_line_says_when_it_was_logged_beside_when_it_happened(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    FeedbackLog(tmp_path).append([_event()])
    (line,) = _lines(tmp_path)
    assert datetime.fromisoformat(line["occurred_at"]) == NOON
    assert before <= datetime.fromisoformat(line["logged_at"]) <= datetime.now(UTC)


def test_what_was_logged_before_the_start_is_known_at_the_start(tmp_path: Path) -> None:
    FeedbackLog(tmp_path).append([_event("e1")])
    restarted = FeedbackLog(tmp_path)
    assert _of(restarted) == ["e1"]
    assert restarted.append([_event("e1")]) == 0


def test_another_worker_sees_it_at_once(tmp_path: Path) -> None:
    one, other = FeedbackLog(tmp_path), FeedbackLog(tmp_path)
    assert _of(other) == []
    one.append([_event("e1")])
    assert _of(other) == ["e1"]
    assert other.append([_event("e1"), _event("e2")]) == 1
    assert _of(one) == ["e1", "e2"]


def test_workers_that_hear_of_an_event_at_once_log_it_once(tmp_path: Path) -> None:
    workers = [FeedbackLog(tmp_path) for _ in range(4)]
    events = [_event(f"e{n}") for n in range(50)]

    def send(turn: int) -> int:
        return sum(workers[turn % 4].append([event]) for event in events)

    with ThreadPoolExecutor(8) as threads:
        accepted = sum(threads.map(send, range(8)))
    assert accepted == 50
    assert len(_lines(tmp_path)) == 50


def test_events_come_in_the_order_they_happened_whatever_order_they_came_in(
    tmp_path: Path,
) -> None:
    log = FeedbackLog(tmp_path)
    log.append([_event("late", NOON + HOUR), _event("b", NOON), _event("a", NOON)])
    assert _of(log) == ["a", "b", "late"]


def test_of_a_user_only_their_own_events_within_the_time_are_given(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    log.append([_event(f"e{n}", NOON + n * HOUR) for n in range(4)])
    log.append([_event("other", user_id="u2")])
    found = log.of_user("u1", NOON + HOUR, NOON + 3 * HOUR)
    assert [event.event_id for event in found] == ["e1", "e2"]  # the end itself is not in it
    assert log.of_user("nobody", *AGES) == []


def test_what_the_state_holds_is_forgotten_and_the_log_keeps_it(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    log.append([_event("e1", NOON - HOUR), _event("e2", NOON)])
    log.forget_before(NOON)
    assert _of(log) == ["e2"]
    assert len(_lines(tmp_path)) == 2


def test_a_late_event_is_logged_once_though_the_state_is_newer(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    log.forget_before(NOON)
    assert log.append([_event("late", NOON - HOUR)]) == 1
    assert log.append([_event("late", NOON - HOUR)]) == 0
    assert len(_lines(tmp_path)) == 1
    assert _of(log) == []


def test_what_was_forgotten_counts_again_when_an_older_state_comes_back(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    log.append([_event("e1", NOON - HOUR), _event("e2", NOON)])
    log.forget_before(NOON)
    log.forget_before(NOON - 2 * HOUR)
    assert _of(log) == ["e1", "e2"]
    assert log.append([_event("e1", NOON - HOUR)]) == 0


@pytest.mark.parametrize("damage", [b"\x00\x00\n", b"{}\n", b"[]\n", b'{"event_id": "x"}\n'])
def test_a_damaged_line_costs_no_other(tmp_path: Path, damage: bytes) -> None:
    FeedbackLog(tmp_path).append([_event("e1")])
    (tmp_path / "00000000.jsonl").write_bytes(damage)
    log = FeedbackLog(tmp_path)
    assert _of(log) == ["e1"]
    assert log.append([_event("e1")]) == 0


def test_a_full_disk_takes_none_of_the_events_and_a_second_try_takes_all(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _ON_A_FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert said == ["1", "refused", "3"]
    assert [line["event_id"] for line in _lines(tmp_path)] == ["e0", "e1", "e2", "e3"]
