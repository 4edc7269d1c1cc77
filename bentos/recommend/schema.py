"""Requests and answers of the recommender."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bentos.serving.deadline import Timed
from bentos.serving.feedback import Identifier, UtcDatetime

SCENARIO = "recommend"
MAX_LIMIT = 100


class RecommendRequest(Timed):
    """Who asks, what they looked at just now, and how many products are wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    user_id: Identifier
    session: list[Identifier] = Field(default_factory=list, max_length=200)  # oldest first
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 10
    exclude: list[Identifier] = Field(default_factory=list, max_length=10_000)
    context: dict[str, Any] = Field(default_factory=dict)
    occurred_at: UtcDatetime | None = None  # only where SHOPKEEPER_ALLOW_REPLAY is on


@dataclass(slots=True)  # we make it, so there is nothing to validate
class RecommendedItem:
    """A product, where it stands, and how likely it was to stand there under the policy."""

    product_id: str
    rank: int  # from 1
    score: float
    propensity: float


class RecommendAnswer(BaseModel):
    """A ranking, and the request it answers: send ``request_id`` back with the feedback."""

    request_id: str
    model_tag: str
    variant: str
    degraded: bool
    items: list[RecommendedItem]
    unknown_products: list[str]  # of session and exclude: not in the catalogue, so ignored
