"""The prediction log's line: a served ranking as an experiment.

This is the one owner of its columns; ``warehouse/sql/schema/raw_served.sql`` declares the same,
and a test compares them. A change of the columns is a new ``LOG_VERSION``; readers take this one
and the one before.
"""

from dataclasses import dataclass, field
from datetime import datetime

LOG_VERSION = 4
POOL_SIZE = 100  # candidates kept a request: the best of what was scored


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """Feedback that was counted beside the online state."""

    event_id: str
    event_type: str
    product_id: str
    occurred_at: datetime
    quantity: float
    price: float | None
    discount: float | None
    store_id: str | None


@dataclass  # plain: an answer has a hundred, and frozen or with slots they cost four times as much
class LoggedCandidate:
    """A candidate of the pool.

    ``propensity``: its probability at this rank under the policy, given those above it.
    """

    product_id: str
    rank: int
    score: float
    propensity: float
    stage: str | None = None  # which stage of the ranking found it, where there are several
    variant: str | None = None  # of an interleaved answer: whose ranking put it there


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds spent by stage; ``queue``: waiting for the model's turn, which is no work."""

    retrieve: float
    features: float
    queue: float
    score: float
    total: float


@dataclass(frozen=True, slots=True)
class PredictionRecord:
    """One answer: who asked, what was shown at which rank with what score, and by which model.

    With the model's tag and the state's version it holds all that is needed to compute the answer
    again. The ``limit`` candidates after the first ``offset`` were shown.
    """

    request_id: str
    scenario: str
    occurred_at: datetime
    logged_at: datetime
    user_id: str
    session: list[str]
    exclude: list[str]
    limit: int
    context: str
    model_tag: str
    bento_tag: str
    variant: str  # champion, challenger, shadow or interleaved
    policy: str
    state_version: str
    backend: str
    precision: str
    n_scored: int
    n_read: int  # of them by the model itself; the others keep the first stage's order
    degraded: bool
    recent: list[LoggedEvent]
    candidates: list[LoggedCandidate]
    timings_ms: Timings
    error: str | None = None
    query: str | None = None  # as it was typed, where there is one
    offset: int = 0
    asked: str = "{}"  # JSON object: filters, sort, and what else the request named
    understood: str = "{}"  # JSON object: what was made of the query
    index_version: str | None = None  # where products are retrieved from an index
    deadline_ms: float | None = None  # that the request gave or was given; None: it had none
    client_gone: bool = False  # nobody waited for the answer any more
    pinned: bool = False  # a header chose the variant: a test, no part of an experiment
    shadow_of: str | None = None  # nobody saw this: the request whose answer was shown instead
    interleaved_with: str | None = None  # the champion's tag, whose ranking was mixed in
    log_version: int = field(default=LOG_VERSION)
