"""What the flows ask of a scenario: how to train its model, and how to rank with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel

from bentos.serving.state import OnlineState

if TYPE_CHECKING:  # its module brings torch
    from bentos.encoders.text import TextVectors

RUN_SCHEMA = pa.schema({"query_id": pa.string(), "product_id": pa.string(), "score": pa.float64()})
MODEL_FOLDER = (
    "model"  # in a training's folder: what goes to the store; beside it checkpoints, curves
)


class Progress(Protocol):
    """Shows how far a long step is."""

    def __call__(self, items: Iterable[Any], total: int | None = None) -> Iterable[Any]:
        """Yields the items."""


class Ranker(Protocol):
    """A model that knows an online state: what answers a request, offline and online."""

    def run(self, queries: Sequence[str], groups: Mapping[str, pa.Array]) -> pa.Table:
        """Ranks the whole catalogue for each query, as of the state's time.

        ``groups`` are products to rank by themselves as well, by name. Returns, in the columns of
        ``RUN_SCHEMA``, the best 100 products of the catalogue, of each group, and of what is new to
        the query's user.
        """

    def stages(self, queries: Sequence[str]) -> Mapping[str, pa.Table]:
        """What earlier stages answer by themselves, in the columns of ``RUN_SCHEMA``.

        The gate holds the whole ranking against them. Empty where there is but one stage.
        """


@dataclass(frozen=True)
class Validation:
    """What training stops early by: days that it does not learn from."""

    state: OnlineState  # as it stood when these days began
    measure: Callable[[Ranker], float]  # greater is better


@dataclass(frozen=True)
class TrainingData:
    """What a model is trained on: all of it was known when the state was made.

    A scenario learns from the histories in the state, and is held against ``validation_days`` after
    it. One that `LearnsFromJudgments` learns from judged queries, and some of them are kept apart.
    """

    state: OnlineState
    validation: Validation | None = None
    judgments: pa.Table | None = None  # the rows of the scenario's training mart


class Scenario(Protocol):
    """A kind of request that a shop asks a model for."""

    name: str
    service: str  # import string of the BentoML service
    promotion_weeks: int  # of promotions in force that training looks back on
    validation_days: int  # before the cut, to stop training by; none where queries are kept apart

    @property
    def parameters(self) -> BaseModel:
        """The run parameters, stored with the model they make."""

    def build_index(
        self, products: pa.Table, vectors: "TextVectors", folder: Path, progress: Progress
    ) -> Path | None:
        """Indexes a catalogue, if requests need that; returns where the index lies in ``folder``.

        An index never changes: another catalogue is another index beside it.
        """

    def train(self, data: TrainingData, folder: Path, progress: Progress) -> Mapping[str, float]:
        """Fine-tunes, and stops early by what it does not learn from.

        The model goes to ``folder / MODEL_FOLDER``; an unfinished training in ``folder`` is gone on
        with. Returns figures to keep with the model.
        """

    def load(self, folder: Path, state: OnlineState, device: str) -> Ranker:
        """The model in ``folder`` over what ``state`` knows."""


class CrossValidation(Protocol):
    """Judged queries, ranked by models that have not learnt from them."""

    def rerankings(self, progress: Progress) -> Iterator[tuple[str, int, pa.Table]]:
        """Rankings of the judged products: the ranker, the seed, and the columns of ``RUN_SCHEMA``.

        The rankers are the stages, parts of the model, and the whole, by the name ``shopkeeper``;
        what has nothing to train has one seed, 0.
        """

    def searches(self, progress: Progress) -> Mapping[str, pa.Table]:
        """The best 100 of the whole catalogue, in the columns of ``RUN_SCHEMA``.

        By each stage alone, and by the whole, ``shopkeeper``.
        """


@runtime_checkable
class LearnsFromJudgments(Protocol):
    """A scenario that learns from judged queries, and can so be measured on all of them."""

    folds: int  # into which judged queries are parted: there have to be as many

    def cross_validation(
        self, state: OnlineState, judgments: pa.Table, folder: Path, progress: Progress
    ) -> CrossValidation:
        """Prepares what all folds have in common: it learns from no judged query.

        ``judgments`` (query_id, product_id, gain) are in order of query and product; ``folder`` is
        kept as long as the cross-validation is used.
        """


@runtime_checkable
class Embeds(Protocol):
    """A scenario whose models see what is asked for, or chosen, as vectors."""

    def embeddings(
        self, asked: Sequence[str], folder: Path, state: OnlineState
    ) -> NDArray[np.float32]:
        """The vectors [N, D] that the model in ``folder`` sees in N queries or products.

        NaN where the state knows none of one.
        """
