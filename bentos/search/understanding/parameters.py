"""What can be chosen when the tagger of queries is trained."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TaggerParameters(BaseSettings):
    """How the tagger is fine-tuned; ``SHOPKEEPER_TAGGER_*`` changes the next training."""

    model_config = SettingsConfigDict(env_prefix="SHOPKEEPER_TAGGER_", frozen=True, extra="forbid")

    examples: int = Field(default=20_000, gt=0)  # made of the catalogue; what repeats counts once
    held_out: float = Field(default=0.1, gt=0, lt=0.5)  # of the families: to stop by, and to score
    held_out_examples: int = Field(default=2_000, gt=0)
    epochs: int = Field(default=5, gt=0)  # at most: the best by validation is kept
    batch: int = Field(default=128, gt=0)
    rate: float = Field(default=2e-4, gt=0)
    head_rate: float = Field(default=1e-3, gt=0)  # of the classifier, which starts from nothing
    weight_decay: float = Field(default=0.01, ge=0)
    layers: int = Field(default=4, gt=0)  # of the encoder, from below
    trust: float = Field(default=3.0, ge=0)  # nats that the dictionary adds to the classifier's
    seed: int = 20171120
