"""Entity F1: a span counts if its kind and both its ends are right."""

from __future__ import annotations

import pytest

from bentos.search.understanding.scoring import entity_f1, f1_by_kind, marked_labels

TRUE = [["B-BRAND", "B-TYPE", "I-TYPE"], ["B-TYPE", "O"]]


def test_what_is_right_counts_one() -> None:
    assert entity_f1(TRUE, TRUE) == 1


def test_a_span_with_a_wrong_end_counts_as_wrong() -> None:
    found = [["B-BRAND", "B-TYPE", "O"], ["B-TYPE", "O"]]
    assert entity_f1(TRUE, found) == pytest.approx(2 / 3)  # 2 of 3 found, 2 of 3 right


def test_misses_and_inventions_both_cost() -> None:
    found = [["O", "B-TYPE", "I-TYPE"], ["B-TYPE", "B-VALUE"]]
    assert entity_f1(TRUE, found) == pytest.approx(2 / 3)
    nothing = [["O"] * 3, ["O"] * 2]
    assert entity_f1(TRUE, nothing) == 0
    assert entity_f1(nothing, nothing) == 0


def test_words_that_nobody_labelled_are_left_out() -> None:
    true = [["B-TYPE", None], [None]]
    assert entity_f1(true, [["B-TYPE", "B-VALUE"], ["B-BRAND"]]) == 1


def test_each_kind_has_its_figures() -> None:
    by_kind = f1_by_kind(TRUE, [["B-BRAND", "B-TYPE", "O"], ["B-TYPE", "O"]])
    assert by_kind["BRAND"] == {"precision": 1, "recall": 1, "f1": 1, "support": 1}
    assert by_kind["TYPE"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert by_kind["micro avg"]["f1"] == pytest.approx(2 / 3)


def test_marks_in_characters_become_labels_of_words() -> None:
    marked = [(0, 2, "BRAND"), (5, 20, "TYPE")]
    assert marked_labels("hp - toner cartridge, a4", marked) == [
        "B-BRAND",
        "B-TYPE",
        "I-TYPE",
        "O",
    ]
    assert marked_labels("", []) == []
