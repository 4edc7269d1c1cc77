"""The run parameters of the recommender, stored with each model that they make."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Parameters(BaseSettings):
    """How the recommender is fine-tuned; ``SHOPKEEPER_RECOMMEND_*`` changes the next training."""

    model_config = SettingsConfigDict(
        env_prefix="SHOPKEEPER_RECOMMEND_", frozen=True, extra="forbid"
    )

    weeks: int = Field(default=21, ge=2)  # of examples before the cut; the newest validates
    members: int = Field(default=4, ge=1)  # models trained apart, whose scores are averaged
    candidates: int = 128  # per example
    sure: int = 80  # products the user bought most lately: always candidates
    popular: int = 300  # popular products whose features are read though never bought
    negatives: int = 1024  # products drawn for a whole batch
    own_vector_from: int = 10  # purchases from which a product gets a vector of its own
    text_axes: int = 64  # principal axes of the text vectors
    batch: int = 64
    epochs: int = 2  # at most: the best by validation is kept
    rate: float = 3e-3
    table_rate: float = 1e-3  # of the learnt vectors
    weight_decay: float = 1e-2
    session_share: float = 0.3  # of the examples show part of the next basket as a session
    stranger_share: float = 0.7  # of those hide the history
    seed: int = 20171120
