"""Requests and answers of search: ours, and those that rerank and embedding clients send."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bentos.serving.deadline import DeadlineMs, Timed
from bentos.serving.feedback import Identifier, UtcDatetime
from bentos.serving.record import POOL_SIZE

SCENARIO = "search"
LONGEST_QUERY = 10_000  # characters
MOST_DOCUMENTS = 1_000
MOST_INPUTS = 256
_FACETS = ("category", "brand", "price", "in_stock")
_ATTRIBUTE = "attributes."


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank; type what is looked for")
    return text


def _is_facet(name: str) -> str:
    if name not in _FACETS and not (name.startswith(_ATTRIBUTE) and len(name) > len(_ATTRIBUTE)):
        known = ", ".join((*_FACETS, f"{_ATTRIBUTE}NAME"))
        raise ValueError(f"{name!r} is no facet; there are {known}")
    return name


Query = Annotated[str, Field(max_length=LONGEST_QUERY), AfterValidator(_says_something)]
Facet = Annotated[str, Field(max_length=200), AfterValidator(_is_facet)]
Values = Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=100)]
Stage = Literal["lexical", "dense", "both", "nearest"]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class SearchFilters(BaseModel):
    """What a product must be; of several values of a field one is enough."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Values = []
    brand: Values = []
    price_from: Price | None = None
    price_to: Price | None = None
    in_stock: bool | None = None
    attributes: dict[str, Values] = {}


class SearchRequest(Timed):
    """What was typed, by whom, and which part of which products is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    query: Query
    user_id: Identifier | None = None
    session_id: Identifier | None = (
        None  # of a visit: who has no user_id keeps to one variant by it
    )
    limit: Annotated[int, Field(ge=1, le=POOL_SIZE)] = 10
    offset: Annotated[int, Field(ge=0, lt=POOL_SIZE)] = 0
    filters: SearchFilters = SearchFilters()
    sort: Literal["relevance", "price_asc", "price_desc"] = "relevance"
    facets: list[Facet] = Field(default_factory=list, max_length=20)
    context: dict[str, Any] = Field(default_factory=dict)
    personalise: bool = True  # only a user with a history is known well enough
    occurred_at: UtcDatetime | None = None  # only where SHOPKEEPER_ALLOW_REPLAY is on

    @model_validator(mode="after")
    def _within_the_pool(self) -> Self:
        if self.offset + self.limit > POOL_SIZE:
            raise ValueError(
                f"offset + limit is {self.offset + self.limit}; a search ranks the best "
                f"{POOL_SIZE} products: narrow it by filters instead"
            )
        return self


@dataclass(slots=True)  # we make it, so there is nothing to validate
class FoundItem:
    """A product, where it stands and why."""

    product_id: str
    rank: int  # from 1, over all pages
    score: float  # the probability that it is what was looked for
    propensity: float
    stage: Stage  # which stage found it


class Understood(BaseModel):
    """What a part of the query names; ``value`` as the catalogue writes it, if it has it."""

    kind: str
    text: str
    start: int  # characters of the query that was searched for
    end: int
    value: str | None
    confidence: float


class FacetCount(BaseModel):
    """A value, and how many of the products that were found have it."""

    value: str
    count: int


class SearchAnswer(BaseModel):
    """A ranking, and the request it answers: send ``request_id`` back with the feedback."""

    request_id: str
    model_tag: str
    variant: str
    degraded: bool
    corrected_query: str | None  # what was searched for instead, where words were misspelt
    understood: list[Understood]
    nearest: bool  # nothing matched: these are the products that come closest
    total: int  # products found
    facets: dict[str, list[FacetCount]]
    items: list[FoundItem]


class Document(BaseModel):
    """A document as Cohere's older clients send it."""

    text: str


class RerankRequest(Timed):
    """A query and documents to order by it, in the shape of Cohere, Jina and TEI.

    What else those clients send, such as the name of their model, is not needed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    query: Query
    documents: list[str | Document] = Field(min_length=1, max_length=MOST_DOCUMENTS)
    top_n: Annotated[int, Field(ge=1)] | None = None
    return_documents: bool = False


class RerankResult(BaseModel):
    """A document by its place in the request."""

    index: int
    relevance_score: float  # the probability that it answers the query
    document: Document | None = None


class RerankAnswer(BaseModel):
    """The documents, best first."""

    id: str
    model: str
    degraded: bool  # some documents could not be read in time: they follow in their own order
    results: list[RerankResult]


class EmbeddingRequest(Timed):
    """Texts to encode, in the shape of OpenAI."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    deadline_ms: DeadlineMs | None = "off"  # a vector can't be had by halves
    input: str | list[str] = Field(max_length=LONGEST_QUERY)
    encoding_format: Literal["float", "base64"] = "float"

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, sent: Any) -> Any:
        texts = sent.get("input") if isinstance(sent, dict) else None
        if isinstance(texts, list):
            if not 1 <= len(texts) <= MOST_INPUTS:
                raise ValueError(
                    f"input: 1 to {MOST_INPUTS} texts were expected, {len(texts)} came"
                )
            if any(isinstance(text, str) and len(text) > LONGEST_QUERY for text in texts):
                raise ValueError(f"input: a text is longer than {LONGEST_QUERY} characters")
        return sent


class Embedding(BaseModel):
    """The unit vector of a text; base64 of little-endian float32 where that was asked for."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class Usage(BaseModel):
    """How many tokens were read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingAnswer(BaseModel):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: Usage
