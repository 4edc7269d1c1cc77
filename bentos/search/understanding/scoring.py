"""Entity-level F1, as seqeval counts it: a span counts if its kind and both its ends are right."""

import warnings
from collections.abc import Sequence

from seqeval.metrics import classification_report, f1_score

from bentos.search.understanding.tags import Span, labels_of, words_of

Labels = Sequence[Sequence[str]]
Marked = tuple[int, int, str]  # characters from and to (excluded), and the kind


def entity_f1(true: Sequence[Sequence[str | None]], found: Labels) -> float:
    """Micro-averaged over all spans; words whose true label is None are left out."""
    kept = [
        [(t, f) for t, f in zip(of_true, of_found, strict=True) if t is not None]
        for of_true, of_found in zip(true, found, strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where there is no span: then F1 is 0
        return float(
            f1_score([[t for t, _ in pairs] for pairs in kept], [[f for _, f in p] for p in kept])
        )


def f1_by_kind(true: Labels, found: Labels) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support by kind, and of all ('micro avg')."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = classification_report([*map(list, true)], [*map(list, found)], output_dict=True)
    return {
        name: {
            "precision": float(row["precision"]),
            "recall": float(row["recall"]),
            "f1": float(row["f1-score"]),
            "support": float(row["support"]),
        }
        for name, row in report.items()
    }


def marked_labels(query: str, marked: Sequence[Marked]) -> list[str]:
    """The labels of a query's words, of spans that somebody marked or a tagger found."""
    words = words_of(query)
    first = {word.start: place for place, word in enumerate(words)}
    last = {word.end: place + 1 for place, word in enumerate(words)}
    spans = [Span(kind, first[start], last[end]) for start, end, kind in marked]
    return labels_of(len(words), spans)
