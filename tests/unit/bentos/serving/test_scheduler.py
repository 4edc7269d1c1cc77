"""Requests share the readers' threads, and each has its answer by its deadline."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from math import inf

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from bentos.serving.cost import CostModel
from bentos.serving.errors import Overloaded
from bentos.serving.reading import Floats
from bentos.serving.scheduler import Scheduler

PER_TOKEN = 1e-4  # seconds: what the cost model believes to begin with
LONG = 5.0  # seconds that no test waits for


def rows(*numbers: int, tokens: int = 10) -> tuple[list[int], list[int]]:
    """Rows of numbers, and the tokens that each is said to have."""
    return list(numbers), [tokens] * len(numbers)


class Doubling:
    """Says of each row twice its number, once it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.let.set()
        self.batches: list[list[int]] = []

    def read(self, rows: Sequence[int]) -> Floats:
        assert self.let.wait(LONG)
        self.batches.append(list(rows))
        if -1 in rows:
            raise ValueError("row -1 can't be read")
        return np.array(rows, np.float32) * 2


@pytest.fixture
def reader() -> Doubling:
    return Doubling()


@pytest.fixture
def scheduler(reader: Doubling) -> Iterator[Scheduler]:
    running = Scheduler(1, CostModel(PER_TOKEN), most_tokens=2_000)
    yield running
    reader.let.set()
    running.close()


def busy(scheduler: Scheduler, reader: Doubling) -> None:
    """Occupies the only thread until the reader is let go."""
    reader.let.clear()
    scheduler.submit(reader, *rows(0))
    while scheduler.waiting_tokens:
        time.sleep(0.001)


def test_every_row_is_answered_in_its_place(scheduler: Scheduler, reader: Doubling) -> None:
    answer = scheduler.submit(reader, *rows(3, 1, 2)).result(LONG)
    assert_array_equal(answer.read, [6, 2, 4])


def test_a_long_request_is_read_in_several_batches(scheduler: Scheduler, reader: Doubling) -> None:
    numbers = range(1, 101)
    answer = scheduler.submit(reader, *rows(*numbers, tokens=50)).result(LONG)
    assert_array_equal(answer.read, [2 * n for n in numbers])
    assert len(reader.batches) > 1


