"""What the flows ask of a scenario: how to train its model, and how to rank with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pydantic import BaseModel

from bentos.serving.state import OnlineState

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


Validate = Callable[[Ranker], float]  # what training stops by; greater is better


class Scenario(Protocol):
    """A kind of request that a shop asks a model for."""

    name: str
    service: str  # import string of the BentoML service
    promotion_weeks: int  # of promotions in force that training looks back on
    validation_days: int  # labels of the last days before the cut are kept for early stopping

    @property
    def parameters(self) -> BaseModel:
        """The run parameters, stored with the model they make."""

    def train(
        self,
        state: OnlineState,
        validation_state: OnlineState,
        folder: Path,
        validate: Validate,
        progress: Progress,
    ) -> Mapping[str, float]:
        """Fine-tunes on what happened before ``state.as_of``.

        Training stops early by ``validate``, on the days after ``validation_state.as_of``. The
        model goes to ``folder / MODEL_FOLDER``; an unfinished training in ``folder`` is gone on
        with. Returns figures to keep with the model.
        """

    def load(self, folder: Path, state: OnlineState, device: str) -> Ranker:
        """The model in ``folder`` over what ``state`` knows."""
