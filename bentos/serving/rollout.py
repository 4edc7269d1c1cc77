"""The rollout record: which model serves a scenario, in one small file that services watch."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bentos.serving.atomic import write_atomically
from bentos.serving.errors import RolloutMissing


class RolloutRecord(BaseModel):
    """Names the models of a scenario; a new version replaces the whole record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: str
    version: int
    champion: str  # model tag
    bento_tag: str
    reason: str


def write_rollout(folder: Path, record: RolloutRecord) -> None:
    """Makes ``record`` the scenario's rollout."""
    write_atomically(folder / f"{record.scenario}.json", record.model_dump_json(indent=2))


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
