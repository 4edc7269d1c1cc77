"""Postings: which rows have a word."""

from __future__ import annotations

import numpy as np

from bentos.search.postings import Numbers, Postings


def test_a_word_has_the_rows_that_have_it_in_order_however_often() -> None:
    postings = Postings.of([["red", "pen"], [], ["pen", "red", "pen"], ["mug"]], Numbers())
    assert postings.having("pen").tolist() == [0, 2]
    assert postings.having("mug").tolist() == [3]
    assert postings.having("cup").tolist() == []
    assert postings.have("red", np.array([3, 2, 1, 0, 2])).tolist() == [0, 1, 0, 1, 1]


def test_fields_that_share_numbers_do_not_take_each_others_words_for_theirs() -> None:
    numbers = Numbers()
    title = Postings.of([["red", "pen"]], numbers)
    brand = Postings.of([["acme", "pen"]], numbers)
    assert sorted(numbers) == ["acme", "pen", "red"]
    assert [title.having(word).tolist() for word in ("red", "pen", "acme")] == [[0], [0], []]
    assert [brand.having(word).tolist() for word in ("red", "pen", "acme")] == [[], [0], [0]]


def test_no_rows_have_no_words() -> None:
    assert Postings.of([], Numbers()).have("pen", np.array([], np.int64)).tolist() == []
