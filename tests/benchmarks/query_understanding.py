"""How well queries are understood: seqeval's entity F1 of a tagger trained on Chorus's catalogue.

Against weak labels of families of products that training held out, and against the 90 queries of
Chorus whose spans are marked by hand in tests/data (they are in no training). `SHOPKEEPER_TAGGER_*`
changes the training.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bentos.search.understanding.parameters import TaggerParameters
from bentos.search.understanding.scoring import entity_f1, f1_by_kind, marked_labels
from bentos.search.understanding.tagger import Tagger, dictionary_labels
from bentos.search.understanding.tags import words_of
from bentos.search.understanding.training import train
from bentos.search.understanding.vocabulary import Vocabulary
from tests.benchmarks.chorus import add_data, chorus_catalogue, quietly
from tests.benchmarks.figures import Figure, say, show

BENCH = "query_understanding"
SPANS = Path(__file__).parents[1] / "data" / "chorus_query_spans.jsonl"
PARTS = {
    "test_f1_both": "both",
    "test_f1_classifier": "classifier",
    "test_f1_dictionary": "dictionary",
}

Labels = Sequence[Sequence[str]]


def main() -> None:
    """Runs the benchmark as the command line asks."""
    arguments = _arguments()
    parameters = TaggerParameters()
    with TemporaryDirectory() as folder:
        products = chorus_catalogue(arguments.data / "chorus")
        vocabulary = Vocabulary.of(products)
        began = time.process_time()
        learnt = train(products, vocabulary, Path(folder) / "tagger", parameters, quietly)
        seconds = time.process_time() - began
        tagger = Tagger.load(Path(folder) / "tagger", vocabulary)
    for metric, part in PARTS.items():
        _show("entity_f1", learnt[metric], parameters.held_out_examples, "weak", part)
    marked = [json.loads(line) for line in SPANS.read_text(encoding="utf-8").splitlines()]
    true = [marked_labels(row["query"], [*_spans(row)]) for row in marked]
    for part, found in _found(tagger, vocabulary, [row["query"] for row in marked]):
        _show("entity_f1", entity_f1(true, found), len(marked), "hand", part)
        if part == "both":
            for kind, figures in f1_by_kind(true, found).items():
                say(f"{kind}: {figures}")
    _show("training", seconds, int(learnt["examples"]), "weak", "classifier", "processor s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.benchmarks.{BENCH}", description=__doc__
    )
    add_data(parser)
    return parser.parse_args()


def _spans(row: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    for span in row["spans"]:
        yield span["start"], span["end"], span["tag"]


def _found(
    tagger: Tagger, vocabulary: Vocabulary, queries: Sequence[str]
) -> Iterator[tuple[str, Labels]]:
    tags = [[(tag.start, tag.end, tag.kind) for tag in tagger.tags(query)] for query in queries]
    yield "both", [marked_labels(query, own) for query, own in zip(queries, tags, strict=True)]
    yield (
        "dictionary",
        [dictionary_labels(vocabulary.lexicon, words_of(query)) for query in queries],
    )


def _show(metric: str, value: float, n: int, labels: str, part: str, unit: str = "share") -> None:
    show(Figure(BENCH, "shopkeeper", metric, value, unit, n, {"labels": labels, "part": part}))


if __name__ == "__main__":
    main()