def test_short_requests_share_a_batch(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    answers = [scheduler.submit(reader, *rows(n)) for n in (1, 2, 3)]
    reader.let.set()
    assert [answer.result(LONG).read.tolist() for answer in answers] == [[2], [4], [6]]
    assert [1, 2, 3] in reader.batches


def test_two_models_never_share_one(scheduler: Scheduler, reader: Doubling) -> None:
    other = Doubling()
    busy(scheduler, reader)
    answers = [scheduler.submit(of, *rows(n)) for of, n in ((reader, 1), (other, 2), (reader, 3))]
    reader.let.set()
    assert [answer.result(LONG).read.tolist() for answer in answers] == [[2], [4], [6]]
    assert other.batches == [[2]]


def test_who_has_less_time_is_read_first(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    later = time.monotonic() + LONG
    answers = [
        scheduler.submit(reader, *rows(number, tokens=256), deadline)
        for number, deadline in ((1, inf), (2, later + 1), (3, later))
    ]
    reader.let.set()
    for answer in answers:
        assert len(answer.result(LONG).read) == 1
    assert reader.batches[1:] == [[3], [2], [1]]


def test_who_can_not_be_read_in_time_is_told_at_once(
    scheduler: Scheduler, reader: Doubling
) -> None:
    busy(scheduler, reader)
    scheduler.submit(reader, *rows(1), time.monotonic() + LONG)
    answer = scheduler.submit(reader, *rows(*range(50)), time.monotonic() + 0.001).result(0.5)
    assert len(answer.read) == 0


def test_who_fits_in_behind_those_who_wait_is_let_in(
    scheduler: Scheduler, reader: Doubling
) -> None:
    busy(scheduler, reader)
    second = 10_000  # tokens, as the cost model has it
    waits = scheduler.submit(reader, *rows(1, tokens=second), time.monotonic() + LONG)
    late = scheduler.submit(reader, *rows(2, tokens=10), time.monotonic() + 0.5)
    assert len(late.result(0.1).read) == 0  # a second's work is before it
    in_time = scheduler.submit(reader, *rows(3, tokens=10), time.monotonic() + LONG)
    reader.let.set()
    assert len(waits.result(LONG).read) == 1
    assert len(in_time.result(LONG).read) == 1


def test_what_takes_longer_than_foreseen_is_cut_off_with_the_best_rows_read() -> None:
    class Slow(Doubling):
        def read(self, rows: Sequence[int]) -> Floats:
            time.sleep(0.05)
            return super().read(rows)

    scheduler = Scheduler(1, CostModel(1e-6), most_tokens=2_000)
    numbers = range(1, 21)
    deadline = time.monotonic() + 0.12
    answer = scheduler.submit(Slow(), *rows(*numbers, tokens=256), deadline).result(LONG)
    scheduler.close()
    assert 1 <= len(answer.read) < 20
    assert_array_equal(answer.read, [2 * n for n in numbers][: len(answer.read)])


def test_an_error_is_told_to_its_request_alone(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    good, bad, other = (scheduler.submit(reader, *rows(number)) for number in (1, -1, 2))
    reader.let.set()
    assert good.result(LONG).read.tolist() == [2]
    assert other.result(LONG).read.tolist() == [4]
    with pytest.raises(ValueError, match="row -1"):
        bad.result(LONG)


def test_the_rest_of_a_request_that_failed_is_not_read(
    scheduler: Scheduler, reader: Doubling
) -> None:
    bad = scheduler.submit(reader, *rows(-1, 7, 8, tokens=256))
    with pytest.raises(ValueError, match="row -1"):
        bad.result(LONG)
    assert scheduler.submit(reader, *rows(1)).result(LONG).read.tolist() == [2]
    assert all(7 not in batch and batch for batch in reader.batches)


def test_a_request_whose_client_is_gone_is_not_read(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    gone, stays = (scheduler.submit(reader, *rows(number)) for number in (1, 2))
    assert gone.cancel()
    reader.let.set()
    assert len(stays.result(LONG).read) == 1
    assert all(1 not in batch for batch in reader.batches)


def test_a_full_queue_refuses_who_has_no_deadline(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    waits = scheduler.submit(reader, *rows(1, tokens=1_500))
    with pytest.raises(Overloaded, match="2500 tokens would wait"):
        scheduler.submit(reader, *rows(2, tokens=1_000))
    reader.let.set()
    assert len(waits.result(LONG).read) == 1


def test_no_rows_are_answered_without_reading(scheduler: Scheduler, reader: Doubling) -> None:
    answer = scheduler.submit(reader, [], []).result(0)
    assert len(answer.read) == 0


def test_closing_answers_who_waits(reader: Doubling) -> None:
    scheduler = Scheduler(1, CostModel(PER_TOKEN), most_tokens=2_000)
    busy(scheduler, reader)
    waits = scheduler.submit(reader, *rows(1, 2))
    spare = scheduler.submit_spare(reader, *rows(7))
    closing = threading.Thread(target=scheduler.close)
    closing.start()
    reader.let.set()
    closing.join(LONG)
    assert waits.result(LONG) is not None
    assert len(spare.result(LONG).read) == 0
    assert len(scheduler.submit_spare(reader, *rows(8)).result(0).read) == 0


def test_what_nobody_waits_for_is_read_when_nothing_else_is_and_a_few_rows_at_a_time(
    scheduler: Scheduler, reader: Doubling
) -> None:
    busy(scheduler, reader)
    spare = scheduler.submit_spare(reader, *rows(7, 8, 9, tokens=32))
    answers = [scheduler.submit(reader, *rows(n, tokens=256)) for n in (1, 2)]
    assert scheduler.is_busy
    reader.let.set()
    assert spare.result(LONG).read.tolist() == [14, 16, 18]
    assert all(answer.done() for answer in answers)
    assert reader.batches == [[0], [1], [2], [7, 8], [9]]


def test_who_comes_while_that_is_read_is_read_before_the_rest_of_it(
    scheduler: Scheduler, reader: Doubling
) -> None:
    reader.let.clear()
    spare = scheduler.submit_spare(reader, *rows(7, 8, tokens=64))
    while not scheduler.is_busy:
        time.sleep(0.001)
    answer = scheduler.submit(reader, *rows(1), time.monotonic() + LONG)
    reader.let.set()
    assert len(answer.result(LONG).read) == 1
    assert len(spare.result(LONG).read) == 2
    assert reader.batches == [[7], [1], [8]]


def test_it_stands_in_nobodys_way_while_it_waits(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    scheduler.submit_spare(reader, *rows(7, tokens=1_000_000))
    assert scheduler.waiting_tokens == 0
    in_time = scheduler.submit(reader, *rows(1), time.monotonic() + LONG)
    reader.let.set()
    assert len(in_time.result(LONG).read) == 1


def test_what_was_given_up_is_not_read(scheduler: Scheduler, reader: Doubling) -> None:
    busy(scheduler, reader)
    gone, stays = (scheduler.submit_spare(reader, *rows(n)) for n in (7, 8))
    assert gone.cancel()
    reader.let.set()
    assert len(stays.result(LONG).read) == 1
    assert reader.batches == [[0], [8]]


def test_a_thread_that_waits_holds_no_model(scheduler: Scheduler) -> None:
    reader = Doubling()
    gone = weakref.ref(reader)
    scheduler.submit(reader, *rows(1)).result(LONG)
    while scheduler.is_busy:
        time.sleep(0.001)
    del reader
    assert gone() is None


def test_two_threads_read_one_long_request_together() -> None:
    class Together(Doubling):
        both = threading.Barrier(2)

        def read(self, rows: Sequence[int]) -> Floats:
            self.both.wait(LONG)
            return super().read(rows)

    scheduler = Scheduler(2, CostModel(PER_TOKEN), most_tokens=2_000)
    answer = scheduler.submit(Together(), *rows(1, 2, tokens=256)).result(LONG)
    scheduler.close()
    assert_array_equal(answer.read, [2, 4])
