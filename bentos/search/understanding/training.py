"""Fine-tunes the tagger on weak labels, until it no longer gets better on families it never saw."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from bentos.encoders.weights import minilm_folder
from bentos.fitting import autocast, repeatable
from bentos.search.understanding.classifier import Classifier
from bentos.search.understanding.lexicon import Lexicon
from bentos.search.understanding.parameters import TaggerParameters
from bentos.search.understanding.scoring import entity_f1
from bentos.search.understanding.tagger import dictionary_labels, save_trust, weigh
from bentos.search.understanding.tags import LABELS, Word
from bentos.search.understanding.trainable import IGNORED, TrainableClassifier, token_labels
from bentos.search.understanding.vocabulary import Vocabulary
from bentos.search.understanding.weak_labels import Example, Examples, families, is_held_out

_GRADIENT_NORM = 1.0
_WARM_UP = 0.1  # of all steps

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


class TooLittleSaid(ValueError):
    """A catalogue without brands, types and attributes to make examples of."""


@dataclass(frozen=True)
class Split:
    """Examples of three disjoint sets of families."""

    training: list[Example]
    validation: list[Example]
    test: list[Example]
    training_rows: list[int]  # of the catalogue


def split_examples(
    products: pa.Table, vocabulary: Vocabulary, parameters: TaggerParameters
) -> Split:
    """Makes the examples; a family's products are all in one of the sets."""
    share, seed = parameters.held_out, parameters.seed
    rows: dict[str, list[int]] = {"training": [], "validation": [], "test": []}
    for row, family in enumerate(families(products, vocabulary)):
        names = [name for name in ("test", "validation") if is_held_out(family, share, name)]
        rows[(names or ["training"])[0]].append(row)
    examples = Examples(products, vocabulary)
    few = parameters.held_out_examples
    made = examples.make(rows["training"], parameters.examples, seed, titles=True)
    return Split(
        [*dict.fromkeys(made)],  # a small catalogue repeats itself, which costs time only
        examples.make(rows["validation"], few, seed + 1, titles=False),
        examples.make(rows["test"], few, seed + 2, titles=False),
        rows["training"],
    )


def train(
    products: pa.Table,
    vocabulary: Vocabulary,
    folder: Path,
    parameters: TaggerParameters,
    progress: Progress,
) -> dict[str, float]:
    """Trains on a catalogue and its vocabulary; leaves the best epoch's tagger in ``folder``.

    Returns the entity F1 on the weak labels of families that neither the classifier nor (here) the
    dictionary has seen: of each alone and of both ("test_f1_…"); the classifier's on the families
    held out to stop by, the mean loss of its epoch, and the numbers of epochs and examples.

    Raises:
        TooLittleSaid: the catalogue names too few kinds of things to make examples of.
    """
    split = split_examples(products, vocabulary, parameters)
    if not split.training or not split.validation:
        raise TooLittleSaid(
            f"the catalogue's {products.num_rows} products say too little to learn how they are "
            "asked for: brands, types or attributes are needed"
        )
    with repeatable(torch.get_num_threads()), torch.random.fork_rng():
        torch.manual_seed(parameters.seed)
        trained = TrainableClassifier(minilm_folder(), parameters.layers)
        figures = _fit(trained, split, parameters, progress)
    lexicon = Vocabulary.of(products.take(split.training_rows)).lexicon
    test = _Judged(trained.classifier(), lexicon, split.test)
    trained.save(folder)
    save_trust(folder, parameters.trust)
    return figures | {
        "test_f1_dictionary": test.f1(None),
        "test_f1_classifier": test.f1(0),
        "test_f1_both": test.f1(parameters.trust),
        "examples": len(split.training),
    }


