"""The run parameters of the reranker, stored with each model that they make."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bentos.serving.device import Precision

FOLDS = 5  # of the judged queries, in a cross-validation
Loss = Literal["lambda", "ranknet", "softmax", "pointwise"]


class Parameters(BaseSettings):
    """How the reranker is fine-tuned; ``SHOPKEEPER_SEARCH_*`` changes the next training."""

    model_config = SettingsConfigDict(env_prefix="SHOPKEEPER_SEARCH_", frozen=True, extra="forbid")

    loss: Loss = "softmax"
    adapter: Literal["full", "lora"] = "full"
    trained_layers: int = Field(default=1, ge=0, le=6)  # the uppermost; those below stay MiniLM's
    lora_rank: int = Field(default=8, ge=1)
    features: Literal["all", "none"] = "all"  # beside the texts; with none only these are read
    tokens: int = Field(default=64, ge=8, le=512)  # of a query and a product's text together
    products: int = Field(default=24, ge=2)  # of a query, judged, that are learnt from at most
    weak_queries: int = Field(default=200, ge=0)  # that nobody judged; all that somebody judged
    list_size: int = Field(default=16, ge=2)  # products of a query that a step compares
    queries: int = Field(default=8, ge=1)  # per step
    epochs: int = Field(default=2, ge=0)  # at most: the best on held-out queries is kept
    folds: int = Field(default=3, ge=2)  # of queries, to choose the epoch and to calibrate by
    rate: float = 3e-5  # of the encoder's layers
    head_rate: float = 1e-3  # of the head that reads the states, and of adapters
    feature_rate: float = 1e-2
    to_prior: float = 1e-2  # how strongly the features' weights are held to where they began
    weight_decay: float = 1e-2
    calibration: Literal["isotonic", "platt"] = "platt"
    precision: Precision = "auto"  # of matrix products in training
    seed: int = 20171120
