"""The rollout record: which models serve a scenario, in one small file that services watch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bentos.serving.atomic import write_atomically
from bentos.serving.errors import RolloutMissing

Role = Literal["challenger", "shadow", "interleaved"]
Variant = Literal["champion", "challenger", "shadow", "interleaved"]


class Beside(BaseModel):
    """The model beside the champion, and what it is there for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_tag: str
    role: Role
    share: Annotated[float, Field(gt=0, lt=1)] | None = None  # of users, whom a challenger answers

    @model_validator(mode="after")
    def _challengers_have_a_share(self) -> Self:
        if (self.role == "challenger") != (self.share is not None):
            raise ValueError("a challenger, and no other role, has a share of users")
        return self


class RolloutRecord(BaseModel):
    """Names the models of a scenario; a new version replaces the whole record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str
    version: int
    champion: str  # model tag
    beside: Beside | None = None
    bento_tag: str
    reason: str

    @model_validator(mode="after")
    def _two_models(self) -> Self:
        if self.beside is not None and self.beside.model_tag == self.champion:
            raise ValueError(f"{self.champion} is the champion; beside it stands another model")
        return self

    @property
    def models(self) -> Mapping[Variant, str]:
        """The model tag of each variant."""
        if self.beside is None:
            return {"champion": self.champion}
        return {"champion": self.champion, self.beside.role: self.beside.model_tag}

    @property
    def alone(self) -> "RolloutRecord":
        """The same with nothing beside the champion."""
        return self.model_copy(update={"beside": None})


def write_rollout(folder: Path, record: RolloutRecord) -> None:
    """Makes ``record`` the scenario's rollout."""
    # Bentos from before there was anything beside a champion refuse fields that they don't know.
    text = record.model_dump_json(indent=2, exclude_none=True)
    write_atomically(folder / f"{record.scenario}.json", text)


def read_rollout(folder: Path, scenario: str) -> RolloutRecord:
    """The scenario's rollout.

    Raises:
        RolloutMissing: there is none, or it can't be read.
    """
    path = folder / f"{scenario}.json"
    try:
        return RolloutRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise RolloutMissing(
            f"no model serves {scenario} yet: {path} does not exist; `shopkeeper retrain "
            f"{scenario}` fine-tunes, proves and promotes one."
        ) from error
    except ValidationError as error:
        raise RolloutMissing(f"{path} is no rollout record: {error}") from error
