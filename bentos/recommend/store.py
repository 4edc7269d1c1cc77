"""A recommender in a folder: weights, the words of its vocabulary, and how it reads texts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from bentos.encoders.vectors import text_matrix
from bentos.recommend.model import BasketModel, Codes, Shape
from bentos.recommend.parameters import Parameters
from bentos.recommend.shop import Catalogue, catalogue_of
from bentos.serving.state import OnlineState
from bentos.serving.store import WEIGHTS

_DESCRIPTION = "recommender.json"


@dataclass(frozen=True)
class Vocabulary:
    """Which products, types and makers have a learnt vector: row 1 on; row 0 is for all others."""

    product: tuple[str, ...]
    type: tuple[str, ...]
    maker: tuple[str, ...]

    def codes(self, catalogue: Catalogue) -> Codes:
        """What a catalogue's products are to the model."""
        coded = {
            name: torch.from_numpy(_places(catalogue.names[name], getattr(self, name)))
            for name in ("product", "type", "maker")
        }
        return Codes(text=torch.from_numpy(catalogue.text_row), **coded)


@dataclass(frozen=True)
class TextAxes:
    """The principal axes of the training catalogue's text vectors."""

    mean: Tensor  # [E]
    axes: Tensor  # [E, text]

    @classmethod
    def of(cls, vectors: NDArray[np.float32], n_axes: int) -> "TextAxes":
        """The ``n_axes`` axes with most variance, scaled so that coordinates have variance 1."""
        mean = vectors.mean(0)
        centred = vectors - mean
        _, directions = np.linalg.eigh(centred.T @ centred)
        axes = directions[:, ::-1][:, :n_axes]
        axes = axes / max(float((centred @ axes).std()), 1e-9)
        return cls(torch.from_numpy(mean), torch.from_numpy(np.ascontiguousarray(axes)).float())

    def coordinates(self, vectors: NDArray[np.float32]) -> Tensor:
        """[texts, E] -> [texts, text]."""
        return (torch.from_numpy(vectors) - self.mean) @ self.axes


@dataclass(frozen=True)
class Recommender:
    """An ensemble of models, with all that is needed to read a state.

    Their scores are averaged (Lakshminarayanan et al., Deep Ensembles, 2017).
    """

    members: tuple[BasketModel, ...]
    vocabulary: Vocabulary
    text_axes: TextAxes
    parameters: Parameters

    def read(self, state: OnlineState, catalogue: Catalogue) -> tuple[Tensor, Codes]:
        """The texts [texts, text] and codes [P] of a state's products."""
        texts = self.text_axes.coordinates(text_matrix(state.tables["texts"]))
        return texts, self.vocabulary.codes(catalogue)

    @torch.inference_mode()
    def product_vectors(self, state: OnlineState, products: Sequence[str]) -> NDArray[np.float32]:
        """[N, members * D] what the members see in N products, one member beside another.

        NaN where the state's catalogue has no such product.
        """
        known = state.tables["products"]
        rows = pc.index_in(pa.array(products, pa.string()), known["product_id"].combine_chunks())
        found = known.take(rows.drop_null())
        texts = self.text_axes.coordinates(
            text_matrix(state.tables["texts"].take(found["text_row"]))
        )
        codes = self.vocabulary.codes(catalogue_of(found))
        codes = replace(codes, text=torch.arange(found.num_rows))
        seen = torch.cat([member.vectors(texts, codes) for member in self.members], dim=1)
        vectors = np.full((len(products), seen.shape[1]), np.nan, np.float32)
        vectors[rows.is_valid().to_numpy(zero_copy_only=False)] = seen.numpy()
        return vectors

    def save(self, folder: Path) -> None:
        """Writes the folder's files."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {
            f"{_prefix(place)}{name}": tensor
            for place, model in enumerate(self.members)
            for name, tensor in model.state_dict().items()
        }
        tensors |= {"text.mean": self.text_axes.mean, "text.axes": self.text_axes.axes}
        save_file({name: t.contiguous() for name, t in tensors.items()}, folder / WEIGHTS)
        description = {
            "shape": asdict(self.members[0].shape),
            "vocabulary": asdict(self.vocabulary),
            "parameters": self.parameters.model_dump(),
        }
        (folder / _DESCRIPTION).write_bytes(orjson.dumps(description))

    @classmethod
    def load(cls, folder: Path) -> "Recommender":
        """Reads what ``save`` wrote."""
        description = orjson.loads((folder / _DESCRIPTION).read_bytes())
        tensors = load_file(folder / WEIGHTS)
        parameters = Parameters(**description["parameters"])
        shape = Shape(**description["shape"])
        members = (_member(shape, tensors, place) for place in range(parameters.members))
        vocabulary = Vocabulary(**{k: tuple(v) for k, v in description["vocabulary"].items()})
        return cls(
            tuple(members),
            vocabulary,
            TextAxes(tensors["text.mean"], tensors["text.axes"]),
            parameters,
        )


def _prefix(place: int) -> str:
    return f"member.{place}."


def _member(shape: Shape, tensors: Mapping[str, Tensor], place: int) -> BasketModel:
    prefix, model = _prefix(place), BasketModel(shape)
    own = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    model.load_state_dict(own)
    return model.eval()


def _places(names: pa.Array, known: tuple[str, ...]) -> NDArray[np.int64]:
    place = pc.fill_null(pc.index_in(names, pa.array(known, pa.string())), -1)
    found: NDArray[np.int64] = place.to_numpy().astype(np.int64) + 1
    return found
