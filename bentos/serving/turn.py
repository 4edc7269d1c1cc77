"""A request's turn: the variant that answers it, and the ranking that comes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, Protocol, TypeVar
from uuid import uuid4

from bentos.serving.interleaving import team_draft
from bentos.serving.live import InService
from bentos.serving.record import LoggedCandidate
from bentos.serving.rollout import Variant

GREEDY = "greedy"  # the best scores, in their order: every propensity is 1
TEAM_DRAFT = "team-draft"  # two rankings, drawn in turns


class Ranking(Protocol):
    """What a ranker answers."""

    @property
    def degraded(self) -> bool:
        """Whether there was no time for all that it would have read."""

    @property
    def candidates(self) -> list[LoggedCandidate]:
        """The best of what was ranked, as the log holds them."""


R = TypeVar("R")
K = TypeVar("K", bound=Ranking)


@dataclass(frozen=True)
class Turn(Generic[R]):
    """Who answers a request; it keeps what was in service when it began."""

    serving: InService[R]
    variant: Variant = "champion"
    pinned: bool = False
    request_id: str = ""
    shadow_of: str | None = None

    @property
    def ranker(self) -> R:
        """The model that answers; of an interleaved answer the one beside the champion."""
        return self.serving.rankers[self.variant]

    @property
    def model_tag(self) -> str:
        """Its tag."""
        return self.serving.record.models[self.variant]

    def shadow(self) -> "Turn[R]":
        """The turn of the model in the shadow of this one."""
        return replace(self, variant="shadow", request_id=str(uuid4()), shadow_of=self.request_id)

    def rank(self, ask: Callable[[R], K], *, mixes: bool = True) -> "Drawn[R, K]":
        """What the model answers that ``ask`` asks; of an interleaved answer both.

        The champion answers alone where an order does not come from scores (``mixes``), or there
        was no time for two whole rankings.
        """
        if self.variant != "interleaved":
            return Drawn(self, ask(self.ranker))
        champion = Drawn(replace(self, variant="champion"), ask(self.serving.rankers["champion"]))
        if not mixes or champion.ranking.degraded:
            return champion
        interleaved = ask(self.ranker)
        if interleaved.degraded:
            return champion
        return Drawn(self, champion.ranking, interleaved)


@dataclass(frozen=True)
class Drawn(Generic[R, K]):
    """The ranking that answers a request, and whose it is."""

    turn: Turn[R]
    ranking: K
    interleaved: K | None = None

    @property
    def policy(self) -> str:
        """How the order came from the scores."""
        return GREEDY if self.interleaved is None else TEAM_DRAFT

    @cached_property
    def candidates(self) -> list[LoggedCandidate]:
        """What the answer is made of."""
        if self.interleaved is None:
            return self.ranking.candidates
        pools = self.ranking.candidates, self.interleaved.candidates
        return team_draft(*pools, seed=self.turn.request_id)