class _Judged:
    """Held-out examples with what the classifier and a dictionary say of them."""

    def __init__(
        self, classifier: Classifier, lexicon: Lexicon, examples: Sequence[Example]
    ) -> None:
        self._true = [example.labels for example in examples]
        self._chances = classifier.probabilities([example.words for example in examples])
        self._known = [
            dictionary_labels(lexicon, [Word(text, 0, 0) for text in example.words])
            for example in examples
        ]

    def f1(self, trust: float | None) -> float:
        """The entity F1 of both at a trust in the dictionary; None: of the dictionary alone."""
        if trust is None:
            return entity_f1(self._true, self._known)
        weighed = (weigh(*of, trust) for of in zip(self._chances, self._known, strict=True))
        return entity_f1(self._true, [[LABELS[c] for c in w.argmax(1)] for w in weighed])


def _fit(
    trained: TrainableClassifier, split: Split, parameters: TaggerParameters, progress: Progress
) -> dict[str, float]:
    batches = ceil(len(split.training) / parameters.batch)
    learner = _Learner(trained, parameters, batches * parameters.epochs)
    rng = np.random.default_rng(parameters.seed)
    best: dict[str, float] = {"validation_f1": -1.0}
    weights: dict[str, Tensor] = {}
    for epoch in range(parameters.epochs):
        trained.model.train()
        order = _by_length(split.training, parameters.batch, rng)
        losses = [learner.step(batch) for batch in progress(order, len(order))]
        trained.model.eval()
        value = score(trained.classifier(), split.validation)
        if value <= best["validation_f1"]:
            break
        best = {"validation_f1": value, "loss": float(np.mean(losses)), "epochs": epoch + 1}
        weights = {name: w.clone() for name, w in trained.model.state_dict().items()}
    trained.model.load_state_dict(weights)
    return best


class _Learner:
    """The model, its optimizer and the schedule of its learning rates."""

    def __init__(
        self, trained: TrainableClassifier, parameters: TaggerParameters, steps: int
    ) -> None:
        self._trained = trained
        self._codes = {label: code for code, label in enumerate(LABELS)}
        head, rest = [], []
        for name, weights in trained.model.named_parameters():
            # What is learnt of some words holds for others only while all stay where they were.
            if "word_embeddings" in name:
                weights.requires_grad_(False)
            elif name.startswith("classifier"):
                head.append(weights)
            else:
                rest.append(weights)
        self._optimizer = torch.optim.AdamW(
            [
                {"params": rest, "lr": parameters.rate},
                {"params": head, "lr": parameters.head_rate},
            ],
            weight_decay=parameters.weight_decay,
            fused=True,
        )
        warm = max(_WARM_UP * steps, 1)
        self._schedule = LambdaLR(
            self._optimizer,
            lambda step: min((step + 1) / warm, max(steps - step, 0) / max(steps - warm, 1)),
        )

    def step(self, batch: Sequence[Example]) -> float:
        """Learns from a batch; returns its loss."""
        encoded, places = self._trained.encode([example.words for example in batch])
        targets = token_labels(places, [example.labels for example in batch], self._codes)
        model = self._trained.model
        device = model.device
        with autocast(device):
            logits = model(**encoded).logits
        loss = torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten().to(device), ignore_index=IGNORED
        )
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(model.parameters(), _GRADIENT_NORM)
        self._optimizer.step()
        self._schedule.step()
        return loss.item()


def score(classifier: Classifier, examples: Sequence[Example]) -> float:
    """The entity F1 of the classifier alone."""
    chances = classifier.probabilities([example.words for example in examples])
    found = [[LABELS[code] for code in chance.argmax(1)] for chance in chances]
    return entity_f1([list(example.labels) for example in examples], found)


def _by_length(
    examples: Sequence[Example], size: int, rng: np.random.Generator
) -> list[list[Example]]:
    """Batches of examples that are about as long as each other, in an order by chance."""
    lengths = np.array([sum(len(word) for word in example.words) for example in examples])
    order = np.lexsort((rng.random(len(examples)), lengths))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    return [[examples[n] for n in batches[b]] for b in rng.permutation(len(batches))]
